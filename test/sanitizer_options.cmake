# What the sanitizers are told for each test.

# AddressSanitizer keeps freed memory for a while, which the tests of flat memory must not take for a leak. And in
# some, programs end with pools that are leaked on purpose, and workers in the middle of a task, or where no thread that
# could look for leaks may be started, or are killed while they look: then the process that traces them stays for ever.
get_property(tests DIRECTORY PROPERTY TESTS)
foreach(test IN LISTS tests)
    set(options quarantine_size_mb=1)
    if(test MATCHES "^(integration\\.pool\\.(host|host_children|host_end|host_limits|host_sandbox|task_forks|worker_exit)|integration\\.(faults|hosts)\\..*|stress\\.pool\\.soak)$")
        string(APPEND options ":detect_leaks=0")
    endif()
    if(test MATCHES "^integration\\.hosts\\.(copies_|plugins)") # several copies of the library are what they are about
        string(APPEND options ":detect_odr_violation=0")
    endif()
    if(test MATCHES "^(integration\\.(faults|pool|hosts)|stress\\.pool)\\.")
        set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "ASAN_OPTIONS=${options}")
    endif()
endforeach()

# ThreadSanitizer lets each process that ends sleep for a second, in case a race is about to happen.
foreach(test IN LISTS tests)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT
        "TSAN_OPTIONS=atexit_sleep_ms=50 die_after_fork=0 suppressions=${CMAKE_CURRENT_SOURCE_DIR}/support/thread_sanitizer.supp")
endforeach()
if(PROCPOOL_SANITIZE STREQUAL thread)
    set_tests_properties(${tests} PROPERTIES TIMEOUT 300)
    # Ten thousand waiting tasks are too many for its pace, and mappings of its own come and go.
    foreach(test IN ITEMS integration.pool.cancel_many integration.pool.leaks)
        if(TEST ${test})
            set_tests_properties(${test} PROPERTIES DISABLED ON)
        endif()
    endforeach()
endif()
