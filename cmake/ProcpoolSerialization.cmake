# The requirements of programs that include <procpool/codec/serialization.hpp>. Included where procpool is
# built and, after installation, by find_package(procpool).
include_guard()

# procpool_link_serialization(TARGET): users of TARGET may use Boost.Serialization, which has been found.
#
# Each worker that starts loads the shared libraries of its program, which takes nearly a millisecond here, so
# only programs that use this library should depend on it. One item contains the flags and the file, so that
# no other item can come between them. If the library is in a directory that the loader does not search, the
# target itself is linked, for which CMake sets the run path.
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
