# Compiles, links and runs the consumer by what pkg-config says of the procpool installed in PREFIX:
#   cmake -DPREFIX=... -DCOMPILER=... -DPKG_CONFIG=... -DVERSION=... -DBUILD_DIR=... -P pkg_config.cmake
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE file ${PREFIX}/procpool.pc)
list(LENGTH file files)
if(NOT files EQUAL 1)
    message(FATAL_ERROR "${files} files procpool.pc in ${PREFIX}")
endif()
cmake_path(GET file PARENT_PATH folder)
set(ENV{PKG_CONFIG_PATH} ${folder})

function(ask result)
    execute_process(COMMAND ${PKG_CONFIG} ${ARGN} procpool
        OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(${result} "${output}" PARENT_SCOPE)
endfunction()

ask(version --modversion)
if(NOT version STREQUAL VERSION)
    message(FATAL_ERROR "pkg-config says ${version} of procpool ${VERSION}")
endif()
ask(cflags --cflags)
ask(libdir --variable=libdir)
file(MAKE_DIRECTORY ${BUILD_DIR})
ask(libs --libs)
if(EXISTS ${libdir}/libprocpool.so)
    string(APPEND libs " -Wl,-rpath,${libdir}")
endif()
separate_arguments(command UNIX_COMMAND
    "-std=c++20 -O0 -Wall -Wextra -Werror ${cflags} ${CMAKE_CURRENT_LIST_DIR}/consumer/main.cpp -o ${BUILD_DIR}/consumer ${libs}")
execute_process(COMMAND ${COMPILER} ${command} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${BUILD_DIR}/consumer OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
if(NOT output STREQUAL "3\n")
    message(FATAL_ERROR "the program printed ${output}")
endif()
