// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAKE_CORE_HPP
#define PROCPOOL_TEST_FAKE_CORE_HPP

#include <procpool/detail/pool_core.hpp>
#include <procpool/pool_stats.hpp>
#include <procpool/worker_info.hpp>

#include <boost/asio/system_executor.hpp>

#include <stdexcept>

namespace procpool::test {

/// A pool without workers that accepts no job: jobs need a pool to be constructed.
class fake_core : public detail::pool_core {
  public:
    fake_core() { intrusive_ptr_add_ref(this); } // never deleted through a reference
    ~fake_core() override = default;

    void submit(std::span<detail::job* const>, bool) override { refuse(); }
    void begin_stream() override { refuse(); }
    void submit_more(std::span<detail::job* const>, bool) override { refuse(); }
    void end_stream() noexcept override {}
    void require_open() const override {}
    bool wait(detail::result_base&, detail::deadline) override { return false; }
    bool wait_for_callback(detail::result_base&, detail::deadline) override { return false; }
    detail::deadline callbacks_awaited_until() override { return std::nullopt; }
    void wake_collector() noexcept override {}
    void run_callback(std::function<void()>) override { refuse(); }
    void prepare_callbacks() override { refuse(); }
    void run_callbacks(detail::callback_list& callbacks) noexcept override { callbacks.clear(); }
    bool in_callback() const noexcept override { return false; }
    boost::asio::any_io_executor callback_executor() override { return boost::asio::system_executor(); }
    bool cancel(detail::result_base&) override { return false; }
    void withdraw(const detail::result_base&) noexcept override {}
    detail::argument_block allocate_arguments(std::uint64_t) override { return {}; }
    void free_arguments(const detail::argument_block&) noexcept override {}
    void close() override {}
    void terminate() noexcept override {}
    void join() override {}
    void shut_down() noexcept override {}
    void resize(std::size_t) override { refuse(); }
    std::size_t size() const noexcept override { return 0; }
    std::vector<worker_info> workers() const override { return {}; }
    pool_stats stats() const override { return {}; }
    std::string stack_of(std::size_t) override { return {}; }

  private:
    [[noreturn]] static void refuse() { throw std::logic_error("a fake pool takes nothing"); }
};

} // namespace procpool::test

#endif
