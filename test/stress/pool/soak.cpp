// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/eventually.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/soak/actions.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/thread_pool.hpp>
#include <boost/program_options.hpp>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>
#include <mutex>
#include <random>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

// Random use for any length of time: threads use several pools in every possible way, while workers are
// killed and stopped, and pools are resized and ended. Every call has one outcome, of a permitted kind; after
// each round nothing is left behind. A seed determines the actions, but not their order in time.
using namespace procpool::test::soak;
using namespace std::chrono_literals;
using procpool::test::belongings;

namespace {

/// Marks the processes of this run, including those of inner pools.
constexpr const char* mark = "PROCPOOL_SOAK";

std::size_t relatives_left() {
    const auto wanted = std::string(mark) + '=' + std::getenv(mark);
    std::size_t found = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc")) {
        const auto name = each.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos || std::stol(name) == ::getpid())
            continue;
        std::ostringstream environment;
        environment << std::ifstream("/proc/" + name + "/environ").rdbuf();
        found += (environment.str() + '\0').find(wanted + '\0') != std::string::npos;
    }
    return found;
}

/// Detects that nothing has happened for a long time: the program then stops, for a debugger, or ends.
class watchman {
  public:
    watchman(const ledger& account, bool freeze)
        : thread_([this, &account, freeze](const std::stop_token& stop) {
            std::unique_lock held(mutex_);
            for (auto before = account.beats();; before = account.beats()) {
                if (ended_.wait_for(held, stop, 2 * forever, [&] { return stop.stop_requested(); }))
                    return;
                if (stop.stop_requested())
                    return;
                if (account.beats() != before)
                    continue;
                std::cerr << "trouble: process " << ::getpid() << " is stuck" << std::endl;
                if (!freeze)
                    std::abort();
            }
        }) {}

  private:
    std::mutex mutex_;
    std::condition_variable_any ended_;
    std::jthread thread_;
};

void end(contestant& at) {
    switch (at.end) {
    case last_act::terminate_before:
        at.pool->terminate();
        break;
    case last_act::destroy_before:
        break;
    default:
        at.pool->close();
        at.pool->join();
    }
    at.pool.reset();
}

void play_round(ledger& account, std::uint64_t seed, std::size_t max_bytes) {
    dice random(seed);
    boost::asio::thread_pool elsewhere(1);
    std::vector<contestant> pools;
    for (auto count = 1 + random.below(3); count != 0; --count) {
        try {
            pools.push_back(make_contestant(random, elsewhere, account));
            ++account.pools;
        } catch (const procpool::start_failed& e) {
            account.ended(ending::not_started);
            if (!descriptors_are_scarce())
                account.trouble(e.what());
        }
    }
    if (!pools.empty()) {
        std::list<client> clients;
        for (auto count = 1 + random.below(4); count != 0; --count)
            clients.emplace_back(pools, account, random.number(), max_bytes);
        {
            const weather around(pools, account, random.number());
            std::vector<std::jthread> threads;
            for (auto& each : clients)
                threads.emplace_back([&each, actions = 20 + random.below(150)] { each.act(actions); });
        }
        for (auto& each : pools)
            end(each);
        for (auto& each : clients)
            each.settle_all();
        elsewhere.join();
        for (auto& each : clients)
            each.check_the_books();
    }
    ++account.rounds;
}

struct settings {
    double seconds = 10;
    std::uint64_t seed = 0;
    std::size_t max_bytes = std::size_t{1} << 26;
    double report = 60;
    bool freeze = false;
};

settings settings_from(int argc, char** argv) {
    namespace po = boost::program_options;
    settings out;
    out.seed = std::random_device()();
    po::options_description options("Uses pools in every way there is while all goes wrong that can");
    options.add_options()("help", "print this")                                                    //
        ("seconds", po::value(&out.seconds)->default_value(out.seconds), "how long")               //
        ("seed", po::value(&out.seed), "what is done; by default something else each time")        //
        ("most-bytes", po::value(&out.max_bytes)->default_value(out.max_bytes), "of an argument")  //
        ("report", po::value(&out.report)->default_value(out.report), "seconds between two lines") //
        ("freeze", po::bool_switch(&out.freeze), "when it is stuck, stay there for a debugger");
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, options), given);
    po::notify(given);
    if (given.count("help") != 0) {
        std::cout << options;
        std::exit(EXIT_SUCCESS);
    }
    return out;
}

int soak(const settings& how) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setenv(mark, std::to_string(::getpid()).c_str(), 1);
    std::cout << "seed " << how.seed << std::endl;
    ledger account;
    const watchman watching(account, how.freeze);
    procpool::set_unhandled([&](const std::exception_ptr& what) {
        try {
            std::rethrow_exception(what);
        } catch (const procpool::error&) { // a finalizer whose worker was killed
        } catch (const std::exception& other) {
            account.trouble(std::string("nobody received ") + other.what());
        }
    });
    const auto before = belongings::after_a_thread();
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(clock::now() - begin).count();
    };
    double next_report = how.report;
    for (std::uint64_t round = 0; seconds() < how.seconds && account.troubles() == 0; ++round) {
        play_round(account, how.seed + round * 0x9e3779b97f4a7c15, how.max_bytes);
        if (!procpool::test::eventually(
                [&] { return belongings::now() == before && relatives_left() == 0; })) {
            const auto now = belongings::now();
            account.trouble(std::to_string(relatives_left()) + " processes are left, " +
                            std::to_string(now.descriptors.size()) + " descriptors, before there were " +
                            std::to_string(before.descriptors.size()) + ", " + std::to_string(now.threads) +
                            " threads of " + std::to_string(before.threads) + ", " +
                            std::to_string(now.shared_mappings) + " shared mappings of " +
                            std::to_string(before.shared_mappings));
        }
        if (account.troubles() != 0)
            std::cerr << "in round " << round << " of seed " << how.seed << std::endl;
        if (seconds() > next_report) {
            std::cout << static_cast<int>(seconds()) << " s: ";
            account.print(std::cout);
            next_report += how.report;
        }
    }
    std::cout << "in all, " << static_cast<int>(seconds()) << " s: ";
    account.print(std::cout);
    return account.troubles() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    procpool::init();
    try {
        return soak(settings_from(argc, argv));
    } catch (const std::exception& e) {
        std::cerr << "soak: " << e.what() << std::endl;
        return EXIT_FAILURE;
    }
}
