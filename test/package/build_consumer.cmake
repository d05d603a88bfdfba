# Builds the consumers, runs them, and checks that they print 3.
#
# SOURCE_DIR, VERSION               of procpool
# BUILD_DIR                         for the consumer; deleted first
# GENERATOR, CONFIG, COMPILER, LAUNCHER   those of procpool's build
# TOOLCHAIN, MINGW_BOOST            for another system, those of procpool's build
# VCPKG_INSTALLED, VCPKG_TRIPLET    the folder in which vcpkg has installed Boost, if it has
# MSVC_RUNTIME                      the C++ library that Boost and procpool are linked with, unless it is the default
# EMULATOR, EXECUTABLE_SUFFIX       how the programs are run, and the ends of their names
# SERIALIZATION                     whether there is Boost.Serialization, which one consumer needs
# PREFIX                            use the procpool installed there
# INSTALL_FROM                      and install it first, from this build directory
# KIND, INSTALL_TO                  without PREFIX: add procpool's sources, as a static or shared library, install them
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
    endif()
    message("${output}")
endfunction()

# Not optimised: the programs run only for a moment.
string(TOUPPER "${CONFIG}" config)
set(arguments
    -DCMAKE_CXX_FLAGS_${config}=
    -G ${GENERATOR}
    -DCMAKE_BUILD_TYPE=${CONFIG}
    -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})

if(TOOLCHAIN)
    list(APPEND arguments -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN} -DPROCPOOL_MINGW_BOOST=${MINGW_BOOST})
endif()
if(VCPKG_INSTALLED)
    list(APPEND arguments -DVCPKG_MANIFEST_MODE=OFF -DVCPKG_INSTALLED_DIR=${VCPKG_INSTALLED}
        -DVCPKG_TARGET_TRIPLET=${VCPKG_TRIPLET})
endif()
if(MSVC_RUNTIME)
    list(APPEND arguments -DCMAKE_MSVC_RUNTIME_LIBRARY=${MSVC_RUNTIME})
endif()

if(PREFIX)
    if(INSTALL_FROM)
        file(REMOVE_RECURSE ${PREFIX})
        run(${CMAKE_COMMAND} --install ${INSTALL_FROM} --config ${CONFIG} --prefix ${PREFIX})
    endif()
    string(REGEX MATCH "^[0-9]+" major ${VERSION})
    math(EXPR too_new "${major} + 1")
    list(APPEND arguments
        -DCMAKE_PREFIX_PATH=${PREFIX} -DPROCPOOL_VERSION=${VERSION} -DPROCPOOL_TOO_NEW=${too_new}.0)

    file(GLOB_RECURSE headers RELATIVE ${SOURCE_DIR}/lib/include ${SOURCE_DIR}/lib/include/*.hpp)
    foreach(header IN LISTS headers)
        if(NOT EXISTS ${PREFIX}/include/${header})
            message(FATAL_ERROR "${header} is not installed: it is missing from lib/CMakeLists.txt")
        endif()
    endforeach()
else()
    string(COMPARE EQUAL ${KIND} shared shared)
    list(APPEND arguments
        -DPROCPOOL_SOURCE=${SOURCE_DIR} -DBUILD_SHARED_LIBS=${shared} -DPROCPOOL_INSTALL=ON)
endif()

file(REMOVE_RECURSE ${BUILD_DIR})
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${BUILD_DIR} ${arguments})
run(${CMAKE_COMMAND} --build ${BUILD_DIR} --config ${CONFIG} --parallel 2)
if(INSTALL_TO)
    file(REMOVE_RECURSE ${INSTALL_TO})
    run(${CMAKE_COMMAND} --install ${BUILD_DIR} --config ${CONFIG} --prefix ${INSTALL_TO})
endif()

foreach(program IN ITEMS consumer serializing_consumer)
    if(program STREQUAL "serializing_consumer" AND NOT SERIALIZATION)
        continue()
    endif()
    execute_process(COMMAND ${EMULATOR} ${BUILD_DIR}/${program}${EXECUTABLE_SUFFIX}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
    string(REPLACE "\r\n" "\n" output "${output}") # Windows ends lines in this way
    if(NOT status EQUAL 0 OR NOT output STREQUAL "3\n" OR NOT errors STREQUAL "")
        message(FATAL_ERROR "The ${program} ended with ${status} and printed\n${output}instead of 3; standard error:\n${errors}")
    endif()
endforeach()
