# The compiler options of targets that are built here; they do not apply to targets of users.
include_guard()

set(PROCPOOL_SANITIZE_FLAGS "")
if(PROCPOOL_SANITIZE STREQUAL "address")
    # Without vptr, which opens a descriptor to examine an object, and reports an error in the test that has
    # no descriptor left.
    set(PROCPOOL_SANITIZE_FLAGS
        -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The code of the sanitizer keeps GCC from seeing that an optional is checked before it is read.
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
        # This warning says that fences are not supported; Asio has some beside its locks.
        list(APPEND PROCPOOL_SANITIZE_FLAGS -Wno-tsan)
    endif()
elseif(PROCPOOL_SANITIZE)
    message(FATAL_ERROR "PROCPOOL_SANITIZE is '${PROCPOOL_SANITIZE}'; it takes address or thread")
endif()

if(MSVC AND PROCPOOL_SANITIZE)
    message(FATAL_ERROR "PROCPOOL_SANITIZE is for g++ and clang")
endif()
if(PROCPOOL_FUZZ AND NOT PROCPOOL_SANITIZE STREQUAL "address")
    message(FATAL_ERROR "PROCPOOL_FUZZ goes with PROCPOOL_SANITIZE=address")
endif()

# procpool_conforming_msvc(TARGET PUBLIC|PRIVATE): makes MSVC a conforming C++20 compiler: two-phase lookup,
# the true value of __cplusplus, the standard preprocessor. The public headers rely on this. The headers
# of Windows support that preprocessor since the SDK 10.0.19041.
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
        # Text is UTF-8, independent of the locale; templates need more sections than object files have by
        # default.
        # C4324: words of shared memory have cache lines of their own, so there is padding.
        target_compile_options(${target} PRIVATE /W4 /wd4324 /utf-8 /bigobj $<$<BOOL:${PROCPOOL_WERROR}>:/WX>)
        procpool_conforming_msvc(${target} PRIVATE)
    else()
        target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast
            $<$<BOOL:${PROCPOOL_WERROR}>:-Werror> ${PROCPOOL_SANITIZE_FLAGS})
        target_link_options(${target} PRIVATE ${PROCPOOL_SANITIZE_FLAGS})
    endif()
endfunction()
