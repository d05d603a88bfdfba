# Checks where files are:  cmake -DTOP=... -P files_have_their_places.cmake
#
#   Every source and public header of lib is in the lists of lib/CMakeLists.txt, and every test in those of
#   test/CMakeLists.txt.
#   The bodies of the functions that x.hpp declares are in x.cpp: in the room of the header, or in the folder of a system
#   in os. Sources that hold further bodies of one header are named below.
#   Every file that the docs name is there.
cmake_minimum_required(VERSION 3.25)

set(faults)

# parts_of(HEADER SOURCE...), below lib/src: the bodies of the header's class are in these too.
macro(parts_of header)
    if(NOT EXISTS ${TOP}/lib/src/${header})
        list(APPEND faults "${header}, which has parts, is not there")
    endif()
    list(APPEND parts ${ARGN})
endmacro()
set(parts)
parts_of(pool/supervisor.hpp pool/cancel.cpp pool/collect.cpp pool/ending.cpp pool/event_loop.cpp pool/sizing.cpp
    pool/start_pool.cpp pool/worker_lives.cpp)
parts_of(scheduler/scheduler.hpp scheduler/decisions.cpp)
parts_of(handshake/library_copy.hpp worker/library_copy.cpp) # takes the address of an object of the worker

# Errors of results, declared in call/item_codec.hpp and result/wait_deadline.hpp.
list(APPEND parts call/result_failures.cpp)

file(READ ${TOP}/lib/CMakeLists.txt lists)
string(REPLACE ")" "\n)" lists "${lists}")
file(GLOB_RECURSE files RELATIVE ${TOP}/lib ${TOP}/lib/include/*.hpp ${TOP}/lib/src/*.cpp)
foreach(file IN LISTS files)
    string(FIND "${lists}" " ${file}\n" place)
    if(place EQUAL -1)
        list(APPEND faults "lib/CMakeLists.txt does not list ${file}")
    endif()
endforeach()

file(GLOB_RECURSE files RELATIVE ${TOP}/lib/src ${TOP}/lib/src/*.cpp)
foreach(file IN LISTS files)
    get_filename_component(folder ${file} DIRECTORY)
    get_filename_component(name ${file} NAME_WLE)
    string(REGEX REPLACE "/.*" "" room ${folder})
    set(header_found FALSE)
    foreach(header IN ITEMS lib/src/${folder} lib/src/${room} lib/include/procpool/detail/${room} lib/include/procpool/detail
            lib/include/procpool)
        if(EXISTS ${TOP}/${header}/${name}.hpp)
            set(header_found TRUE)
        endif()
    endforeach()
    if(header_found AND file IN_LIST parts)
        list(APPEND faults "${file} has a header of its own: it is no part of another")
    elseif(NOT header_found AND NOT file IN_LIST parts)
        list(APPEND faults "${file} has no ${name}.hpp that declares what is in it")
    endif()
    list(REMOVE_ITEM parts ${file})
endforeach()
foreach(file IN LISTS parts)
    list(APPEND faults "${file}, which is to be a part of a chapter, is not there")
endforeach()

file(READ ${TOP}/test/CMakeLists.txt lists)
foreach(kind IN ITEMS unit integration stress)
    file(GLOB_RECURSE files RELATIVE ${TOP}/test/${kind} ${TOP}/test/${kind}/*.cpp)
    foreach(file IN LISTS files)
        file(STRINGS ${TOP}/test/${kind}/${file} cases REGEX "^BOOST_(AUTO|FIXTURE|DATA)_TEST_CASE" LIMIT_COUNT 1)
        string(REGEX REPLACE "\\.cpp$" "" name ${file})
        string(FIND "${lists}" "procpool_${kind}_test(${name})" place)
        if(cases AND place EQUAL -1 AND NOT file MATCHES "^apps/")
            list(APPEND faults "test/CMakeLists.txt does not list ${kind}/${file}")
        endif()
    endforeach()
endforeach()

file(GLOB_RECURSE docs RELATIVE ${TOP} ${TOP}/docs/*.md ${TOP}/README.md)
foreach(doc IN LISTS docs)
    file(READ ${TOP}/${doc} text)
    string(REGEX MATCHALL "`([a-z_0-9]+/)+[a-z_0-9]+\\.[ch]pp`" names "${text}")
    foreach(name IN LISTS names)
        string(REPLACE "`" "" name ${name})
        set(found FALSE)
        foreach(folder IN ITEMS "" lib/ lib/src/ lib/include/ lib/include/procpool/ test/ docs/)
            if(EXISTS ${TOP}/${folder}${name})
                set(found TRUE)
            endif()
        endforeach()
        if(NOT found)
            list(APPEND faults "${doc} names ${name}, which is not there")
        endif()
    endforeach()
endforeach()

if(faults)
    list(JOIN faults "\n  " faults)
    message(FATAL_ERROR "files are not where they should be:\n  ${faults}")
endif()
