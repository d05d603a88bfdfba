# The options of the sanitizers for each test.

# AddressSanitizer keeps freed memory for a while, which must not look like a leak to the tests of memory use.
# Leaks are not searched for in some tests: their programs end with deliberately leaked pools or with workers
# in the middle of a task, cannot start the thread that searches for leaks, or are killed during the search;
# then the process that traces them never ends.
get_property(tests DIRECTORY PROPERTY TESTS)
foreach(test IN LISTS tests)
    set(options quarantine_size_mb=1)
    if(test MATCHES "^(integration\\.pool\\.(host|host_children|host_end|host_limits|host_sandbox|task_forks|worker_exit)|integration\\.(faults|hosts)\\..*|stress\\.pool\\.soak)$")
        string(APPEND options ":detect_leaks=0")
    endif()
    if(test MATCHES "^integration\\.hosts\\.(copies_|plugins)") # tests of several copies of the library
        string(APPEND options ":detect_odr_violation=0")
    endif()
    if(test MATCHES "^(integration\\.(faults|pool|hosts)|stress\\.pool)\\.")
        set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "ASAN_OPTIONS=${options}")
    endif()
endforeach()

# ThreadSanitizer lets each process sleep for a second when it ends, in case a race is about to happen.
foreach(test IN LISTS tests)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT
        "TSAN_OPTIONS=atexit_sleep_ms=50 die_after_fork=0 suppressions=${CMAKE_CURRENT_SOURCE_DIR}/support/thread_sanitizer.supp")
endforeach()
if(PROCPOOL_SANITIZE STREQUAL thread)
    set_tests_properties(${tests} PROPERTIES TIMEOUT 300)
    # Ten thousand waiting tasks are too slow under ThreadSanitizer, and it makes and removes mappings of its
    # own.
    foreach(test IN ITEMS integration.pool.cancel_many integration.pool.leaks)
        if(TEST ${test})
            set_tests_properties(${test} PROPERTIES DISABLED ON)
        endif()
    endforeach()
endif()
