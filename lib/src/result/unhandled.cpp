// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "result/unhandled.hpp"

#include "os/self.hpp"

#include <procpool/unhandled.hpp>

#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

namespace procpool {
namespace {

struct handler_slot {
    std::mutex mutex;
    std::function<void(std::exception_ptr)> handler;
};

handler_slot& slot() {
    // Never destroyed: callbacks may still run while the program ends.
    static auto* const instance = [] {
        auto made = std::make_unique<handler_slot>();
        os::call_around_forks([] { slot().mutex.lock(); }, [] { slot().mutex.unlock(); });
        return made.release();
    }();
    return *instance;
}

void print(const std::exception_ptr& what) noexcept {
    try {
        std::rethrow_exception(what);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "procpool: an exception that nobody can receive: %s\n", e.what());
    } catch (...) {
        std::fputs("procpool: an exception that nobody can receive, of a type without a text\n", stderr);
    }
}

} // namespace

void set_unhandled(std::function<void(std::exception_ptr)> handler) {
    auto& at = slot();
    const std::lock_guard lock(at.mutex);
    at.handler.swap(handler);
}

void pooling::report_unhandled(const std::exception_ptr& what) noexcept {
    try {
        std::function<void(std::exception_ptr)> handler;
        {
            auto& at = slot();
            const std::lock_guard lock(at.mutex);
            handler = at.handler;
        }
        if (handler)
            handler(what);
        else
            print(what);
    } catch (...) {
        print(std::current_exception());
    }
}

} // namespace procpool
