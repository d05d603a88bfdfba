# Builds for Windows on Debian, with mingw-w64; programs are run by Wine. Boost is what boost-for-mingw.sh has put
# into the folder PROCPOOL_MINGW_BOOST.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PROCPOOL_MINGW_BOOST)
# What is installed for Windows: the system's, Boost, and what CMAKE_PREFIX_PATH names. Nothing of Debian's own.
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32 ${PROCPOOL_MINGW_BOOST} ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Everything in the program: neither the compiler's DLLs nor Boost's need to be found when it starts.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/lib/wine/wine64)
