# What every target that is built here, and none of a user's, is compiled with.
include_guard()

set(PROCPOOL_SANITIZE_FLAGS "")
if(PROCPOOL_SANITIZE STREQUAL "address")
    # Without vptr: it opens a descriptor to look at an object, and errs in the test that has none left.
    set(PROCPOOL_SANITIZE_FLAGS
        -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # With the sanitizer's code in between, GCC no longer sees that an optional is asked before it is read.
        list(APPEND PROCPOOL_SANITIZE_FLAGS -Wno-maybe-uninitialized)
    endif()
    if(PROCPOOL_FUZZ)
        if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
            message(FATAL_ERROR "PROCPOOL_FUZZ needs clang, and its libFuzzer")
        endif()
    endif()
elseif(PROCPOOL_SANITIZE STREQUAL "thread")
    set(PROCPOOL_SANITIZE_FLAGS -fsanitize=thread -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Says that fences are not understood; Asio has some beside its locks.
        list(APPEND PROCPOOL_SANITIZE_FLAGS -Wno-tsan)
    endif()
elseif(PROCPOOL_SANITIZE)
    message(FATAL_ERROR "PROCPOOL_SANITIZE is '${PROCPOOL_SANITIZE}'; it takes address or thread")
endif()

if(PROCPOOL_FUZZ AND NOT PROCPOOL_SANITIZE STREQUAL "address")
    message(FATAL_ERROR "PROCPOOL_FUZZ goes with PROCPOOL_SANITIZE=address")
endif()

# procpool_conforming_msvc(TARGET PUBLIC|PRIVATE): what MSVC must be told in order to be a C++20 compiler: two-phase
# lookup, the true value of __cplusplus, the preprocessor of the standard. The public headers count on it.
function(procpool_conforming_msvc target scope)
    if(MSVC)
        target_compile_options(${target} ${scope} /permissive- /Zc:__cplusplus /Zc:preprocessor /EHsc)
    endif()
endfunction()

# procpool_fuzzed(TARGET): instruments the target so that a fuzzer sees which branches its input takes.
function(procpool_fuzzed target)
    if(PROCPOOL_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
endfunction()

function(procpool_target_options target)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    if(MSVC)
        # Text is UTF-8 whatever the machine's own is; templates make more sections than an object has as a rule.
        target_compile_options(${target} PRIVATE /W4 /utf-8 /bigobj $<$<BOOL:${PROCPOOL_WERROR}>:/WX>)
        procpool_conforming_msvc(${target} PRIVATE)
    else()
        target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
            $<$<BOOL:${PROCPOOL_WERROR}>:-Werror> ${PROCPOOL_SANITIZE_FLAGS})
        target_link_options(${target} PRIVATE ${PROCPOOL_SANITIZE_FLAGS})
    endif()
endfunction()
