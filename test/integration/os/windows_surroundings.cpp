// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <cstdlib>

#include <windows.h>

// What workers have around them on Windows: no dialogs.
using namespace procpool::test;

namespace {

constexpr unsigned no_dialogs = SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX;

unsigned error_mode() {
    return ::GetErrorMode();
}

int error_mode_of_c_library() {
    return ::_set_error_mode(_REPORT_ERRMODE);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(windows_surroundings, nothing_left_behind)

BOOST_AUTO_TEST_CASE(no_dialog_waits_for_a_user_of_a_worker) {
    const unsigned own = error_mode();
    const int own_of_c_library = error_mode_of_c_library();
    procpool::pool pool(1);
    BOOST_TEST((pool.apply(procpool::fn<error_mode>) & no_dialogs) == no_dialogs);
    BOOST_TEST(pool.apply(procpool::fn<error_mode_of_c_library>) == _OUT_TO_STDERR);
    BOOST_TEST(error_mode() == own);
    BOOST_TEST(error_mode_of_c_library() == own_of_c_library);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
