// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_CALLBACK_PLACE_HPP
#define PROCPOOL_TEST_CALLBACK_PLACE_HPP

#include <procpool/pool.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

// The threads in which the callbacks of a pool can run.
namespace procpool::test {

enum class place { own_thread, thread_pool, io_context };

inline std::ostream& operator<<(std::ostream& out, place where) {
    const char* const names[] = {"a thread of the pool", "an asio::thread_pool", "an asio::io_context"};
    return out << names[static_cast<int>(where)];
}

inline constexpr place places[] = {place::own_thread, place::thread_pool, place::io_context};

/// Provides the executor for callbacks, as long as it exists.
class callback_place {
  public:
    explicit callback_place(place where) {
        if (where == place::thread_pool)
            threads_.emplace(3);
        if (where == place::io_context) {
            context_.emplace(1);
            work_.emplace(context_->get_executor());
            runner_ = std::thread([this] { context_->run(); });
        }
    }
    callback_place(const callback_place&) = delete;
    callback_place& operator=(const callback_place&) = delete;
    ~callback_place() {
        work_.reset();
        if (runner_.joinable())
            runner_.join();
        if (threads_)
            threads_->join();
    }

    std::shared_ptr<procpool::pool> make_pool(std::size_t processes) {
        procpool::pool_options options;
        options.processes = processes;
        if (threads_)
            options.executor = threads_->get_executor();
        if (context_)
            options.executor = context_->get_executor();
        return std::make_shared<procpool::pool>(options);
    }
    std::thread::id runner() const { return runner_.get_id(); }

  private:
    std::optional<boost::asio::thread_pool> threads_;
    std::optional<boost::asio::io_context> context_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    std::thread runner_;
};

} // namespace procpool::test

#endif
