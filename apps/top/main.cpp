// Shows:  the pools of running programs from outside: workers, what they run, rates, queue, latencies.
// Run:    procpool-top, procpool-top PID, procpool-top --once --json PID
// Prints: a view that is refreshed until q is pressed; with --once, what it shows now; with --json, that as JSON.

#include "common/command_line.hpp"
#include "top/programs.hpp"
#include "top/report.hpp"
#include "top/screen.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct wishes {
    std::optional<long> pid;
    double interval = 1;
    top::order by = top::order::by_index;
    bool once = false;
    bool json = false;
};

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// `one`: the program that was asked for; null: all are.
std::vector<top::program_view> look(const top::program* one) {
    if (one == nullptr)
        return top::all_programs();
    auto found = one->view();
    if (found.pools.empty() && !found.not_shown.empty())
        throw top::program_error("process " + std::to_string(found.pid) + ": " + found.not_shown.front());
    return {std::move(found)};
}

void require_pool(const std::vector<top::program_view>& found) {
    if (found.size() == 1 && found.front().pools.empty())
        throw top::program_error("process " + std::to_string(found.front().pid) +
                                 " has no pool, or was built with a procpool that shows none");
}

void say_once(const wishes& of, const top::program* one) {
    const auto found = look(one);
    if (one != nullptr)
        require_pool(found);
    top::rates since_they_were_made;
    if (of.json)
        std::cout << top::json_of(found);
    else if (found.empty())
        std::cout << "No program of this user has a pool.\n";
    else
        for (const auto& line : top::lines_of(found, since_they_were_made, of.by, now()))
            std::cout << line << '\n';
}

/// Returns the signal that ended the view, or 0.
int say_until_ended(const wishes& of, const top::program* one) {
    top::rates since;
    bool had_pool = false;
    const auto lines = [&](top::order by) -> std::vector<std::string> {
        const auto found = look(one);
        if (one != nullptr && !had_pool)
            require_pool(found);
        had_pool = true; // and may end it
        auto out = top::lines_of(found, since, by, now());
        if (found.empty())
            out = {"No program of this user has a pool."};
        else if (one != nullptr && found.front().pools.empty())
            out = {found.front().name + " has no pool now."};
        return out;
    };
    return top::show_on_screen("procpool-top",
                               std::chrono::milliseconds(static_cast<int>(of.interval * 1000)), of.by, lines);
}

} // namespace

int main(int argc, char* argv[]) {
    wishes of;
    apps::command_line line("procpool-top",
                            "Shows the pools of running programs: of the process PID, or of all "
                            "programs of this user.");
    line.add_word("PID", [&](const std::string& text) {
        try {
            of.pid = apps::number_between<long>("PID", text, 1, 1L << 22, "a whole number");
        } catch (const apps::usage_error&) {
            throw apps::usage_error("'" + text + "' is no process: a PID is a whole number from 1 on");
        }
    });
    line.add_flag("once", of.once, "say what is now, and end");
    line.add_flag("json", of.json, "likewise, as JSON");
    line.add("interval", of.interval, 0.1, 3600, "seconds between two looks");
    line.add_text("sort", "order of the workers: index, tasks or time (index)", [&](const std::string& name) {
        try {
            of.by = top::order_named(name);
        } catch (const std::invalid_argument& why) {
            throw apps::usage_error(std::string("--sort ") + why.what());
        }
    });
    int signal = 0;
    const int status = line.run(argc, argv, [&] {
        std::optional<top::program> one;
        if (of.pid)
            one.emplace(*of.pid);
        if (of.once || of.json)
            say_once(of, one ? &*one : nullptr);
        else
            signal = say_until_ended(of, one ? &*one : nullptr);
    });
    if (signal != 0) { // the shell is told that it was one
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
    return status;
}
