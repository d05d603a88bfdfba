// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/orderly_end.hpp"

#include "os/fault_point.hpp"
#include "os/self.hpp"
#include "worker/running_item.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <thread>

#if !defined(_WIN32)
// Of what a program may be built with; null where it is not. gcc's first is in an archive, from which a weak
// reference takes nothing, so its second is there alone. They are hidden: a procpool in a shared library
// finds its own, if any.
extern "C" {
[[gnu::weak]] void __gcov_dump();
[[gnu::weak]] void __gcov_exit();
[[gnu::weak]] int __llvm_profile_write_file();
[[gnu::weak]] void __lsan_do_leak_check();
}
#endif

namespace procpool::serving {
namespace {

/// A full disk, or a reader that is gone, is no reason not to end.
void flush(std::ostream& stream) noexcept {
    try {
        stream.flush();
    } catch (...) { // the task asked for it by exceptions()
    }
}

#if !defined(_WIN32)

void write_profiles() noexcept {
    if (__gcov_dump != nullptr)
        __gcov_dump();
    else if (__gcov_exit != nullptr)
        __gcov_exit();
    if (__llvm_profile_write_file != nullptr)
        __llvm_profile_write_file();
}

/// Ends the process if it finds something.
void look_for_leaks() noexcept {
    if (__lsan_do_leak_check != nullptr)
        __lsan_do_leak_check();
}

#else

void write_profiles() noexcept {}
void look_for_leaks() noexcept {}

#endif

} // namespace

void end_orderly() noexcept {
    static std::atomic_flag ends;
    while (ends.test_and_set()) // the other thread ends the process
        std::this_thread::sleep_for(std::chrono::hours(1));
    os::fault_point(os::fault_step::worker_ending);
    flush(std::cout);
    flush(std::clog);
    std::fflush(nullptr);
    write_profiles();
    if (running_item::instance().stop_of_all_was_requested())
        os::end_own_tree(0); // with everything that tasks started; and what was abandoned is no leak
    look_for_leaks();
    os::exit_now(0);
}

} // namespace procpool::serving
