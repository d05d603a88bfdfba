// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/error.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/error_condition.hpp>

#include <cstddef>
#include <mutex>
#include <new>
#include <utility>

namespace procpool {
namespace {

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "procpool"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
        case errc::pool_closed:
            return "the pool takes no more work";
        case errc::pool_terminated:
            return "the pool was terminated";
        case errc::start_failed:
            return "a worker could not be started";
        case errc::worker_lost:
            return "the worker died while it ran the task";
        case errc::task_timeout:
            return "the task ran past its time-out";
        case errc::task_cancelled:
            return "the task was cancelled";
        case errc::wait_timeout:
            return "the result was not ready in time";
        case errc::codec_error:
            return "an argument or a result could not be encoded or decoded";
        }
        return "unknown procpool error";
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override {
        switch (static_cast<errc>(value)) {
        case errc::task_timeout:
        case errc::wait_timeout:
            return make_error_condition(boost::system::errc::timed_out);
        case errc::task_cancelled:
            return make_error_condition(boost::system::errc::operation_canceled);
        default:
            return {value, *this};
        }
    }
};

} // namespace

const boost::system::error_category& pool_category() noexcept {
    // Never destroyed: a worker's error, or one of a static pool, may be read after the static objects of
    // this file are gone. Made in place, since an error may be reported because there is no memory.
    alignas(category) static std::byte place[sizeof(category)];
    static const auto& instance = *::new (static_cast<void*>(place)) category;
    return instance;
}

error::error(errc code, std::string what)
    : boost::system::system_error(make_error_code(code))
    , what_(std::make_shared<const std::string>(std::move(what))) {}

error::~error() = default;

const char* error::what() const noexcept {
    return what_->c_str();
}

pool_closed::pool_closed()
    : pool_closed("The pool was closed or terminated and takes no more work: the task has not run.") {}
pool_closed::pool_closed(std::string what) : error(errc::pool_closed, std::move(what)) {}
pool_closed::~pool_closed() = default;

pool_terminated::pool_terminated()
    : pool_terminated("The pool was terminated before the task's result arrived: the task may have run.") {}
pool_terminated::pool_terminated(std::string what) : error(errc::pool_terminated, std::move(what)) {}
pool_terminated::~pool_terminated() = default;

start_failed::start_failed(std::string what) : error(errc::start_failed, std::move(what)) {}
start_failed::~start_failed() = default;

worker_lost::worker_lost(std::string what, long pid, std::optional<int> exit_status,
                         std::optional<int> signal_number, std::string task_name)
    : error(errc::worker_lost, std::move(what))
    , pid_(pid)
    , exit_status_(exit_status)
    , signal_number_(signal_number)
    , task_name_(std::make_shared<const std::string>(std::move(task_name))) {}
worker_lost::~worker_lost() = default;

task_timeout::task_timeout(std::string what) : error(errc::task_timeout, std::move(what)) {}
task_timeout::~task_timeout() = default;

task_cancelled::task_cancelled()
    : task_cancelled("The task was cancelled before it ended: it may have run, in part or in whole.") {}
task_cancelled::task_cancelled(std::string what) : error(errc::task_cancelled, std::move(what)) {}
task_cancelled::~task_cancelled() = default;

wait_timeout::wait_timeout()
    : wait_timeout("The result was not ready in time: the task goes on and can be waited for again.") {}
wait_timeout::wait_timeout(std::string what) : error(errc::wait_timeout, std::move(what)) {}
wait_timeout::~wait_timeout() = default;

codec_error::codec_error(std::string what) : error(errc::codec_error, std::move(what)) {}
codec_error::~codec_error() = default;

remote_error::remote_error(const std::string& what) : std::runtime_error(what) {}
remote_error::~remote_error() = default;

namespace detail {

struct remote_info_holder::shared_info {
    remote_info info;
    std::function<std::string()> stack;
    std::once_flag stack_made;
};

remote_info_holder::remote_info_holder(remote_info info, std::function<std::string()> stack)
    : shared_(std::make_shared<shared_info>()) {
    shared_->info = std::move(info);
    shared_->stack = std::move(stack);
}
remote_info_holder::~remote_info_holder() = default;

const remote_info& remote_info_holder::info() const noexcept {
    if (shared_->stack) {
        std::call_once(shared_->stack_made, [this]() noexcept {
            try {
                shared_->info.stack = shared_->stack();
            } catch (const std::exception&) {
                // There is no memory for the stack.
            }
        });
    }
    return shared_->info;
}

const remote_info& remote_info_holder::info_without_stack() const noexcept {
    return shared_->info;
}

} // namespace detail

const remote_info* get_remote_info(const std::exception& error) noexcept {
    const auto* holder = dynamic_cast<const detail::remote_info_holder*>(&error);
    return holder ? &holder->info() : nullptr;
}

} // namespace procpool
