# Rules for `cmake --install`, so that find_package(procpool) provides the target procpool::procpool.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/procpool)

install(TARGETS procpool EXPORT procpool-targets FILE_SET HEADERS)
install(EXPORT procpool-targets NAMESPACE procpool:: DESTINATION ${package_dir})

# The library has found Boost in its own folder, where its targets and version are known.
find_package(Boost REQUIRED QUIET CONFIG)
get_target_property(libraries procpool LINK_LIBRARIES)
set(PROCPOOL_USES_BOOST_PROCESS OFF)
if("Boost::process" IN_LIST libraries)
    set(PROCPOOL_USES_BOOST_PROCESS ON)
    find_package(Boost REQUIRED QUIET CONFIG COMPONENTS process)
endif()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/procpool-config.cmake.in
    ${PROJECT_BINARY_DIR}/procpool-config.cmake
    INSTALL_DESTINATION ${package_dir}
    NO_SET_AND_CHECK_MACRO)
# Before 1.0, a minor version may break compatibility.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/procpool-config-version.cmake COMPATIBILITY SameMinorVersion)

install(FILES
    ${PROJECT_BINARY_DIR}/procpool-config.cmake
    ${PROJECT_BINARY_DIR}/procpool-config-version.cmake
    ${PROJECT_SOURCE_DIR}/cmake/ProcpoolSerialization.cmake
    DESTINATION ${package_dir})

# For builds without CMake. A static library needs the libraries that it uses in any case; with a shared one,
# they are wanted by `pkg-config --static` only. With absolute folders of installation there is no file.
if(NOT MSVC AND NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" AND NOT IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(pc_cflags "")
    get_target_property(folders Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
    foreach(folder IN LISTS folders)
        if(IS_ABSOLUTE "${folder}" AND NOT folder IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
            string(APPEND pc_cflags " -I${folder}")
        endif()
    endforeach()
    # What programs need of the target's own definitions; generator expressions are for this build alone.
    get_target_property(definitions procpool INTERFACE_COMPILE_DEFINITIONS)
    foreach(definition IN LISTS definitions)
        if(definition AND NOT definition MATCHES "[$]<")
            string(APPEND pc_cflags " -D${definition}")
        endif()
    endforeach()
    string(APPEND pc_cflags " -pthread")

    set(pc_private_libs " -pthread")
    foreach(library IN LISTS libraries)
        if(library STREQUAL "Boost::process")
            get_target_property(file Boost::process LOCATION)
            string(PREPEND pc_private_libs " ${file}")
        elseif(library MATCHES "^[a-z0-9_]+$")
            string(PREPEND pc_private_libs " -l${library}")
        endif()
    endforeach()
    set(pc_libs "")
    get_target_property(kind procpool TYPE)
    if(kind STREQUAL "STATIC_LIBRARY")
        set(pc_libs "${pc_private_libs}")
        set(pc_private_libs "")
    endif()

    set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    file(RELATIVE_PATH relative_prefix /${pc_dir} /)
    string(REGEX REPLACE "/$" "" relative_prefix "${relative_prefix}")
    configure_file(${PROJECT_SOURCE_DIR}/cmake/procpool.pc.in ${PROJECT_BINARY_DIR}/procpool.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/procpool.pc DESTINATION ${pc_dir})
endif()
