// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/collected_output.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// pool_options::on_output: what workers print arrives in lines.

using namespace procpool;
using namespace procpool::test;

namespace work {

int print_number(int number) {
    std::printf("number %d\n", number);
    return number;
}

int print_by_cout(int number) {
    std::cout << "cout " << number << '\n';
    std::cerr << "cerr " << number << '\n';
    return number;
}

int print_without_end(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    return 1;
}

int print_bytes(const std::string& bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return 1;
}

int throw_after(int number) {
    std::fprintf(stderr, "throws %d\n", number);
    throw std::invalid_argument("no");
}

std::string big_after(int number) {
    std::printf("big %d\n", number);
    return std::string(100'000, 'b');
}

int print_lines_and_die(int lines) {
    for (int i = 0; i != lines; ++i)
        std::printf("line %d\n", i);
    std::fputs("last words", stderr);
    kill_itself();
    return 0;
}

int print_errors_and_die(int bytes) {
    std::fputs((std::string(static_cast<std::size_t>(bytes), 'e') + "the end").c_str(), stderr);
    kill_itself();
    return 0;
}

int print_and_hang() {
    std::fputs("before the hang\n", stderr);
    sleep_for_ever();
    return 0;
}

int print_and_stop_late() {
    std::fputs("asked to stop\n", stderr);
    const auto stop = this_task::stop_token();
    while (!stop.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 0;
}

void prepare() {
    std::printf("prepared\n");
}

int print_at(const std::string& path, int number) {
    std::printf("before %d\n", number);
    pass(path, number);
    std::printf("after %d\n", number);
    return number;
}

} // namespace work

namespace {

/// What the C library writes at the end of a line.
#if defined(_WIN32)
const std::string line_end = "\r\n";
#else
const std::string line_end = "\n";
#endif

std::vector<int> numbers_up_to(int end) {
    std::vector<int> out(static_cast<std::size_t>(end));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

pool_options listening(collected_output& to, std::size_t processes) {
    pool_options options;
    options.processes = processes;
    options.on_output = to.listener();
    return options;
}

/// On Windows the worker does not wait until its output was read.
#if defined(_WIN32)
constexpr bool names_are_exact = false;
#else
constexpr bool names_are_exact = true;
#endif

} // namespace

BOOST_FIXTURE_TEST_SUITE(output, nothing_left_behind)

BOOST_AUTO_TEST_CASE(each_line_names_its_worker_and_its_task) {
    collected_output seen;
    pool workers(listening(seen, 1));
    BOOST_TEST(workers.apply(fn<work::print_by_cout>, 7) == 7);
    const auto pid = *workers.workers().front().pid;
    workers.close();
    workers.join();
    const auto lines = seen.all();
    BOOST_TEST_REQUIRE(lines.size() == 2u);
    for (const auto& line : lines) {
        BOOST_TEST(line.worker == 0u);
        BOOST_TEST(line.pid == pid);
        BOOST_TEST(line.text == (line.is_error ? "cerr 7" : "cout 7"));
        BOOST_TEST(!line.item_index.has_value());
        if (names_are_exact)
            BOOST_TEST(line.task_name == "work::print_by_cout");
    }
    BOOST_TEST(lines[0].is_error != lines[1].is_error);
}

BOOST_AUTO_TEST_CASE(each_line_of_a_map_names_its_item) {
    collected_output seen;
    pool workers(listening(seen, 2));
    constexpr int items = 300;
    workers.map(fn<work::print_number>, numbers_up_to(items));
    workers.close();
    workers.join();
    const auto lines = seen.all();
    BOOST_TEST_REQUIRE(lines.size() == static_cast<std::size_t>(items));
    std::vector<bool> come(items);
    for (const auto& line : lines) {
        const auto number = static_cast<std::size_t>(std::stoul(line.text.substr(7)));
        BOOST_TEST_REQUIRE(number < come.size());
        BOOST_TEST(!come[number]);
        come[number] = true;
        if (names_are_exact)
            BOOST_TEST((line.item_index == std::optional(number)));
    }
}

BOOST_AUTO_TEST_CASE(exceptions_and_big_results_do_not_overtake_what_was_printed) {
    collected_output seen;
    pool workers(listening(seen, 1));
    for (int i = 0; i != 20; ++i) {
        BOOST_CHECK_THROW(workers.apply(fn<work::throw_after>, i), std::invalid_argument);
        workers.apply(fn<work::big_after>, i);
    }
    workers.close();
    workers.join();
    for (const auto& line : seen.all())
        if (names_are_exact)
            BOOST_TEST(line.task_name == (line.is_error ? "work::throw_after" : "work::big_after"));
    BOOST_TEST(seen.all().size() == 40u);
}

BOOST_AUTO_TEST_CASE(lines_of_one_worker_arrive_in_order_and_whole) {
    collected_output seen;
    pool workers(listening(seen, 3));
    workers.map(fn<work::print_number>, numbers_up_to(2000));
    workers.close();
    workers.join();
    std::vector<int> last(3, -1);
    BOOST_TEST(seen.all().size() == 2000u);
    for (const auto& line : seen.all()) {
        int number = -1;
        BOOST_TEST_REQUIRE(std::sscanf(line.text.c_str(), "number %d", &number) == 1);
        BOOST_TEST((line.text == "number " + std::to_string(number)));
        if (line.item_index && names_are_exact)
            BOOST_TEST(*line.item_index == static_cast<std::size_t>(number));
    }
}

BOOST_AUTO_TEST_CASE(a_line_arrives_while_its_task_runs) {
    collected_output seen;
    const gate closed;
    pool workers(listening(seen, 1));
    auto result = workers.apply_async(fn<work::print_at>, closed.path(), 3);
    BOOST_TEST(seen.wait_for(1));
    BOOST_TEST(seen.has("before 3"));
    BOOST_TEST(!result.ready());
    closed.open();
    BOOST_TEST(result.get() == 3);
    BOOST_TEST(seen.wait_for(2));
    BOOST_TEST(seen.has("after 3"));
}

BOOST_AUTO_TEST_CASE(the_last_line_needs_no_end) {
    collected_output seen;
    {
        pool workers(listening(seen, 1));
        workers.apply(fn<work::print_without_end>, std::string("first, "));
        workers.apply(fn<work::print_without_end>, std::string("last"));
        BOOST_TEST(seen.all().empty());
        workers.close();
        workers.join();
    }
    BOOST_TEST((seen.texts() == std::vector<std::string>{"first, last"}));
}

BOOST_AUTO_TEST_CASE(any_bytes_pass_unharmed) {
    const std::string bytes("\0\xff\xfe\xc3(\r\x1b", 7);
    const std::string longest(64 * 1024, 'x');
    collected_output seen;
    pool workers(listening(seen, 1));
    workers.apply(fn<work::print_bytes>, bytes + "\n\n" + longest + "y\n" + bytes);
    workers.close();
    workers.join();
    BOOST_TEST((seen.texts() == std::vector<std::string>{bytes, "", longest, "y", bytes}));
}

BOOST_AUTO_TEST_CASE(an_initializer_prints_under_its_own_name) {
    collected_output seen;
    auto options = listening(seen, 2);
    options.initializer = fn<work::prepare>;
    pool workers(options);
    BOOST_TEST(seen.wait_for(2));
    for (const auto& line : seen.all()) {
        BOOST_TEST(line.text == "prepared");
        if (names_are_exact)
            BOOST_TEST(line.task_name == "work::prepare");
    }
}

BOOST_AUTO_TEST_CASE(what_a_dying_worker_wrote_arrives_before_its_loss) {
    for (const int count : {0, 1, 3000}) {
        collected_output seen;
        pool workers(listening(seen, 2));
        auto result = workers.apply_async(fn<work::print_lines_and_die>, count);
        try {
            result.get();
            BOOST_ERROR("the worker did not die");
        } catch (const worker_lost& lost) {
            const auto lines = seen.all();
            BOOST_TEST(lines.size() == static_cast<std::size_t>(count) + 1);
            BOOST_TEST(seen.has("last words"));
            BOOST_TEST((count == 0 || seen.has("line " + std::to_string(count - 1))));
            for (const auto& line : lines) {
                BOOST_TEST(line.pid == lost.pid());
                BOOST_TEST(line.task_name == "work::print_lines_and_die");
            }
            const auto* info = get_remote_info(lost);
            BOOST_TEST_REQUIRE(info != nullptr);
            BOOST_TEST(info->output == "last words");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_loss_has_the_last_4_kib_of_standard_error) {
    collected_output seen;
    pool workers(listening(seen, 1));
    try {
        workers.apply(fn<work::print_errors_and_die>, 10'000);
        BOOST_ERROR("the worker did not die");
    } catch (const worker_lost& lost) {
        BOOST_TEST(get_remote_info(lost)->output == std::string(4096 - 7, 'e') + "the end");
    }
}

BOOST_AUTO_TEST_CASE(a_time_out_has_what_was_printed) {
    collected_output seen;
    auto options = listening(seen, 1);
    options.terminate_grace = std::chrono::milliseconds(50);
    pool workers(options);
    call_options limited;
    limited.timeout = std::chrono::milliseconds(300);
    try {
        workers.apply(limited, fn<work::print_and_hang>);
        BOOST_ERROR("there was no time-out");
    } catch (const task_timeout& late) {
        BOOST_TEST(get_remote_info(late)->output == "before the hang" + line_end);
        BOOST_TEST(seen.has("before the hang"));
    }
}

BOOST_AUTO_TEST_CASE(a_time_out_has_it_also_if_the_task_ends) {
    collected_output seen;
    auto options = listening(seen, 1);
    options.terminate_grace = std::chrono::seconds(20);
    pool workers(options);
    call_options limited;
    limited.timeout = std::chrono::milliseconds(300);
    try {
        workers.apply(limited, fn<work::print_and_stop_late>);
        BOOST_ERROR("there was no time-out");
    } catch (const task_timeout& late) {
        BOOST_TEST(get_remote_info(late)->output == "asked to stop" + line_end);
    }
}

BOOST_AUTO_TEST_CASE(without_on_output_there_is_none) {
    pool workers(1);
    try {
        workers.apply([] { kill_itself(); });
        BOOST_ERROR("the worker did not die");
    } catch (const worker_lost& lost) {
        BOOST_TEST(get_remote_info(lost)->output.empty());
    }
}

BOOST_AUTO_TEST_CASE(replaced_workers_are_read_to_the_end) {
    collected_output seen;
    auto options = listening(seen, 2);
    options.max_tasks_per_worker = 3;
    pool workers(options);
    workers.map(fn<work::print_number>, numbers_up_to(30));
    workers.close();
    workers.join();
    auto texts = seen.texts();
    BOOST_TEST(texts.size() == 30u);
    std::sort(texts.begin(), texts.end());
    BOOST_TEST((std::unique(texts.begin(), texts.end()) == texts.end()));
}

BOOST_AUTO_TEST_CASE(an_abandoned_pool_delivers_what_was_printed) {
    collected_output seen;
    {
        pool workers(listening(seen, 1));
        const auto result = workers.apply_async(fn<work::print_and_hang>);
        BOOST_TEST(seen.wait_for(1));
    }
    BOOST_TEST((seen.texts() == std::vector<std::string>{"before the hang"}));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
