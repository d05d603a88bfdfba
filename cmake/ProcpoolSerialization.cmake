# What a program needs that includes <procpool/codec/serialization.hpp>. Included where procpool is built and, once
# installed, where it is found.
include_guard()

# procpool_link_serialization(TARGET): what links to TARGET may use Boost.Serialization, which has been found.
#
# A shared library is loaded by each worker that starts, which takes it nearly a millisecond: only programs that use it
# shall depend on it. One item holds the flags and the file, so that nothing can come between them. In directories
# that the loader does not know, the target itself is linked, for which CMake sets the run path.
function(procpool_link_serialization target)
    get_target_property(file Boost::serialization LOCATION)
    get_filename_component(folder "${file}" DIRECTORY)
    if(UNIX AND NOT APPLE AND folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
        target_link_libraries(${target} INTERFACE -Wl,--push-state,--as-needed,${file},--pop-state)
        get_target_property(definitions Boost::serialization INTERFACE_COMPILE_DEFINITIONS)
        if(definitions)
            target_compile_definitions(${target} INTERFACE ${definitions})
        endif()
    else()
        target_link_libraries(${target} INTERFACE Boost::serialization)
    endif()
endfunction()
