// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_COLLECTING_SCOPE_HPP
#define PROCPOOL_POOL_COLLECTING_SCOPE_HPP

#include <utility>

namespace procpool::pooling {

class delivery;
class supervisor;
struct own_collector;

/// Exists while this thread collects for a pool. Scopes nest: a callback that runs while one pool's outcomes
/// are delivered may wait for a result of another pool.
///
/// Thread safety: the thread that made it.
class collecting_scope {
  public:
    /// `out`: the outcomes that are being delivered; `own`: this thread, if it belongs to the pool.
    collecting_scope(supervisor& pool, delivery& out, own_collector* own = nullptr) noexcept
        : pool_(&pool)
        , out_(&out)
        , own_(own)
        , outer_(std::exchange(innermost_, this)) {}
    collecting_scope(const collecting_scope&) = delete;
    collecting_scope& operator=(const collecting_scope&) = delete;
    ~collecting_scope() { innermost_ = outer_; }

    /// Whether the thread still collects. If not, another thread may.
    bool collects() const noexcept { return collects_; }
    void stop() noexcept { collects_ = false; }

    supervisor& pool() const noexcept { return *pool_; }
    delivery& out() const noexcept { return *out_; }
    own_collector* own() const noexcept { return own_; }
    collecting_scope* outer() const noexcept { return outer_; }

    /// The innermost scope of this thread; null if there is none.
    static collecting_scope* innermost() noexcept { return innermost_; }

    /// Whether this thread has a scope for this pool, even if it no longer collects.
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
