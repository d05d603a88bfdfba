# Checks that PROGRAM, run by the emulator if there is one, prints the text after "// Output:" in the comment
# at the end of SOURCE.
file(READ ${SOURCE} text)
string(FIND "${text}" "// Output:\n" at)
if(at EQUAL -1)
    message(FATAL_ERROR "${SOURCE} does not say what it prints")
endif()
math(EXPR at "${at} + 11")
string(SUBSTRING "${text}" ${at} -1 expected)
string(REGEX REPLACE "// ?([^\n]*)\n" "\\1\n" expected "${expected}")
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed RESULT_VARIABLE status)
string(REPLACE "\r\n" "\n" printed "${printed}") # Windows ends lines in this way
string(REGEX REPLACE " +\n" "\n" printed "${printed}")
if(NOT status EQUAL 0 OR NOT printed STREQUAL expected)
    message(FATAL_ERROR "status ${status}, and printed\n${printed}instead of\n${expected}")
endif()
