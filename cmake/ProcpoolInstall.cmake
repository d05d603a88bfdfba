# Rules for `cmake --install`, so that find_package(procpool) provides the target procpool::procpool.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/procpool)

install(TARGETS procpool EXPORT procpool-targets FILE_SET HEADERS)
install(EXPORT procpool-targets NAMESPACE procpool:: DESTINATION ${package_dir})

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
