// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// Every function that a program may rely on, called as the page of the public interface says.

using namespace procpool::literals;
using namespace std::chrono_literals;

double add(double a, double b);
int square(int n);
int answer();
void work(int n);
void prepare();

template <class Expected, class Given>
void is(Given&&) {
    static_assert(std::same_as<Expected, Given>);
}

struct scale {
    double k;
    double operator()(double x) const { return k * x; }
};

void tasks() {
    constexpr auto named = procpool::keywords<add>("a"_arg, "b"_arg = 1.0);
    is<procpool::bound_task<double>>(procpool::bind(named, "a"_arg = 1));
    is<procpool::bound_task<int>>(procpool::bind(procpool::fn<square>, 2));
    is<procpool::bound_task<double>>(procpool::bind(scale{2.0}, 3.0));
    const int k = 2;
    is<procpool::bound_task<int>>(procpool::bind(procpool::by_value([k](int x) { return k * x; }), 3));
    const procpool::bound_task<void> dropped = procpool::bind(procpool::fn<square>, 2);
    const procpool::bound_task<void> alone = procpool::fn<prepare>;
    const procpool::bound_task<void> with_result = procpool::fn<answer>;
    const procpool::bound_task<void> of_lambda = [] {
    };
    static_assert(std::is_copy_constructible_v<procpool::bound_task<int>>);
    static_assert(!std::is_convertible_v<int, procpool::bound_task<void>>);
}

void in_tasks() {
    is<bool>(procpool::this_worker::active());
    static_assert(noexcept(procpool::this_worker::active()));
    is<std::size_t>(procpool::this_worker::index());
    is<std::uint64_t>(procpool::this_worker::generation());
    is<bool>(procpool::this_task::active());
    is<std::stop_token>(procpool::this_task::stop_token());
    is<std::uint64_t>(procpool::this_task::seed());
    procpool::this_task::report(0.5);
}

void calls(procpool::pool& pool) {
    const procpool::call_options options{.timeout = 1s, .retries = 1};
    is<int>(pool.apply(procpool::fn<square>, 2));
    is<int>(pool.apply(options, procpool::fn<square>, 2));
    is<int>(pool.apply({.retries = 1}, procpool::fn<square>, 2));
    is<procpool::async_result<int>>(pool.apply_async(procpool::fn<square>, 2));
    is<procpool::async_result<int>>(pool.apply_async(options, procpool::fn<square>, 2));
    is<procpool::async_result<void>>(pool.apply_async({.timeout = 1s}, procpool::fn<work>, 2));
    is<std::future<int>>(pool.async_apply(procpool::bind(procpool::fn<square>, 2), boost::asio::use_future));
    is<std::future<int>>(
        pool.async_apply(options, procpool::bind(procpool::fn<square>, 2), boost::asio::use_future));
    pool.async_apply({.retries = 1}, procpool::bind(procpool::fn<work>, 2), [](std::exception_ptr) {});
    pool.async_apply(procpool::bind(procpool::fn<square>, 2), [](std::exception_ptr, int) {});
}

void maps(procpool::pool& pool, const std::vector<int>& items, const std::map<int, double>& pairs) {
    const procpool::map_options options{.chunk_size = 2};
    is<std::vector<int>>(pool.map(procpool::fn<square>, items));
    is<std::vector<int>>(pool.map(procpool::fn<square>, items, options));
    is<std::vector<int>>(pool.map(procpool::fn<square>, {1, 2, 3}));
    is<std::vector<int>>(pool.map(procpool::fn<square>, {1, 2, 3}, options));
    is<std::vector<int>>(pool.map([](int n) { return n; }, {1, 2, 3}, {.chunk_size = 1}));
    is<procpool::async_result<std::vector<int>>>(pool.map_async(procpool::fn<square>, items));
    is<procpool::async_result<void>>(pool.map_async(procpool::fn<work>, {1, 2, 3}));
    static_assert(std::is_void_v<decltype(pool.map(procpool::fn<work>, items))>);
    is<std::vector<double>>(pool.starmap(procpool::fn<add>, pairs));
    is<std::vector<double>>(pool.starmap(procpool::fn<add>, {{1, 2}, {3, 4}}));
    is<std::vector<double>>(pool.starmap(procpool::fn<add>, {std::tuple(1, 2), std::tuple(3, 4)}, options));
    is<procpool::async_result<std::vector<double>>>(pool.starmap_async(procpool::fn<add>, {{1.0, 2.0}}));
    is<procpool::result_stream<int>>(pool.imap(procpool::fn<square>, items, {.max_in_flight = 2}));
    is<procpool::result_stream<int>>(pool.imap(procpool::fn<square>, {1, 2, 3}));
    is<procpool::result_stream<int>>(pool.imap_unordered(procpool::fn<square>, std::vector<int>{1}));
    is<procpool::result_stream<int>>(pool.imap_unordered(procpool::fn<square>, {1, 2, 3}, options));
    is<int>(pool.map_reduce(procpool::fn<square>, items, std::plus<>(), 0));
    is<int>(pool.map_reduce(procpool::fn<square>, {1, 2, 3}, std::plus<>(), 0, options));
    is<procpool::async_result<int>>(pool.map_reduce_async(procpool::fn<square>, {1, 2, 3}, std::plus<>(), 0));
}

void results(procpool::async_result<int>& result, const procpool::async_result<void>& nothing) {
    static_assert(std::is_nothrow_default_constructible_v<procpool::async_result<int>>);
    static_assert(std::is_copy_constructible_v<procpool::async_result<int>>);
    static_assert(noexcept(result.valid())&& noexcept(result.ready()));
    is<bool>(result.valid());
    is<const int&>(result.get());
    is<int>(procpool::async_result<int>(result).get());
    is<const int&>(result.get(1s));
    result.wait();
    is<bool>(result.wait(1ms));
    is<bool>(result.successful());
    is<bool>(result.cancel());
    is<std::exception_ptr>(result.error());
    is<std::future<int>>(result.async_get(boost::asio::use_future));
    is<std::future<void>>(nothing.async_get(boost::asio::use_future));
    is<procpool::async_result<int>&>(
        result.on_success([](const int&) {}).on_error([](std::exception_ptr) {}));
    nothing.get();
    nothing.get(1s);
}

void streams(procpool::result_stream<int>& stream) {
    is<std::optional<int>>(stream.next());
    is<std::optional<int>>(stream.next(1s));
    for (int& each : stream)
        static_cast<void>(each);
    static_assert(std::is_move_constructible_v<procpool::result_stream<int>>);
    static_assert(!std::is_copy_constructible_v<procpool::result_stream<int>>);
}

void pools() {
    procpool::init();
    is<std::size_t>(procpool::default_processes());
    procpool::pool made;
    procpool::pool pool(4);
    procpool::pool other({.processes = 1});
    pool = std::move(other);
    is<std::size_t>(pool.size());
    is<std::vector<procpool::worker_info>>(pool.workers());
    is<procpool::pool_stats>(pool.stats());
    is<std::string>(std::as_const(pool).stack_of(0));
    is<std::string>(procpool::to_prometheus(pool.stats(), "pool"));
    is<std::chrono::nanoseconds>(pool.stats().wait.quantile(0.99));
    auto [index, pid, tasks_done, busy, reported, task_name, running_for, restarts] = pool.workers().front();
    is<std::size_t&>(index);
    is<std::optional<long>&>(pid);
    is<std::uint64_t&>(tasks_done);
    is<bool&>(busy);
    is<double&>(reported);
    is<std::string&>(task_name);
    is<std::chrono::nanoseconds&>(running_for);
    is<std::uint64_t&>(restarts);
    pool.close();
    pool.terminate();
    static_assert(noexcept(pool.size())&& noexcept(pool.terminate()));
    pool.join();
}

struct bad_value {
    int value;
};

void errors(const procpool::worker_lost& lost, const std::exception& any) {
    static_assert(std::derived_from<procpool::error, boost::system::system_error>);
    static_assert(std::derived_from<procpool::remote_error, std::runtime_error>);
    is<long>(lost.pid());
    is<std::optional<int>>(lost.exit_status());
    is<std::optional<int>>(lost.signal_number());
    is<const std::string&>(lost.task_name());
    is<const procpool::remote_info*>(procpool::get_remote_info(any));
    is<std::filesystem::path>(procpool::remote_info().saved_call);
    procpool::register_exception<bad_value>();
    procpool::set_unhandled([](std::exception_ptr) {});
}

void arrays() {
    const procpool::shared_array<double> array(10);
    is<std::span<double>>(array.span());
    is<double*>(array.data());
    is<std::size_t>(array.size());
    static_assert(procpool::encodable<std::filesystem::path> && !procpool::encodable<int*>);
}
