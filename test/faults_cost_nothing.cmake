# Checks that a library that was built without fault injection contains none of its symbols:
#   cmake -DNM=nm -DLIBRARY=libprocpool.a -P faults_cost_nothing.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${NM} -C ${LIBRARY} OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT symbols MATCHES "supervisor")
    message(FATAL_ERROR "The symbols of ${LIBRARY} cannot be listed")
endif()
string(REGEX MATCHALL "[^\n]*fault_(point|plan|step)[^\n]*" found "${symbols}")
if(found)
    list(JOIN found "\n" text)
    message(FATAL_ERROR "${LIBRARY} has fault injection in it:\n${text}")
endif()
