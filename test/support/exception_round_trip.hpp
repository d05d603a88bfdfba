// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SUPPORT_EXCEPTION_ROUND_TRIP_HPP
#define PROCPOOL_TEST_SUPPORT_EXCEPTION_ROUND_TRIP_HPP

// Sends an exception through its encoding and back, as from a worker.

#include "error/exception_transport.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/remote_info.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

namespace test_exceptions {

template <class E>
std::exception_ptr thrown(E error) {
    return std::make_exception_ptr(std::move(error));
}

template <class Function>
std::exception_ptr thrown_by(Function&& function) {
    try {
        function();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

inline procpool::remote_info context() {
    procpool::remote_info info;
    info.worker_pid = 4711;
    info.task_name = "sieve";
    info.item_index = 3;
    return info;
}

inline std::vector<std::byte> encoded(const std::exception_ptr& error) {
    procpool::detail::heap_encoder out;
    procpool::detail::encode_exception(out, error);
    return {out.bytes().begin(), out.bytes().end()};
}

inline std::exception_ptr decoded(std::span<const std::byte> bytes) {
    procpool::decoder in(bytes);
    return procpool::detail::decode_exception(in, context());
}

inline std::exception_ptr round_trip(const std::exception_ptr& error) {
    return decoded(encoded(error));
}

// Calls `look` with the exception, which must be an E and have been thrown in the worker of context().
template <class E, class Look>
void expect(const std::exception_ptr& error, Look look) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& any) {
        const auto* info = procpool::get_remote_info(any);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->worker_pid == 4711);
        BOOST_TEST(info->task_name == "sieve");
        BOOST_TEST(info->item_index.value() == 3U);
        if (const auto* object = dynamic_cast<const E*>(&any))
            look(*object, *info);
        else
            BOOST_ERROR(std::string("wrong type: ") + typeid(any).name() + ": " + any.what());
    }
}

} // namespace test_exceptions

#endif
