// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAULTS_TRIAL_HPP
#define PROCPOOL_TEST_FAULTS_TRIAL_HPP

#include "os/fault_point.hpp"
#include "support/eventually.hpp"
#include "support/faults/parent.hpp"
#include "support/faults/record.hpp"
#include "support/process_table.hpp"
#include "support/scripted_child.hpp"
#include "support/shared_segments.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include <signal.h>
#include <unistd.h>

// One fault in a pool, and its effects as seen from outside.
namespace procpool::test::faults {

using fault_action = os::fault_plan::action;

struct fault {
    fault_step step{};
    fault_action what{};
    std::uint32_t passage = 1;
    bool to_another = false;
};

class trial {
  public:
    trial(const fault& planned, const orders& what) : planned_(planned), orders_(what) {
        auto& plan = record_->plan;
        plan.step = planned.step;
        plan.what = planned.what;
        plan.passage = planned.passage;
        plan.to_another = planned.to_another;
        std::filesystem::create_directory(folder_.file("tmp"));
        parent_.emplace(
            what.text(), std::vector<os::native_handle>(),
            std::vector<std::pair<std::string, std::string>>{
                {os::fault_plan_variable, folder_.file("record")}, {"TMPDIR", folder_.file("tmp")}});
    }
    trial(const trial&) = delete;
    trial& operator=(const trial&) = delete;

    /// Waits until the fault has happened and, if it stops a process, until the process has stopped.
    void wait_until_it_happens() {
        const bool shows = eventually([&] {
            const auto victim = record_->plan.victim.load();
            return victim != 0 && (planned_.what != fault_action::stop || find_process(victim).state == 'T' ||
                                   !is_alive(victim)); // ended by another process
        });
        BOOST_TEST(shows, "it has not happened");
    }

    /// Waits until this many tasks have run.
    void wait_for_runs(std::uint32_t tasks) {
        BOOST_TEST(eventually([&] { return record_->runs_together() >= tasks; }),
                   "only " << record_->runs_together() << " tasks have run");
    }

    /// Continues the stopped process.
    void resume() { ::kill(record_->plan.victim, SIGCONT); }

    /// Returns the report of the parent. Checks that the parent, its workers and their resources in the
    /// system are gone, and that the fault has happened. `within`: the longest time without a report; a
    /// longer one is a hang.
    std::string end(std::chrono::milliseconds within = patience) {
        std::string heard;
        for (std::string some;; heard += some) {
            if (!parent_->is_heard(within)) {
                BOOST_ERROR("a process is left, or hangs; passages: "
                            << record_->plan.passages[static_cast<std::size_t>(planned_.step)]);
                resume();
                os::kill_tree(parent_->process());
                heard += parent_->hear_all();
                break;
            }
            some = parent_->hear_some();
            if (some.empty())
                break;
        }
        how_ = parent_->wait_for_exit();
        BOOST_TEST(record_->plan.victim != 0, "it has not happened");
        BOOST_TEST(std::all_of(std::begin(record_->runs), std::end(record_->runs),
                               [](const auto& runs) { return runs <= 1; }),
                   "a task ran more than once");
        BOOST_TEST(std::filesystem::is_empty(folder_.file("tmp")));
        BOOST_TEST(segments_that_may_be_left().empty());
        return heard;
    }
    const os::exit_report& how_the_parent_ended() const { return how_; }

  private:
    const fault planned_;
    const orders orders_;
    const temporary_folder folder_;
    const mapped_record record_{folder_.file("record")};
    std::optional<scripted_child> parent_;
    os::exit_report how_;
};

} // namespace procpool::test::faults

#endif
