// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_WALK_HPP
#define PROCPOOL_TEST_WALK_HPP

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

// Walks through all calls that can fail during an operation: in the first step the first of them fails, then
// the second, until no call is left.
namespace procpool::test {

/// Ends the program, and prints the step, if a step takes too long.
class walk_watch {
  public:
    /// A step takes milliseconds, or seconds on a busy machine.
    static constexpr std::chrono::seconds limit{60};
    walk_watch() : thread_([this] { watch(); }) {}
    walk_watch(const walk_watch&) = delete;
    walk_watch& operator=(const walk_watch&) = delete;
    ~walk_watch() {
        over_ = true;
        thread_.join();
    }

    void step(const char* where, unsigned k) noexcept {
        where_ = where;
        k_ = k;
        ++steps_;
    }

    /// The first action in the watch's thread.
    static inline void (*prepare_thread)() = [] {
    };

  private:
    void watch() {
        prepare_thread();
        unsigned seen = 0;
        auto since = std::chrono::steady_clock::now();
        while (!over_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            if (seen != steps_) {
                seen = steps_;
                since = std::chrono::steady_clock::now();
            } else if (std::chrono::steady_clock::now() - since > limit) {
                std::fprintf(stderr, "walk: %s hangs after failure %u\n", where_.load(), k_.load());
                std::abort();
            }
        }
    }

    std::atomic<const char*> where_{"nothing"};
    std::atomic<unsigned> k_{0};
    std::atomic<unsigned> steps_{0};
    std::atomic<bool> over_{false};
    std::thread thread_;
};

/// A setting from the environment, so that a single step can be examined.
inline std::string walk_setting(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

} // namespace procpool::test

#endif
