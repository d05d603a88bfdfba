// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SOAK_TASKS_HPP
#define PROCPOOL_TEST_SOAK_TASKS_HPP

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

// The tasks of a soak.
namespace procpool::test::soak {

/// How often each task of a round has run, shared by all processes.
using run_book = shared_array<std::uint32_t>;

inline std::uint32_t note_run(const run_book& book, std::size_t entry) {
    return std::atomic_ref(book.span()[entry]).fetch_add(1) + 1;
}

inline std::int64_t add(const run_book& book, std::size_t entry, std::int64_t a, std::int64_t b) {
    note_run(book, entry);
    return a + b;
}

inline std::int64_t square(std::int64_t n) {
    return n * n;
}

/// Longer than what a pipe takes in one piece.
inline const std::string talk_line(5000, 't');
/// Set in the workers of pools that read what they print.
inline constexpr const char* talk_variable = "PROCPOOL_SOAK_TALKS";

/// Prints a line, if somebody reads it.
inline std::int64_t talk(std::int64_t n) {
    if (std::getenv(talk_variable) != nullptr)
        std::puts(talk_line.c_str());
    return n;
}

inline constexpr std::int64_t unlucky = -1'000'000'007;

/// Fails for one number.
inline std::int64_t square_unless_unlucky(std::int64_t n) {
    if (n == unlucky)
        throw std::domain_error("unlucky");
    return square(n);
}

inline void fail(const std::string& why) {
    throw std::domain_error(why);
}

/// Bytes that depend on their position and on `whose`.
inline std::vector<std::uint8_t> bytes_of(std::uint8_t whose, std::size_t count) {
    std::vector<std::uint8_t> out(count);
    std::iota(out.begin(), out.end(), whose);
    return out;
}

inline std::vector<std::uint8_t> complement(std::vector<std::uint8_t> bytes) {
    for (auto& each : bytes)
        each = static_cast<std::uint8_t>(~each);
    return bytes;
}

enum class death : std::uint8_t { exit, immediate_exit, quick_exit, abort, killed, fault };
inline constexpr std::size_t deaths = 6;

inline void die(death how) {
    switch (how) {
    case death::exit:
        std::exit(3);
    case death::immediate_exit:
        ::_exit(4);
    case death::quick_exit:
        std::quick_exit(5);
    case death::abort:
        std::abort();
    case death::killed:
        std::raise(SIGKILL);
        break;
    case death::fault:
        std::signal(SIGSEGV, SIG_DFL); // without the handler of a sanitizer, and its report
        std::raise(SIGSEGV);
        break;
    }
}

/// Dies in its first run.
inline std::int64_t die_once(const run_book& book, std::size_t entry) {
    if (note_run(book, entry) == 1)
        std::raise(SIGKILL);
    return 1;
}

/// Runs until it is asked to stop; if not `obedient`, does not stop.
inline void linger(bool obedient) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock held(mutex);
    never.wait(held, obedient ? this_task::stop_token() : std::stop_token(), [] { return false; });
}

inline std::int64_t sum_in_inner_pool(std::size_t processes, std::int64_t count) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    procpool::pool inner(processes);
    return inner.map_reduce(
        fn<square>, numbers, [](std::int64_t a, std::int64_t b) { return a + b; }, std::int64_t{0});
}

inline void take_much_memory() {
    const std::vector<char> much(std::size_t{1} << 33, 'm');
    static_cast<void>(std::accumulate(much.begin(), much.end(), 0));
}

inline std::int64_t prepared_with = 0;

inline void prepare(std::int64_t with) {
    prepared_with = with;
}

/// The finalizer: `with` must be what the initializer got.
inline void finish(std::int64_t with) {
    if (prepared_with != with)
        throw std::logic_error("the finalizer runs in a worker that was not prepared");
}

inline std::pair<std::size_t, std::int64_t> who_am_i() {
    return {this_worker::index(), prepared_with};
}

/// The place where the codec throws.
enum class breaks : std::uint8_t { on_departure, on_arrival, on_way_back, at_home };

struct fragile {
    breaks when;
    std::size_t ballast;
};

inline fragile same(fragile what) {
    return what;
}

} // namespace procpool::test::soak

template <>
struct procpool::codec<procpool::test::soak::fragile> {
    using fragile = procpool::test::soak::fragile;
    using breaks = procpool::test::soak::breaks;

    static void encode(encoder& out, const fragile& value) {
        out.write(value.when);
        out.write(std::string(value.ballast, 'f'));
        if (value.when == (this_worker::active() ? breaks::on_way_back : breaks::on_departure))
            throw std::domain_error("cannot be encoded");
    }
    static fragile decode(decoder& in) {
        fragile out{};
        out.when = in.read<breaks>();
        out.ballast = in.read<std::string>().size();
        if (out.when == (this_worker::active() ? breaks::on_arrival : breaks::at_home))
            throw std::domain_error("cannot be decoded");
        return out;
    }
};

#endif
