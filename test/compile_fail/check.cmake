# Parses SOURCE with COMPILER. It must compile if EXPECTED is empty; else it must not, and the output must
# match EXPECTED.
set(flags "")
string(REPLACE "|" ";" directories "${INCLUDES}|${BOOST_INCLUDES}")
foreach(directory IN LISTS directories)
    list(APPEND flags "-I${directory}")
endforeach()
if(MSVC)
    set(command ${COMPILER} /nologo /std:c++20 /permissive- /Zc:__cplusplus /Zc:preprocessor /EHsc /utf-8 /bigobj
        /DNOMINMAX /DWIN32_LEAN_AND_MEAN /D_WIN32_WINNT=0x0A00 /Zs ${flags} ${SOURCE})
else()
    set(command ${COMPILER} -std=c++20 -fsyntax-only ${flags} ${SOURCE})
endif()
execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)

# FIRST: the first error must be one of procpool's own.
if(FIRST)
    string(REGEX MATCH "error[^\n]*" first "${output}")
    if(NOT first MATCHES "procpool: ")
        message(FATAL_ERROR "${SOURCE}: the first error is not a text of procpool's own:\n${output}")
    endif()
endif()

# The compiler may wrap and quote a message in its own way, so only words are compared.
string(REGEX REPLACE "[ \t\r\n]+" " " words "${output}")
if(EXPECTED STREQUAL "")
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "${SOURCE} should compile:\n${output}")
    endif()
elseif(result EQUAL 0)
    message(FATAL_ERROR "${SOURCE} compiles, and should not")
elseif(NOT words MATCHES "${EXPECTED}")
    message(FATAL_ERROR "${SOURCE} is rejected, but not with the words '${EXPECTED}':\n${output}")
endif()
