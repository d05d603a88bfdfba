// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "saved_call/saved_call.hpp"

#include <procpool/error.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

using procpool::codec_error;
using procpool::detail::heap_encoder;
using procpool::saved_calls::checksum_of;
using procpool::saved_calls::copy_of;
using procpool::saved_calls::find;
using procpool::saved_calls::from_bytes;
using procpool::saved_calls::identify;
using procpool::saved_calls::saved_call;

namespace {

void some_task(procpool::detail::frame_context&) {}

saved_call some_call() {
    auto out = identify(&some_task);
    out.task_name = "space::task";
    out.item_index = 7;
    out.seed = 3;
    out.number = 8;
    out.bytes.function = std::vector<std::byte>(16, std::byte{1});
    out.bytes.arguments = std::vector<std::byte>(100, std::byte{2});
    return out;
}

std::vector<std::byte> bytes_of(const saved_call& call) {
    heap_encoder out;
    procpool::saved_calls::to_bytes(call, out);
    return {out.bytes().begin(), out.bytes().end()};
}

/// Makes the checksum right again.
void sign(std::vector<std::byte>& bytes) {
    const auto sum = checksum_of(std::span(bytes).first(bytes.size() - sizeof(std::uint64_t)));
    std::memcpy(bytes.data() + bytes.size() - sizeof sum, &sum, sizeof sum);
}

} // namespace

BOOST_AUTO_TEST_SUITE(saved_calls_saved_call)

BOOST_AUTO_TEST_CASE(a_call_comes_back_as_it_was) {
    auto call = some_call();
    BOOST_TEST((from_bytes(bytes_of(call)) == call));
    BOOST_TEST((copy_of(bytes_of(call)) == call.copy));
    call.item_index.reset();
    call.bytes = {};
    call.module_path = "/a/library.so";
    BOOST_TEST((from_bytes(bytes_of(call)) == call));
}

BOOST_AUTO_TEST_CASE(a_file_that_ends_early_is_refused) {
    const auto whole = bytes_of(some_call());
    for (std::size_t size = 0; size != whole.size(); ++size) {
        const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        BOOST_CHECK_THROW(from_bytes(part), codec_error);
        BOOST_CHECK_THROW(copy_of(part), codec_error);
    }
}

BOOST_AUTO_TEST_CASE(a_file_with_a_wrong_byte_is_refused) {
    const auto right = bytes_of(some_call());
    for (std::size_t at = 0; at != right.size(); ++at) {
        auto wrong = right;
        wrong[at] ^= std::byte{0x20};
        BOOST_CHECK_THROW(from_bytes(wrong), codec_error);
    }
}

BOOST_AUTO_TEST_CASE(no_length_leads_beyond_the_file) {
    const auto right = bytes_of(some_call());
    for (std::size_t at = procpool::saved_calls::mark.size(); at + 8 < right.size(); at += 1) {
        for (const auto value : {std::byte{0}, std::byte{0x7f}, std::byte{0xff}}) {
            auto wrong = right;
            std::fill_n(wrong.begin() + static_cast<std::ptrdiff_t>(at), 8, value);
            sign(wrong);
            try {
                const auto read = from_bytes(wrong);
                BOOST_TEST(read.bytes.arguments.size() + read.bytes.function.size() <= right.size());
            } catch (const codec_error&) {
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(bytes_after_the_end_are_refused) {
    auto wrong = bytes_of(some_call());
    wrong.insert(wrong.end(), 16, std::byte{0});
    sign(wrong);
    BOOST_CHECK_THROW(from_bytes(wrong), codec_error);
}

BOOST_AUTO_TEST_CASE(a_call_of_this_build_is_found) {
    std::string why;
    BOOST_TEST((find(some_call(), why) == &some_task));
}

BOOST_AUTO_TEST_CASE(a_call_of_another_build_is_not_found) {
    const auto why_not = [](auto change) {
        auto call = some_call();
        change(call);
        std::string why;
        BOOST_TEST((find(call, why) == nullptr));
        return why;
    };
    BOOST_TEST(why_not([](saved_call& call) { ++call.build_hash; }).starts_with("it is of another build: "));
    BOOST_TEST(why_not([](saved_call& call) { ++call.program; }).starts_with("it is of another build: "));
    BOOST_TEST(why_not([](saved_call& call) { ++call.module; }).find("another version is loaded") !=
               std::string::npos);
    BOOST_TEST(why_not([](saved_call& call) {
                   ++call.module;
                   call.module_path = "/a/library.so";
               }).find("\"/a/library.so\", which is not loaded") != std::string::npos);
    BOOST_TEST(why_not([](saved_call& call) { call.offset = ~std::uint64_t{0}; }) ==
               "the position of its task makes no sense");
}

BOOST_AUTO_TEST_SUITE_END()
