// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "crash/crash_report.hpp"

#include "os/exit_report.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

// How a parent reads a record that a dying worker may have written or overwritten.
using procpool::os::crash_record;
using procpool::os::exit_report;
using procpool::pooling::end_of_worker;
using procpool::pooling::ending_text;

namespace {

exit_report killed_by(int signal_number) {
    exit_report how;
    how.signal_number = signal_number;
    return how;
}

std::unique_ptr<crash_record> record_of(std::uint32_t cause) {
    auto record = std::make_unique<crash_record>();
    record->cause = cause;
    record->causes = 1;
    return record;
}

} // namespace

BOOST_AUTO_TEST_SUITE(crash_report)

BOOST_AUTO_TEST_CASE(no_record_is_no_report) {
    const auto end = end_of_worker(killed_by(11), crash_record{});
    BOOST_TEST(!end.crash.has_value());
    BOOST_TEST(ending_text(end) == "was killed by signal 11 (SIGSEGV)");
}

BOOST_AUTO_TEST_CASE(an_address_is_named) {
    const auto record = record_of(11);
    record->has_address = 1;
    record->address = 0xbeef;
    BOOST_TEST(ending_text(end_of_worker(killed_by(11), *record)) ==
               "was killed by signal 11 (SIGSEGV) at address 0xbeef");
}

BOOST_AUTO_TEST_CASE(a_record_of_another_end_is_not_believed) {
    const auto record = record_of(11);
    record->has_address = 1;
    record->places = 1;
    const auto end = end_of_worker(killed_by(9), *record);
    BOOST_TEST(!end.crash.has_value());
    BOOST_TEST(ending_text(end) == "was killed by signal 9 (SIGKILL)");
}

BOOST_AUTO_TEST_CASE(a_place_has_the_name_of_its_module) {
    const auto record = record_of(11);
    record->module_count = 2;
    std::strcpy(record->modules[1], "libm.so");
    record->places = 3;
    record->stack[0] = {0x10, 1};
    record->stack[1] = {0x20, 0};
    record->stack[2] = {0x30, crash_record::no_module};
    const auto end = end_of_worker(killed_by(11), *record);
    const auto& stack = end.crash.value().stack;
    BOOST_REQUIRE(stack.size() == 3u);
    BOOST_TEST(stack[0].module.value() == "libm.so");
    BOOST_TEST(stack[0].offset == 0x10u);
    BOOST_TEST(stack[1].module.value().empty());
    BOOST_TEST(!stack[2].module.has_value());
}

BOOST_AUTO_TEST_CASE(the_reason_of_a_termination_is_told) {
    const auto record = record_of(6);
    record->texts = 1;
    BOOST_TEST(ending_text(end_of_worker(killed_by(6), *record)) ==
               "called std::terminate() and was killed by signal 6 (SIGABRT)");
    std::strcpy(record->text, "int");
    record->text_bytes = 3;
    BOOST_TEST(ending_text(end_of_worker(killed_by(6), *record)) ==
               "called std::terminate() because of int, and was killed by signal 6 (SIGABRT)");
}

BOOST_AUTO_TEST_CASE(no_count_and_no_name_leads_out_of_the_record) {
    const auto record = record_of(11);
    std::memset(static_cast<void*>(record.get()), 0xff, sizeof *record);
    record->causes = 1;
    record->cause = 11;
    record->texts = 1;
    for (auto& place : record->stack)
        place.module = 3;
    const auto end = end_of_worker(killed_by(11), *record);
    BOOST_TEST(end.crash.value().stack.size() == crash_record::max_places);
    BOOST_TEST(end.crash->stack[0].module.value().size() == crash_record::max_name_bytes);
    BOOST_TEST(end.crash->terminated_by.value().size() == crash_record::max_text_bytes);
}

BOOST_AUTO_TEST_CASE(random_bytes_do_no_harm) {
    procpool::test::seeded_random random;
    const auto record = std::make_unique<crash_record>();
    for (int round = 0; round != 300; ++round) {
        auto* const bytes = reinterpret_cast<unsigned char*>(record.get());
        for (std::size_t i = 0; i != sizeof *record; ++i)
            bytes[i] = static_cast<unsigned char>(random.number());
        record->causes = 1;
        record->texts = 1;
        record->cause = 11;
        BOOST_TEST(!ending_text(end_of_worker(killed_by(11), *record)).empty(), random.how_to_repeat());
    }
}

BOOST_AUTO_TEST_SUITE_END()
