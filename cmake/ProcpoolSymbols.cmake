# Function names in the stack of a crashed worker.
include_guard()
include(CheckCXXSourceCompiles)

# procpool_read_symbols(TARGET): TARGET reads symbols and lines by libbacktrace if the compiler provides it,
# as GCC does; the header is included by its path, since other headers in its folder are only for GCC. Without
# libbacktrace, only functions that the dynamic loader knows have names.
function(procpool_read_symbols target)
    if(NOT MSVC AND NOT DEFINED PROCPOOL_BACKTRACE_HEADER)
        execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libbacktrace.a
            OUTPUT_VARIABLE library OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        cmake_path(GET library PARENT_PATH folder)
        find_file(PROCPOOL_BACKTRACE_HEADER backtrace.h PATHS ${folder}/include NO_CMAKE_FIND_ROOT_PATH)
        mark_as_advanced(PROCPOOL_BACKTRACE_HEADER)
    endif()
    if(PROCPOOL_BACKTRACE_HEADER)
        set(CMAKE_REQUIRED_LIBRARIES backtrace)
        check_cxx_source_compiles("
            #include \"${PROCPOOL_BACKTRACE_HEADER}\"
            int main() { return backtrace_create_state(nullptr, 1, nullptr, nullptr) == nullptr; }"
            PROCPOOL_HAS_LIBBACKTRACE)
    endif()
    if(PROCPOOL_HAS_LIBBACKTRACE)
        target_link_libraries(${target} PRIVATE backtrace)
        set_source_files_properties(src/crash/symbols.cpp PROPERTIES
            COMPILE_DEFINITIONS "PROCPOOL_BACKTRACE_HEADER=\"${PROCPOOL_BACKTRACE_HEADER}\"")
    endif()
endfunction()
