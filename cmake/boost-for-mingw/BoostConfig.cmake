# The package that find_package(Boost) finds in the folder that boost-for-mingw.sh made.
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET Boost::headers)
    add_library(Boost::headers INTERFACE IMPORTED)
    set_target_properties(Boost::headers PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES ${root}/include
        INTERFACE_COMPILE_DEFINITIONS "_WIN32_WINNT=0x0A00;BOOST_ALL_NO_LIB")
    foreach(name IN ITEMS json program_options unit_test_framework)
        add_library(Boost::${name} STATIC IMPORTED)
        set_target_properties(Boost::${name} PROPERTIES
            IMPORTED_LOCATION ${root}/lib/libboost_${name}.a
            INTERFACE_LINK_LIBRARIES Boost::headers)
    endforeach()
    # The main function of the static library calls init_unit_test.
    set_property(TARGET Boost::unit_test_framework PROPERTY
        INTERFACE_COMPILE_DEFINITIONS BOOST_TEST_ALTERNATIVE_INIT_API)
endif()

foreach(name IN LISTS Boost_FIND_COMPONENTS)
    if(TARGET Boost::${name})
        set(Boost_${name}_FOUND TRUE)
    elseif(Boost_FIND_REQUIRED_${name})
        set(Boost_FOUND FALSE)
        set(Boost_NOT_FOUND_MESSAGE "boost-for-mingw.sh does not build ${name}")
        return()
    endif()
endforeach()
