# Tests that are impossible on the target system appear as disabled tests, and the file not_run.txt of the
# build has the reasons.
#
# In the source of a test, cases that are impossible on a system are enclosed in
#     #if !defined(_WIN32) // lacks REASON
#     #endif
# ("lacks" or "hangs"), with PROCPOOL_TEST_BY_WINE instead of _WIN32 if only Wine is unable to run them.
include_guard()

set(PROCPOOL_NOT_RUN ${PROJECT_BINARY_DIR}/not_run.txt)
file(WRITE ${PROCPOOL_NOT_RUN} "")

# Programs for Windows are run by Wine, unless the build itself runs on Windows.
if(WIN32 AND CMAKE_CROSSCOMPILING_EMULATOR)
    set(PROCPOOL_BY_WINE ON)
else()
    set(PROCPOOL_BY_WINE OFF)
endif()

# procpool_test_without(NAME REASON): adds a disabled test.
function(procpool_test_without name reason)
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E false)
    set_tests_properties(${name} PROPERTIES DISABLED ON)
    file(APPEND ${PROCPOOL_NOT_RUN} "${name}: ${reason}\n")
endfunction()

# procpool_cases_without(TARGET SOURCE): adds a disabled test for each case that is not built here.
function(procpool_cases_without target source)
    set(missing)
    if(WIN32)
        list(APPEND missing _WIN32)
    endif()
    if(PROCPOOL_BY_WINE)
        list(APPEND missing PROCPOOL_TEST_BY_WINE)
    endif()
    if(NOT missing)
        return()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    list(JOIN missing "|" missing)
    file(STRINGS ${source} lines REGEX "^(#if|#endif|BOOST_AUTO_TEST_CASE\\()")
    set(depth 0) # of nested #if within excluded cases
    foreach(line IN LISTS lines)
        if(line MATCHES "^#if !defined\\((${missing})\\) +// ((lacks|hangs) .*)")
            set(reason "${CMAKE_MATCH_2}")
            set(system Windows)
            if(CMAKE_MATCH_1 STREQUAL PROCPOOL_TEST_BY_WINE)
                set(system Wine)
            endif()
            set(depth 1)
        elseif(depth AND line MATCHES "^#if")
            math(EXPR depth "${depth} + 1")
        elseif(depth AND line MATCHES "^#endif")
            math(EXPR depth "${depth} - 1")
        elseif(depth AND line MATCHES "^BOOST_AUTO_TEST_CASE\\(([a-zA-Z0-9_]+)")
            procpool_test_without(${target}.${CMAKE_MATCH_1} "${system} ${reason}")
        endif()
    endforeach()
endfunction()
