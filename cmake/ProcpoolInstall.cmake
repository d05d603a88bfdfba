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
