// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/page_range.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>

namespace os = procpool::os;

BOOST_AUTO_TEST_SUITE(page_range)

BOOST_AUTO_TEST_CASE(a_range_of_whole_pages_is_itself) {
    BOOST_TEST((os::whole_pages(8192, 4096, 4096) == os::page_range{8192, 4096}));
}

BOOST_AUTO_TEST_CASE(pages_that_lie_partly_in_the_range_are_left_out) {
    BOOST_TEST((os::whole_pages(1, 3 * 4096, 4096) == os::page_range{4096, 2 * 4096}));
}

BOOST_AUTO_TEST_CASE(a_range_within_one_page_has_none) {
    BOOST_TEST((os::whole_pages(4097, 4000, 4096) == os::page_range{}));
    BOOST_TEST((os::whole_pages(4097, 4096, 4096) == os::page_range{}));
    BOOST_TEST((os::whole_pages(4096, 0, 4096) == os::page_range{}));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_numbers_is_not_passed) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    BOOST_TEST((os::whole_pages(most - 10, 4096, 4096) == os::page_range{}));
    BOOST_TEST((os::whole_pages(most - 4095 - 4096, most, 4096) == os::page_range{most - 4095 - 4096, 4096}));
}

BOOST_AUTO_TEST_SUITE_END()
