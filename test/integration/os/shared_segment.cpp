// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/memory.hpp"

#include "support/scripted_child.hpp"
#include "support/shared_segments.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>
#endif

using namespace procpool::test;
namespace os = procpool::os;

namespace {

std::string to_text(const os::segment_ticket& ticket) {
    std::ostringstream out;
    out << ticket.id << ' ' << ticket.key << ' ' << ticket.bytes;
    return out.str();
}

/// In the child: attaches the segment that the script names, and uses it.
int play(const std::string& script) {
    std::istringstream words(script);
    std::string what;
    os::segment_ticket ticket;
    words >> what >> ticket.id >> ticket.key >> ticket.bytes;
    if (what == "make") { // makes one, and holds it until it is killed
        const auto made = os::shared_segment::create(1000);
        say(to_text(made.ticket()));
        sleep_for_ever();
    }
    const auto segment = os::shared_segment::attach(ticket);
    if (!segment) {
        say("gone");
        return 0;
    }
    if (what == "hold") {
        say("attached");
        sleep_for_ever();
    }
    say(reinterpret_cast<const char*>(segment->data()));
    std::strcpy(reinterpret_cast<char*>(segment->data()), "from the child");
    return 0;
}

bool all_are_zero(const os::shared_segment& segment) {
    return std::all_of(segment.data(), segment.data() + segment.size(),
                       [](std::byte each) { return each == std::byte{0}; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_segment, nothing_left)

BOOST_AUTO_TEST_CASE(its_bytes_are_zero_and_aligned) {
    for (const std::uint64_t bytes : {1U, 63U, 64U, 4032U, 4033U, 100'000U}) {
        const auto segment = os::shared_segment::create(bytes);
        BOOST_TEST(segment.size() == bytes);
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(segment.data()) % os::shared_segment::alignment == 0U);
        BOOST_TEST(all_are_zero(segment));
        std::memset(segment.data(), 'x', segment.size());
    }
}

BOOST_AUTO_TEST_CASE(another_process_sees_the_same_bytes) {
    const auto segment = os::shared_segment::create(5000);
    std::strcpy(reinterpret_cast<char*>(segment.data()), "from the parent");
    BOOST_TEST(answer_to("greet " + to_text(segment.ticket())) == "from the parent");
    BOOST_TEST(reinterpret_cast<const char*>(segment.data()) == std::string("from the child"));
}

BOOST_AUTO_TEST_CASE(it_takes_no_descriptor) {
    const auto before = open_descriptors();
    const auto segment = os::shared_segment::create(5000);
    const auto again = os::shared_segment::attach(segment.ticket());
    BOOST_TEST(again.has_value());
    BOOST_TEST(open_descriptors() == before, boost::test_tools::per_element());
}

#if !defined(_WIN32) // lacks marks for removal: a mapping is gone with its last handle
BOOST_AUTO_TEST_CASE(it_is_marked_for_removal_from_the_beginning) {
    const auto segment = os::shared_segment::create(5000);
    const auto all = segments_of(own_pid());
    BOOST_TEST_REQUIRE(all.size() == 1U);
    BOOST_TEST(all[0].removed);
    BOOST_TEST(all[0].attached == 1);
}
#endif

BOOST_AUTO_TEST_CASE(it_is_gone_with_its_last_owner) {
    std::optional<os::shared_segment> first(os::shared_segment::create(5000));
    const auto ticket = first->ticket();
    auto second = os::shared_segment::attach(ticket);
    BOOST_TEST_REQUIRE(second.has_value());
    std::memset(first->data(), 'x', 10);
    first.reset();
    BOOST_TEST(std::to_integer<int>(second->data()[9]) == 'x');
    BOOST_TEST(os::shared_segment::attach(ticket).has_value());
    second.reset();
    BOOST_TEST(!os::shared_segment::attach(ticket).has_value());
    BOOST_TEST(segments_are(0));
    BOOST_TEST(answer_to("greet " + to_text(ticket)) == "gone");
}

BOOST_AUTO_TEST_CASE(an_owner_that_is_killed_holds_it_no_longer) {
    auto segment = std::optional(os::shared_segment::create(5000));
    scripted_child child("hold " + to_text(segment->ticket()));
    BOOST_TEST(child.hear_some() == "attached");
    segment.reset();
    BOOST_TEST(segments_are(1));
    os::kill_tree(child.process());
    child.wait_for_exit();
    BOOST_TEST(segments_are(0));
}

BOOST_AUTO_TEST_CASE(it_survives_who_made_it) {
    scripted_child child("make");
    std::istringstream words(child.hear_some());
    os::segment_ticket ticket;
    words >> ticket.id >> ticket.key >> ticket.bytes;
    const auto segment = os::shared_segment::attach(ticket);
    BOOST_TEST_REQUIRE(segment.has_value());
    const auto pid = os::pid(child.process());
    os::kill_tree(child.process());
    child.wait_for_exit();
    BOOST_TEST(all_are_zero(*segment));
    BOOST_TEST(segments_are(1, pid));
}

BOOST_AUTO_TEST_CASE(a_ticket_that_does_not_fit_attaches_nothing) {
    const auto segment = os::shared_segment::create(5000);
    const auto good = segment.ticket();
    auto other_key = good;
    ++other_key.key;
    auto more = good;
    more.bytes += 1;
    auto less = good;
    less.bytes -= 1;
    auto absurd = good;
    absurd.bytes = std::numeric_limits<std::uint64_t>::max();
    auto other_id = good;
    other_id.id += std::uint64_t{1} << 32;
    auto no_id = good;
    no_id.id = std::numeric_limits<std::uint64_t>::max();
    for (const auto& each : {other_key, more, less, absurd, other_id, no_id})
        BOOST_TEST(!os::shared_segment::attach(each).has_value());
    for (const auto& each : segments_of(own_pid()))
        BOOST_TEST(each.attached == 1);
}

#if !defined(_WIN32) // lacks System V shared memory
BOOST_AUTO_TEST_CASE(the_segment_of_somebody_else_is_not_taken_for_one) {
    const int id = ::shmget(IPC_PRIVATE, 64 + 5000, IPC_CREAT | 0600);
    BOOST_TEST_REQUIRE(id != -1);
    const os::segment_ticket ticket{static_cast<std::uint64_t>(id), 1, 5000};
    BOOST_TEST(!os::shared_segment::attach(ticket).has_value());
    BOOST_TEST(segments_of(own_pid()).at(0).attached == 0);
    ::shmctl(id, IPC_RMID, nullptr);
}
#endif

BOOST_AUTO_TEST_CASE(two_segments_have_different_keys) {
    const auto one = os::shared_segment::create(1);
    const auto two = os::shared_segment::create(1);
    BOOST_TEST(one.ticket().key != two.ticket().key);
    BOOST_TEST(one.ticket().id != two.ticket().id);
}

BOOST_AUTO_TEST_CASE(absurd_sizes_are_an_error_and_leave_nothing) {
    for (const auto bytes : {std::numeric_limits<std::uint64_t>::max(),
                             std::numeric_limits<std::uint64_t>::max() - 64, std::uint64_t{1} << 60})
        BOOST_CHECK_THROW(os::shared_segment::create(bytes), std::bad_alloc);
    BOOST_TEST(segments_are(0));
}

#if !defined(_WIN32)       // lacks a limit on the address space of a process
#ifndef PROCPOOL_SANITIZED // these need all the address space
BOOST_AUTO_TEST_CASE(no_address_space_is_an_error_and_leaves_nothing) {
    const auto segment = os::shared_segment::create(std::uint64_t{256} << 20);
    rlimit before{};
    BOOST_TEST_REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit little{pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + (64U << 20),
                        before.rlim_max};
    ::setrlimit(RLIMIT_AS, &little);
    BOOST_CHECK_THROW(os::shared_segment::create(std::uint64_t{256} << 20), std::bad_alloc);
    BOOST_CHECK_THROW(os::shared_segment::attach(segment.ticket()), std::bad_alloc);
    ::setrlimit(RLIMIT_AS, &before);
    BOOST_TEST(segments_are(1));
}
#endif
#endif

#if !defined(_WIN32) // lacks core dumps
BOOST_AUTO_TEST_CASE(it_is_left_out_of_core_dumps) {
    const auto segment = os::shared_segment::create(5000);
    std::ifstream maps("/proc/self/smaps");
    bool ours = false;
    std::size_t excluded = 0;
    for (std::string line; std::getline(maps, line);) {
        ours = ours || line.find("/SYSV") != std::string::npos;
        if (ours && line.starts_with("VmFlags:")) {
            excluded += line.find(" dd") != std::string::npos;
            ours = false;
        }
    }
    BOOST_TEST(excluded == 1U);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return integration_main(argc, argv, play);
}
