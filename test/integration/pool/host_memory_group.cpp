// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/memory_group.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <new>
#include <span>
#include <string>
#include <vector>

// Workers, or a whole program, in a control group with a memory limit. If a process exceeds the limit, the
// kernel kills a process, or refuses memory. If no such group may be created, the program reports this and
// exits with a status that CTest shows as a skipped test.
using namespace procpool::test;
using procpool::bind;
using procpool::fn;

namespace {

constexpr std::size_t megabyte = 1'000'000;
#if defined(PROCPOOL_SANITIZED)
constexpr std::size_t limit = 400 * megabyte; // shadow memory counts, too
constexpr std::size_t moderate = limit / 20;
#else
constexpr std::size_t limit = 100 * megabyte;
constexpr std::size_t moderate = limit / 5;
#endif

/// Writes a line of text to a file of the kernel; returns whether the kernel accepted it.
bool write_to(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    return static_cast<bool>(file << text << std::flush);
}

void enter(const std::string& members) {
    if (!write_to(members, "0"))
        throw std::runtime_error("this process cannot be moved to the control group");
}

/// Allocates memory and writes to all of it.
std::size_t take(std::size_t bytes) {
    const std::vector<char> taken(bytes, 'x');
    return static_cast<std::size_t>(std::count(taken.begin(), taken.end(), 'x'));
}

std::string make_text(std::size_t bytes) {
    return std::string(bytes, 'r');
}

std::size_t length(const std::string& text) {
    return text.size();
}

std::size_t length_of_view(std::span<const char> text) {
    return text.size();
}

std::size_t fill_array(std::size_t bytes) {
    procpool::shared_array<char> array(bytes);
    std::fill(array.span().begin(), array.span().end(), 'a');
    return array.size();
}

enum class end { value, killed, refused, other };

/// How a call ends that takes more memory than there is.
template <class Function>
end end_of(Function function) {
    try {
        function();
        return end::value;
    } catch (const procpool::worker_lost& lost) {
        return was_killed(lost) ? end::killed : end::other;
    } catch (const std::bad_alloc&) {
    } catch (const procpool::codec_error&) {
    } catch (const boost::system::system_error&) {
    }
    return end::refused;
}

/// A program in the same group as its workers. They take more memory than the program, so the kernel kills
/// them.
void live_with_workers(const std::string& members) {
    enter(members);
    procpool::pool pool(2);
    for (int round = 0; round != 3; ++round) {
        expect(end_of([&] { pool.apply(fn<take>, 3 * limit); }) == end::killed, "too much is a kill");
        expect(end_of([&] { pool.apply(fn<make_text>, moderate); }) == end::value, "a result travels");
        use(pool);
    }
    expect(pool.size() == 2, "the pool has its size");
}

/// A program in the same group as its workers, which itself takes too much memory, for arguments.
void send_too_much(const std::string& members) {
    enter(members);
    procpool::pool pool(2);
    use(pool);
    const std::vector<char> much(limit * 3 / 4, 'm');
    static_cast<void>(end_of([&] { pool.apply(fn<length_of_view>, much); }));
    say("it lives, ");
    pool.resize(2); // idle workers may have been killed, and more than once
    use(pool);
}

int play(const std::string& script) {
    const auto space = script.find(' ');
    const auto members = script.substr(space + 1);
    if (script.starts_with("live"))
        live_with_workers(members);
    else
        send_too_much(members);
    say("done\n");
    return 0;
}

/// Two workers in a group; the parent is not in it.
struct limited_workers : nothing_left_behind {
    memory_group group{limit};
    procpool::pool pool{{.processes = 2, .initializer = bind(fn<enter>, group.members())}};

    ~limited_workers() {
        BOOST_TEST(pool.size() == 2U);
        pool.close();
        pool.join();
        BOOST_TEST(group.remove(), "a process is left in the control group");
    }

    template <class Function>
    void check_too_much(Function function) {
        for (int round = 0; round != 3; ++round) {
            const auto how = end_of(function);
            BOOST_TEST((how == end::killed || how == end::refused));
            BOOST_TEST(pool.map(fn<add_one>, std::vector<int>(1000, 1)) == std::vector<int>(1000, 2));
            // The refused memory is not counted any more.
            BOOST_TEST(pool.apply(fn<make_text>, moderate).size() == moderate);
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(host_memory_group)

BOOST_FIXTURE_TEST_CASE(a_task_that_takes_too_much_costs_its_worker, limited_workers) {
    check_too_much([&] { pool.apply(fn<take>, 3 * limit); });
    BOOST_CHECK_THROW(pool.apply(fn<take>, 3 * limit), procpool::worker_lost);
}

BOOST_FIXTURE_TEST_CASE(a_result_that_is_too_big_is_an_error_of_that_call, limited_workers) {
    check_too_much([&] { pool.apply(fn<make_text>, limit * 3 / 4); });
}

BOOST_FIXTURE_TEST_CASE(an_argument_counts_for_who_sends_it, limited_workers) {
    const std::vector<char> much(2 * limit, 'a');
    BOOST_TEST(pool.apply(fn<length_of_view>, much) == much.size());
    const std::string text(2 * limit, 'a');
    check_too_much([&] { pool.apply(fn<length>, text); });
}

BOOST_FIXTURE_TEST_CASE(a_shared_array_counts_for_who_writes_it_first, limited_workers) {
    check_too_much([&] { pool.apply(fn<fill_array>, 3 * limit); });
}

BOOST_FIXTURE_TEST_CASE(items_of_a_map_beside_it_are_not_lost, limited_workers) {
    std::vector<std::size_t> sizes(100, 1000);
    sizes[17] = 3 * limit;
    auto stream = pool.imap(fn<take>, sizes, {.chunk_size = 10});
    for (const auto size : sizes) {
        if (size > limit)
            BOOST_CHECK_THROW(stream.next(), procpool::worker_lost);
        else
            BOOST_TEST(stream.next().value() == size);
    }
}

BOOST_FIXTURE_TEST_CASE(a_program_in_the_same_group_goes_on_if_its_workers_take_more, nothing_left_behind) {
    memory_group group(limit);
    BOOST_TEST(answer_to("live " + group.members()) == "done\n");
    BOOST_TEST(group.remove(), "a process is left in the control group");
}

BOOST_FIXTURE_TEST_CASE(a_program_that_takes_too_much_itself_ends_by_no_other_signal_and_leaves_nobody,
                        nothing_left_behind) {
    memory_group group(limit);
    scripted_child program("send " + group.members());
    const auto answer = program.hear_all();
    const auto how = program.wait_for_exit();
    BOOST_TEST((answer == "it lives, done\n" || was_killed(how)), answer << how.text);
    BOOST_TEST(group.remove(), "a process is left in the control group");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::init();
    if (const auto why = memory_group::obstacle(); why && std::getenv(script_variable) == nullptr) {
        std::cout << "not run here: " << *why << '\n';
        return 77;
    }
    return pool_main(argc, argv, play);
}
