# Builds for Windows on Debian, with mingw-w64; Wine runs the programs. Boost is in the folder
# PROCPOOL_MINGW_BOOST, made by boost-for-mingw.sh.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PROCPOOL_MINGW_BOOST)
# Searches for Windows files only: those of mingw, of Boost, and of CMAKE_PREFIX_PATH. Debian's own files are
# not used.
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32 ${PROCPOOL_MINGW_BOOST} ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Everything is linked statically, so no DLLs of the compiler or of Boost are needed when a program starts.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/lib/wine/wine64)
