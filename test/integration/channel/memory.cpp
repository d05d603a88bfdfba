// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/memory.hpp"

#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstring>

namespace channel = procpool::channel;
namespace os = procpool::os;
namespace test = procpool::test;
using test::pattern;
using test::same_bytes;

namespace {

struct fixture : test::same_descriptors_after {
    channel::channel_memory parent = channel::channel_memory::create();
    channel::channel_memory worker = channel::channel_memory::adopt(test::same_memory(parent.memory()));
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(memory, fixture)

BOOST_AUTO_TEST_CASE(both_sides_see_the_same_bytes) {
    parent.control().request_head = 17;
    worker.control().response_head = 18;
    BOOST_TEST(worker.control().request_head == 17u);
    BOOST_TEST(parent.control().response_head == 18u);
    const auto value = pattern(1000, 1);
    std::memcpy(parent.requests().data(), value.data(), value.size());
    BOOST_TEST(same_bytes(worker.requests().first(1000), value));
    std::memcpy(worker.responses().data(), value.data(), value.size());
    BOOST_TEST(same_bytes(parent.responses().first(1000), value));
    std::memcpy(worker.results().data(), value.data(), value.size());
    BOOST_TEST(same_bytes(parent.results().first(1000), value));
}

BOOST_AUTO_TEST_CASE(each_side_can_write_only_its_own_parts) {
    BOOST_TEST(test::can_be_written(parent.requests()));
    BOOST_TEST(!test::can_be_written(parent.responses()));
    BOOST_TEST(!test::can_be_written(parent.responses().last(1)));
    BOOST_TEST(!test::can_be_written(parent.results()));
    BOOST_TEST(!test::can_be_written(worker.requests()));
    BOOST_TEST(!test::can_be_written(worker.requests().last(1)));
    BOOST_TEST(test::can_be_written(worker.responses()));
    BOOST_TEST(test::can_be_written(worker.results()));
    BOOST_TEST(test::can_be_written(worker.results().last(1)));
}

BOOST_AUTO_TEST_CASE(parts_have_the_size_they_should) {
    BOOST_TEST(parent.requests().size() == channel::request_ring_bytes);
    BOOST_TEST(parent.responses().size() == channel::response_ring_bytes);
    BOOST_TEST(worker.results().size() == parent.results().size());
    BOOST_TEST(parent.results().size() >= std::uint64_t{16} << 20);
    BOOST_TEST(channel::channel_memory::results_offset() + parent.results().size() == parent.memory().size());
}

#if !defined(_WIN32) // lacks zeros where pages were given back
BOOST_AUTO_TEST_CASE(results_lie_where_memory_is_asked_for_them) {
    os::ensure_memory(worker.memory(), channel::channel_memory::results_offset() + 65'536, 65'536);
    const auto value = pattern(1000, 1);
    std::memcpy(worker.results().data() + 65'536, value.data(), value.size());
    os::release_memory(worker.memory(), channel::channel_memory::results_offset() + 65'536, 65'536);
    BOOST_TEST((worker.results()[65'536] == std::byte{}));
}
#endif

BOOST_AUTO_TEST_CASE(everything_but_results_is_there_before_it_is_written) {
    const auto before = test::bytes_there(parent.memory());
    for (const auto part : {parent.requests(), worker.responses()})
        std::memset(part.data(), 1, part.size());
    worker.control().released[channel::result_slots - 1] = 1;
    BOOST_TEST(test::bytes_there(parent.memory()) == before);
}

BOOST_AUTO_TEST_CASE(a_new_channel_is_all_zero) {
    BOOST_TEST(parent.control().request_head == 0u);
    BOOST_TEST(parent.control().building == 0u);
    BOOST_TEST(parent.control().claims[7] == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}
