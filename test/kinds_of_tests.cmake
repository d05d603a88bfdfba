# How tests of each kind are built, and programs in which chosen calls fail.

# The options of every test of a kind. Frequently included headers are compiled once for each kind;
# all_verify_interface_header_sets checks that headers include what they need.
function(procpool_test_target target kind)
    target_compile_definitions(${target} PRIVATE $<$<STREQUAL:$<TARGET_PROPERTY:Boost::unit_test_framework,TYPE>,SHARED_LIBRARY>:BOOST_TEST_DYN_LINK>
        $<$<BOOL:${PROCPOOL_BY_WINE}>:PROCPOOL_TEST_BY_WINE>
        $<IF:$<STREQUAL:${kind},unit>,BOOST_TEST_MODULE=procpool,BOOST_TEST_NO_MAIN>
        $<$<BOOL:${PROCPOOL_SANITIZE}>:PROCPOOL_SANITIZED>)
    target_link_libraries(${target} PRIVATE procpool::procpool Boost::unit_test_framework)
    if(TARGET Boost::process) # whose headers are among the library's private ones
        target_link_libraries(${target} PRIVATE Boost::process)
    endif()
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/lib/src ${PROJECT_SOURCE_DIR}/test)
    procpool_target_options(${target})
    # Under sanitizers, programs that start workers take clang twice as long to compile with optimisation as without,
    # and run no faster, since most of the time is spent in the library and in waiting. Unit tests walk through models.
    if(PROCPOOL_SANITIZE AND kind STREQUAL integration AND NOT MSVC)
        target_compile_options(${target} PRIVATE -O0)
    endif()
    if(MINGW) # as much as MSVC's linker reserves; others reserve twice as much, or more
        target_link_options(${target} PRIVATE -Wl,--stack,1048576)
    endif()
endfunction()

foreach(kind IN ITEMS unit integration)
    add_library(${kind}-headers OBJECT support/precompiled_headers.cpp)
    procpool_test_target(${kind}-headers ${kind})
    target_precompile_headers(${kind}-headers PRIVATE <boost/test/unit_test.hpp> <procpool/procpool.hpp>)
endforeach()

function(procpool_add_test path kind)
    string(REPLACE "/" "." name ${path})
    set(target ${kind}.${name})
    if(NOT target MATCHES "${PROCPOOL_TESTS}")
        return()
    endif()
    add_executable(${target} ${kind}/${path}.cpp)
    if(kind STREQUAL unit)
        procpool_test_target(${target} unit)
        target_precompile_headers(${target} REUSE_FROM unit-headers)
    else()
        procpool_test_target(${target} integration)
        target_precompile_headers(${target} REUSE_FROM integration-headers)
    endif()
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES TIMEOUT ${PROCPOOL_TEST_TIMEOUT} LABELS ${kind}
        ENVIRONMENT "BOOST_TEST_CATCH_SYSTEM_ERRORS=no")
    procpool_cases_without(${target} ${kind}/${path}.cpp)
endfunction()

# A unit test is in the room of its subject: test/unit/channel/ring.cpp tests lib/src/channel/ring.hpp.
# Tests may include the library's private headers.
function(procpool_unit_test path)
    if(PROCPOOL_BY_WINE AND path MATCHES "^(protocol|scheduler)/|protocol_model$")
        string(REPLACE "/" "." name ${path})
        procpool_test_without(unit.${name} "models and decisions know nothing of the system, and take long to compile")
    else()
        procpool_add_test(${path} unit)
    endif()
endfunction()

# An integration test has its own main function, since its children run the same program
# (test/support/integration_main.hpp, pool_main.hpp).
function(procpool_integration_test path)
    procpool_add_test(${path} integration)
endfunction()

# A stress test runs millions of steps in random order, for a second or two.
function(procpool_stress_test path)
    procpool_add_test(${path} stress)
endfunction()

# procpool_folded_test(TARGET): also as a program in which the linker has folded functions of the same code into one, as
# linkers on Windows do in release builds: a task is found by the address of a function. lld folds no function that
# catches exceptions.
function(procpool_folded_test target)
    if(NOT TARGET ${target} OR WIN32)
        return()
    endif()
    if(NOT PROCPOOL_FOLDING_LINKER)
        procpool_test_without(${target}.folded "lld is not installed")
        return()
    endif()
    add_executable(${target}.folded $<TARGET_OBJECTS:${target}>)
    procpool_test_target(${target}.folded integration)
    target_link_options(${target}.folded PRIVATE -fuse-ld=lld -Wl,--icf=all)
    add_test(NAME ${target}.folded COMMAND ${target}.folded)
    set_tests_properties(${target}.folded PROPERTIES TIMEOUT ${PROCPOOL_TEST_TIMEOUT} LABELS integration
        ENVIRONMENT "BOOST_TEST_CATCH_SYSTEM_ERRORS=no")
endfunction()
find_program(PROCPOOL_FOLDING_LINKER ld.lld)
mark_as_advanced(PROCPOOL_FOLDING_LINKER)

# Programs in which a chosen allocation, or a chosen system call, fails (test/support/failures.hpp).
foreach(kind IN ITEMS allocations system-calls)
    string(REPLACE "-" "_" name ${kind})
    if(WIN32 AND kind STREQUAL system-calls)
        continue()
    endif()
    add_library(failing-${kind} OBJECT support/failing_${name}.cpp)
    target_include_directories(failing-${kind} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_compile_features(failing-${kind} PRIVATE cxx_std_20)
    procpool_target_options(failing-${kind})
endforeach()
if(NOT WIN32)
    target_link_options(failing-allocations INTERFACE -Wl,--wrap=aligned_alloc)
    foreach(function IN ITEMS epoll_create1 epoll_ctl epoll_wait eventfd fallocate fcntl ftruncate kill madvise memfd_create mmap
            mprotect mremap open openat opendir pipe poll posix_spawn ppoll pthread_create read readv recv recvmsg send sendmsg
            shmat shmget sigaltstack socketpair syscall timerfd_create waitid waitpid write writev
            _ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE)
        target_link_options(failing-system-calls INTERFACE -Wl,--wrap=${function})
    endforeach()
endif()
function(procpool_with_failing what target)
    if(TARGET ${target})
        target_link_libraries(${target} PRIVATE failing-${what})
    endif()
endfunction()
