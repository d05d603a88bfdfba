// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_COLLECTING_SCOPE_HPP
#define PROCPOOL_POOL_COLLECTING_SCOPE_HPP

#include <thread>
#include <utility>

namespace procpool::pooling {

class delivery;
class supervisor;

/// One of a pool's own threads that collect. Each but the last was replaced: its codec waits, or has waited.
struct own_collector {
    own_collector() = default;
    own_collector(const own_collector&) = delete;
    own_collector& operator=(const own_collector&) = delete;
    ~own_collector() {
        if (thread.joinable())
            thread.join();
    }

    std::thread thread;
    bool is_replaced = false; // of that thread alone
    bool keeps_pool = false;  // holds a reference to it; these two under the pool's lock
    bool has_ended = false;
};

/// That this thread collects for a pool. Scopes nest: a callback that runs while one pool's outcomes are handed
/// over may wait for a result of another pool.
///
/// Thread safety: the thread that made it.
class collecting_scope {
  public:
    /// `out` is what is handed over; `own` is this thread, if it is one of the pool's own.
    collecting_scope(supervisor& pool, delivery& out, own_collector* own = nullptr) noexcept
        : pool_(&pool)
        , out_(&out)
        , own_(own)
        , outer_(std::exchange(innermost_, this)) {}
    collecting_scope(const collecting_scope&) = delete;
    collecting_scope& operator=(const collecting_scope&) = delete;
    ~collecting_scope() { innermost_ = outer_; }

    /// Does the thread still collect? Otherwise another one may.
    bool collects() const noexcept { return collects_; }
    void stop() noexcept { collects_ = false; }

    supervisor& pool() const noexcept { return *pool_; }
    delivery& out() const noexcept { return *out_; }
    own_collector* own() const noexcept { return own_; }
    collecting_scope* outer() const noexcept { return outer_; }

    /// Of this thread; null if there is none.
    static collecting_scope* innermost() noexcept { return innermost_; }

    /// Is there one for this pool in this thread, whether it still collects or not?
    static bool exists_for(const supervisor& pool) noexcept {
        for (const auto* each = innermost_; each != nullptr; each = each->outer_)
            if (each->pool_ == &pool)
                return true;
        return false;
    }

  private:
    static inline thread_local collecting_scope* innermost_ = nullptr;

    supervisor* pool_;
    delivery* out_;
    own_collector* own_;
    collecting_scope* outer_;
    bool collects_ = true;
};

} // namespace procpool::pooling

#endif
