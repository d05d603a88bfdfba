// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/exception_transport.hpp"

#include "support/exception_round_trip.hpp"
#include "support/exceptions.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/throw_exception.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <future>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

using namespace test_exceptions;

namespace {

BOOST_AUTO_TEST_CASE(a_user_type_comes_back_as_remote_error) {
    const auto check = [](const procpool::remote_error& error, const procpool::remote_info& info) {
        BOOST_TEST(error.what() == std::string("text"));
        BOOST_TEST(info.what == "text");
        BOOST_TEST(info.type_name == "test_exceptions::unregistered");
    };
    expect<procpool::remote_error>(round_trip(thrown(unregistered("text"))), check);
    expect<procpool::remote_error>(round_trip(round_trip(thrown(unregistered("text")))), check);
    expect<procpool::remote_error>(
        round_trip(thrown_by([] { std::throw_with_nested(unregistered("text")); })), check);
}

BOOST_AUTO_TEST_CASE(a_number_comes_back_as_remote_error_with_its_type) {
    expect<procpool::remote_error>(round_trip(thrown(42)), [](const auto& error, const auto& info) {
        BOOST_TEST(info.type_name == "int");
        BOOST_TEST(std::string(error.what()) ==
                   "Task \"sieve\" in worker 4711 threw an object of type int, which has no text.");
    });
}

BOOST_AUTO_TEST_CASE(a_thrown_text_is_the_text_of_remote_error) {
    const std::string with_nul("a\0b", 3);
    expect<procpool::remote_error>(round_trip(thrown(with_nul)), [&](const auto& error, const auto& info) {
        BOOST_TEST(info.type_name == "std::string");
        BOOST_TEST(info.what == with_nul);
        BOOST_TEST(error.what() == std::string("a"));
    });
    expect<procpool::remote_error>(round_trip(thrown_by([] { throw "literal"; })),
                                   [](const auto& error, const auto& info) {
                                       BOOST_TEST(info.type_name == "char const*");
                                       BOOST_TEST(error.what() == std::string("literal"));
                                   });
    expect<procpool::remote_error>(
        round_trip(thrown_by([] { throw static_cast<const char*>(nullptr); })),
        [](const auto&, const auto& info) { BOOST_TEST(info.type_name == "char const*"); });
}

BOOST_AUTO_TEST_CASE(a_text_of_any_length_comes_back_whole) {
    const std::string huge(20'000'000, 'x');
    expect<std::runtime_error>(round_trip(thrown(std::runtime_error(huge))),
                               [&](const auto& error, const auto&) { BOOST_TEST((error.what() == huge)); });
    expect<std::runtime_error>(
        round_trip(thrown(std::runtime_error(""))),
        [&](const auto& error, const auto&) { BOOST_TEST(error.what() == std::string()); });
}

// `depth` std::runtime_errors around the number 0, each with its depth as the text.
std::exception_ptr chain(int depth) {
    if (depth == 0)
        return thrown(0);
    return thrown_by([&] {
        try {
            std::rethrow_exception(chain(depth - 1));
        } catch (...) {
            std::throw_with_nested(std::runtime_error(std::to_string(depth)));
        }
    });
}

std::vector<std::string> texts_of_chain(std::exception_ptr error) {
    std::vector<std::string> texts;
    while (error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& object) {
            texts.emplace_back(object.what());
            error = thrown_by([&] { std::rethrow_if_nested(object); });
        }
    }
    return texts;
}

BOOST_AUTO_TEST_CASE(a_chain_of_nested_exceptions_comes_back) {
    const auto texts = texts_of_chain(round_trip(chain(4)));
    BOOST_TEST_REQUIRE(texts.size() == 5U);
    BOOST_TEST(texts[0] == "4");
    BOOST_TEST(texts[3] == "1");
    BOOST_TEST(texts[4].find("type int") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_chain_that_is_too_long_ends_with_a_remark) {
    const auto texts = texts_of_chain(round_trip(chain(100)));
    BOOST_TEST_REQUIRE(texts.size() == std::size_t{procpool::detail::max_nested_exceptions + 2});
    BOOST_TEST(texts.front() == "100");
    BOOST_TEST(texts.back().find("left out") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_nested_exception_that_is_no_std_exception_keeps_its_inner_one) {
    const auto error = thrown_by([] {
        try {
            throw std::logic_error("inner");
        } catch (...) {
            std::throw_with_nested(not_an_exception{1});
        }
    });
    expect<procpool::remote_error>(round_trip(error), [](const auto& object, const auto& info) {
        BOOST_TEST(info.type_name == "test_exceptions::not_an_exception");
        BOOST_CHECK_THROW(std::rethrow_if_nested(object), std::logic_error);
    });
}

BOOST_AUTO_TEST_CASE(a_registered_type_comes_back_as_itself) {
    const auto check = [](const parse_error& error, const procpool::remote_info& info) {
        BOOST_TEST(error.what() == std::string("text"));
        BOOST_TEST(error.line == 12);
        BOOST_TEST(info.what == "text");
        BOOST_TEST(info.type_name == "test_exceptions::parse_error");
    };
    const auto once = round_trip(thrown(parse_error("text", 12)));
    expect<parse_error>(once, check);
    expect<parse_error>(round_trip(once), check);
    expect<parse_error>(round_trip(thrown_by([] { boost::throw_exception(parse_error("text", 12)); })),
                        check);
    expect<parse_error>(round_trip(thrown_by([] { std::throw_with_nested(parse_error("text", 12)); })),
                        check);
}

BOOST_AUTO_TEST_CASE(a_registered_type_need_not_be_a_std_exception) {
    try {
        std::rethrow_exception(round_trip(thrown(plain_failure{5})));
    } catch (const plain_failure& failure) {
        BOOST_TEST(failure.value == 5);
        BOOST_TEST(dynamic_cast<const procpool::detail::remote<plain_failure>&>(failure).info().worker_pid ==
                   4711);
    }
}

BOOST_AUTO_TEST_CASE(a_class_derived_from_a_registered_one_is_not_that_one) {
    expect<procpool::remote_error>(round_trip(thrown(derived_parse_error("text", 12))),
                                   [](const auto&, const auto& info) {
                                       BOOST_TEST(info.type_name == "test_exceptions::derived_parse_error");
                                   });
}

BOOST_AUTO_TEST_CASE(a_registered_type_whose_codec_fails_comes_back_as_remote_error) {
    for (const auto when : {uncodable::fails::in_encode, uncodable::fails::in_decode}) {
        expect<procpool::remote_error>(round_trip(thrown(uncodable(when))),
                                       [](const auto& error, const auto& info) {
                                           BOOST_TEST(error.what() == std::string("uncodable"));
                                           BOOST_TEST(info.type_name == "test_exceptions::uncodable");
                                       });
    }
}

BOOST_AUTO_TEST_CASE(no_exception_at_all_is_still_a_failure) {
    expect<procpool::remote_error>(round_trip(nullptr), [](const auto& error, const auto&) {
        BOOST_TEST(error.what() == std::string("The task failed without an exception."));
    });
}

BOOST_AUTO_TEST_CASE(every_truncated_message_is_a_codec_error) {
    const std::vector<std::exception_ptr> errors{
        thrown(std::invalid_argument("text")),
        thrown(
            std::filesystem::filesystem_error("text", "/a", "/b", std::make_error_code(std::errc::io_error))),
        thrown(std::system_error(7, strange_category())),
        thrown(boost::system::system_error(boost::asio::error::eof)),
        thrown(std::regex_error(std::regex_constants::error_brack)),
        thrown(std::future_error(std::future_errc::no_state)),
        thrown(procpool::worker_lost("text", 5, 1, std::nullopt, "inner")),
        thrown(parse_error("text", 12)),
        thrown(42),
        chain(3)};
    for (const auto& error : errors) {
        const auto bytes = encoded(error);
        for (std::size_t size = 0; size != bytes.size(); ++size) {
            // A copy of exactly this size, so that a sanitizer detects a read beyond it.
            const std::vector<std::byte> prefix(bytes.begin(),
                                                bytes.begin() + static_cast<std::ptrdiff_t>(size));
            expect<procpool::codec_error>(decoded(prefix), [](const auto& failure, const auto&) {
                BOOST_TEST(std::string(failure.what()).find("Task \"sieve\" in worker 4711 has run") == 0U);
            });
        }
    }
}

BOOST_AUTO_TEST_CASE(a_message_with_a_wrong_byte_still_becomes_some_exception) {
    for (const auto& error :
         {thrown(parse_error("text", 12)), thrown(std::system_error(7, strange_category())),
          thrown(std::regex_error(std::regex_constants::error_brack)), chain(2)}) {
        const auto bytes = encoded(error);
        for (std::size_t place = 0; place != bytes.size(); ++place) {
            for (const unsigned wrong : {0x01U, 0x20U, 0x80U, 0xffU}) {
                auto damaged = bytes;
                damaged[place] ^= static_cast<std::byte>(wrong);
                BOOST_TEST((decoded(damaged) != nullptr));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(an_exception_behind_other_bytes_is_decoded_from_there) {
    procpool::detail::heap_encoder out;
    out.write(std::uint8_t{1});
    procpool::detail::encode_exception(out, thrown(parse_error("text", 12)));
    procpool::decoder in(out.bytes());
    in.read<std::uint8_t>();
    expect<parse_error>(procpool::detail::decode_exception(in, context()), [](const auto&, const auto&) {});
    BOOST_TEST(in.remaining() == 0U);
}

} // namespace
