// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

// Pools and workers that end leave no descriptors, threads or mappings behind.
namespace {

using procpool::test::belongings;
using procpool::test::mapping_count;

/// Mappings that the allocator and the C library may keep: arenas, and stacks of threads that ended.
constexpr std::size_t kept_mappings = 12;

/// Handles that Windows may open in a process and keep: fewer than one per pool or worker.
constexpr std::size_t kept_handles = 10;

#if !defined(_WIN32)
/// Memory that pools share with their workers, without memory that is only reserved.
std::uintmax_t shared_bytes() {
    std::uintmax_t sum = 0;
    for (const int descriptor : procpool::test::open_descriptors()) {
        struct stat status {};
        const auto name =
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor)).string();
        if (name.find("procpool") != std::string::npos && ::fstat(descriptor, &status) == 0)
            sum += static_cast<std::uintmax_t>(status.st_blocks) * 512;
    }
    return sum;
}
#endif

/// How many workers are replaced: fewer where processes start slowly.
#if defined(PROCPOOL_TEST_BY_WINE) || defined(PROCPOOL_SANITIZED)
constexpr int many = 60;
#else
constexpr int many = 200;
#endif

void use(procpool::pool& pool) {
    BOOST_TEST(pool.map([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); },
                        std::vector{1, 20'000, 3'000'000})
                   .back()
                   .size() == 3'000'000U);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(leaks, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(thirty_pools_leave_nothing) {
    const auto before = belongings::now();
    std::size_t mappings = 0;
    std::size_t handles = 0;
    for (int round = 0; round != 30; ++round) {
        {
            procpool::pool pool(2);
            use(pool);
            if (round % 3 == 1) {
                pool.close();
                pool.join();
            }
        }
        BOOST_TEST(procpool::test::eventually([&] { return belongings::now() == before; }));
        if (round == 4) {
            mappings = mapping_count();
            handles = procpool::test::descriptor_count();
        }
    }
    BOOST_TEST(mapping_count() <= mappings + kept_mappings);
    BOOST_TEST(procpool::test::descriptor_count() <= handles + kept_handles);
}

BOOST_AUTO_TEST_CASE(many_replaced_workers_leave_nothing) {
    procpool::pool pool(2);
    use(pool);
    const auto settled = [&] {
        return pool.workers()[0].pid && pool.workers()[1].pid;
    };
    const auto descriptors = belongings::now().descriptors.size();
    const auto before = belongings::now();
    std::size_t mappings = 0;
    std::size_t handles = 0;
    for (int round = 0; round != many; ++round) {
        BOOST_CHECK_THROW(pool.apply([] { procpool::test::kill_itself(); }), procpool::worker_lost);
        if (round == 20) {
            mappings = mapping_count();
            handles = procpool::test::descriptor_count();
        }
    }
    use(pool);
    BOOST_TEST(procpool::test::eventually(settled));
    BOOST_TEST(procpool::test::eventually([&] {
        const auto now = belongings::now();
        return now.descriptors.size() == descriptors && now.threads == before.threads &&
               now.shared_mappings == before.shared_mappings && now.children.size() == before.children.size();
    }));
    BOOST_TEST(mapping_count() <= mappings + kept_mappings);
    BOOST_TEST(procpool::test::descriptor_count() <= handles + kept_handles);
}

BOOST_AUTO_TEST_CASE(big_arguments_and_results_are_given_back) {
    procpool::pool pool(2);
    const std::string much(10'000'000, 'm');
    const auto there_and_back = [](const std::string& s) {
        return s;
    };
    for (int round = 0; round != 20; ++round)
        BOOST_TEST(pool.apply(there_and_back, much).size() == much.size());
    std::vector<procpool::async_result<std::string>> results;
    for (int i = 0; i != 40; ++i)
        results.push_back(pool.apply_async(there_and_back, much));
    for (const auto& each : results)
        BOOST_TEST(each.get().size() == much.size());
#if !defined(_WIN32) // where what was promised is kept until the pool ends
    // Some memory is kept for the next call.
    BOOST_TEST(shared_bytes() < 200'000'000U);
#endif
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
