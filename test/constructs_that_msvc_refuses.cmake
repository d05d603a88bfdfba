# Checks for what g++ and clang accept, and MSVC does not:  cmake -DTOP=... -P constructs_that_msvc_refuses.cmake
#
#   a bool that is deduced from noexcept(...) in a partial specialisation: it is an error, or never matches;
#   the address of a typeid in a constexpr table: it is no constant;
#   functions that the headers of mingw-w64 have, and those of Windows have not.
#
# Sources of Linux alone are not looked at.
cmake_minimum_required(VERSION 3.25)

set(refused # a regular expression, and the reason
    "noexcept\\([A-Za-z_]+\\)> *(:|{)" "deduces a bool from noexcept(...)"
    "(constexpr|constinit) [^;]*&typeid\\(" "has the address of a typeid in a constant"
    "[^a-z_](usleep|nanosleep|strcasecmp|gettimeofday|clock_gettime)\\(" "calls a function that MSVC lacks"
    "[^a-z_](__int128|__attribute__)[^a-z_]" "uses what only g++ and clang have")

# faults_of(NAME TEXT): adds what is wrong with TEXT to `faults`.
function(faults_of name text)
    string(REPLACE "if constexpr" "if" text "${text}")
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    set(left ${refused})
    while(left)
        list(POP_FRONT left pattern reason)
        string(REGEX MATCH "${pattern}" found "${text}")
        if(found)
            string(STRIP "${found}" found)
            string(APPEND faults "  ${name} ${reason}: ${found}\n")
        endif()
    endwhile()
    set(faults "${faults}" PARENT_SCOPE)
endfunction()

# The patterns find what they are for.
foreach(text IN ITEMS "struct call<R (*)(P...) noexcept(N)> {}" "static constexpr entry all[]{{&typeid(E), 1}...}"
        "{ ::usleep(1000) }" "using wide = __int128;" "if constexpr (b) return &typeid(E)")
    set(faults)
    faults_of(text "${text}")
    if(text MATCHES "^if" AND faults)
        message(FATAL_ERROR "${text} is no fault, and was found:\n${faults}")
    elseif(NOT text MATCHES "^if" AND NOT faults)
        message(FATAL_ERROR "${text} was not found")
    endif()
endforeach()

set(faults)
set(count 0)
file(GLOB_RECURSE files RELATIVE ${TOP} ${TOP}/lib/*.hpp ${TOP}/lib/*.cpp ${TOP}/apps/*.hpp ${TOP}/apps/*.cpp
    ${TOP}/test/*.hpp ${TOP}/test/*.cpp ${TOP}/docs/examples/*.cpp)
# What system_tests.cmake builds on Linux, and what is not built for Windows at all.
file(READ ${TOP}/test/system_tests.cmake lists)
string(REGEX REPLACE ".*\nelse\\(\\)\n" "" lists "${lists}")
foreach(file IN LISTS files)
    string(REGEX REPLACE "^test/(unit|integration|stress)/(.*)\\.cpp$" "procpool_\\1_test(\\2)" test ${file})
    string(FIND "${lists}" "${test}" place)
    if(file MATCHES "^lib/src/os/linux/|^test/(bench|fuzz|compile_fail|support/(faults|soak|failing_))|^test/integration/(faults|hosts)/"
            OR NOT place EQUAL -1)
        continue()
    endif()
    math(EXPR count "${count} + 1")
    file(READ ${TOP}/${file} text)
    faults_of(${file} "${text}")
endforeach()

if(faults)
    message(FATAL_ERROR "MSVC refuses some constructs:\n${faults}")
endif()
message("${count} files without constructs that MSVC refuses")
