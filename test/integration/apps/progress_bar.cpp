// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/progress_bar.hpp"
#include "support/integration_main.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

// The bar on a pseudo terminal.
namespace {

class terminal {
  public:
    explicit terminal(unsigned short columns) : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
        BOOST_TEST_REQUIRE(master_ >= 0);
        BOOST_TEST_REQUIRE(grantpt(master_) == 0);
        BOOST_TEST_REQUIRE(unlockpt(master_) == 0);
        const int slave = open(ptsname(master_), O_RDWR | O_NOCTTY);
        BOOST_TEST_REQUIRE(slave >= 0);
        const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        BOOST_TEST_REQUIRE(ioctl(slave, TIOCSWINSZ, &size) == 0);
        stderr_before_ = dup(STDERR_FILENO);
        dup2(slave, STDERR_FILENO);
        close(slave);
    }
    ~terminal() {
        leave();
        close(master_);
    }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;

    /// Returns what was written to it, and restores standard error.
    std::string text() {
        leave();
        // The kernel passes the bytes on asynchronously. After the last byte, reading fails with EIO, since no
        // process has the terminal's other end open.
        std::string all;
        char buffer[4096];
        for (ssize_t bytes = 0; (bytes = read(master_, buffer, sizeof buffer)) > 0;)
            all.append(buffer, static_cast<std::size_t>(bytes));
        return all;
    }

  private:
    void leave() {
        if (stderr_before_ < 0)
            return;
        dup2(stderr_before_, STDERR_FILENO);
        close(stderr_before_);
        stderr_before_ = -1;
    }

    int master_;
    int stderr_before_ = -1;
};

const std::string empty_line = "\r\x1b[K";

std::string shown(unsigned short columns) {
    terminal on(columns);
    {
        apps::progress_bar bar;
        bar.show(0.5, "2 processes");
        bar.show(0.5, "2 processes"); // no change
    }
    return on.text();
}

} // namespace

BOOST_AUTO_TEST_SUITE(progress_bar)

BOOST_AUTO_TEST_CASE(the_bar_heeds_the_width_of_the_terminal_and_is_wiped_away) {
    BOOST_TEST(shown(30) == empty_line + "[####.....] 50 %, 2 processes" + empty_line);
    BOOST_TEST(shown(200) == empty_line + '[' + std::string(20, '#') + std::string(20, '.') +
                                 "] 50 %, 2 processes" + empty_line);
}

BOOST_AUTO_TEST_CASE(a_terminal_that_does_not_know_its_width_has_eighty_columns) {
    BOOST_TEST(shown(0).starts_with(empty_line + '[' + std::string(20, '#')));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
