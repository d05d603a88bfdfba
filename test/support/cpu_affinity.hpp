// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_CPU_AFFINITY_HPP
#define PROCPOOL_TEST_CPU_AFFINITY_HPP

#include <boost/test/unit_test.hpp>

#include <cstddef>

#if defined(_WIN32)
#include <windows.h>
#else
#include <sched.h>
#endif

namespace procpool::test {

/// Limits this process to one of its CPUs, until the end of the scope.
class one_cpu_only {
  public:
    one_cpu_only(const one_cpu_only&) = delete;
    one_cpu_only& operator=(const one_cpu_only&) = delete;

#if defined(_WIN32)
    one_cpu_only() {
        DWORD_PTR all = 0;
        BOOST_TEST_REQUIRE(::GetProcessAffinityMask(::GetCurrentProcess(), &before_, &all) != 0);
        const DWORD_PTR lowest = before_ & (~before_ + 1);
        BOOST_TEST_REQUIRE(::SetProcessAffinityMask(::GetCurrentProcess(), lowest) != 0);
    }
    ~one_cpu_only() {
        ::SetProcessAffinityMask(::GetCurrentProcess(), before_);
    }

  private:
    DWORD_PTR before_ = 0;
#else
    one_cpu_only() {
        BOOST_TEST_REQUIRE(::sched_getaffinity(0, sizeof before_, &before_) == 0);
        cpu_set_t one;
        CPU_ZERO(&one);
        for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
            if (CPU_ISSET(cpu, &before_))
                CPU_SET(cpu, &one);
        }
        BOOST_TEST_REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    }
    ~one_cpu_only() {
        ::sched_setaffinity(0, sizeof before_, &before_);
    }

  private:
    cpu_set_t before_;
#endif
};

} // namespace procpool::test

#endif
