// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <boost/asio/io_context.hpp>

// Every member of the option structs, in the order in which designated initialisers must name them.

void prepare();

procpool::pool_options all_of_a_pool(boost::asio::io_context& context) {
    using namespace std::chrono_literals;
    return {
        .processes = 2,
        .initializer = procpool::fn<prepare>,
        .max_tasks_per_worker = 10,
        .task_timeout = 10s,
        .start_timeout = 30s,
        .terminate_grace = 500ms,
        .worker_memory_limit = 1'000'000'000,
        .executor = context.get_executor(),
        .finalizer = procpool::fn<prepare>,
        .min_processes = 1,
        .idle_timeout = 10s,
        .settings_for = [](std::size_t) { return procpool::worker_settings{}; },
        .on_output = [](const procpool::worker_output&) {},
        .in_process = false,
        .keep_failed_calls_in = "failed",
        .trace = "trace.json",
        .libraries = {"libtasks.so"},
        .seed = 7,
    };
}

procpool::worker_settings all_of_a_worker() {
    return {
        .environment = {{"DEVICE", "0"}},
        .unset = {"DISPLAY"},
        .cpus = {0, 1},
        .niceness = 5,
        .directory = "work",
    };
}

procpool::call_options all_of_a_call() {
    return {.timeout = std::chrono::seconds(1), .retries = 2, .priority = 1, .worker = 0};
}

procpool::map_options all_of_a_map() {
    return {
        .chunk_size = 3,
        .timeout = std::chrono::seconds(1),
        .retries = 2,
        .on_progress = [](const procpool::progress&) {},
        .max_in_flight = 10,
        .priority = -1,
    };
}
