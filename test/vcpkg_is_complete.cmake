# Checks that vcpkg.json names each library of Boost that is included, and that the workflow checks out vcpkg at its
# baseline:  cmake -DTOP=... -P vcpkg_is_complete.cmake
#
# A header that another library brings along is there on Debian, where all of Boost is one package.
cmake_minimum_required(VERSION 3.25)

file(READ ${TOP}/vcpkg.json manifest)
set(faults)
file(GLOB_RECURSE files RELATIVE ${TOP} ${TOP}/lib/*.hpp ${TOP}/lib/*.cpp ${TOP}/apps/*.hpp ${TOP}/apps/*.cpp
    ${TOP}/test/*.hpp ${TOP}/test/*.cpp ${TOP}/docs/examples/*.cpp)
foreach(file IN LISTS files)
    file(STRINGS ${TOP}/${file} includes REGEX "^ *# *include <boost/")
    foreach(include IN LISTS includes)
        string(REGEX REPLACE "^ *# *include <boost/([a-z_0-9]+).*" "boost-\\1" port "${include}")
        string(REPLACE "_" "-" port ${port})
        if(port STREQUAL boost-archive)
            set(port boost-serialization)
        endif()
        string(FIND "${manifest}" "\"${port}\"" place)
        if(place EQUAL -1)
            list(APPEND faults "vcpkg.json lacks ${port}, which ${file} includes")
        endif()
    endforeach()
endforeach()

string(JSON baseline GET "${manifest}" builtin-baseline)
file(STRINGS ${TOP}/.github/workflows/ci.yml refs REGEX "^ *ref: ")
if(NOT refs MATCHES "ref: ${baseline}$")
    list(APPEND faults "ci.yml checks out another vcpkg than that of the baseline")
endif()

if(faults)
    list(REMOVE_DUPLICATES faults)
    list(JOIN faults "\n  " text)
    message(FATAL_ERROR "vcpkg.json does not go with the sources:\n  ${text}")
endif()
