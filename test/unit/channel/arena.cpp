// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/arena.hpp"

#include "support/failures.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <new>
#include <optional>
#include <vector>

namespace channel = procpool::channel;
namespace failures = procpool::test::failures;
using channel::block;

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t first = 3 * page;
constexpr std::uint64_t pages = 16;
constexpr std::uint64_t warm_pages = 6;

struct small_arena {
    channel::arena arena{first, pages* page, page, warm_pages* page};

    block take(std::uint64_t wanted_pages) {
        const auto got = arena.allocate(wanted_pages * page);
        BOOST_TEST_REQUIRE(got.has_value());
        return got->taken;
    }
};

/// The pages that an arena has allocated.
class page_model {
  public:
    page_model() : taken_(pages), there_(pages) {}

    /// Marks the block as allocated; false if it is not free, or not as warm as the arena says.
    bool take(const channel::arena::allocation& got) {
        if (got.taken.offset % page != 0 || got.taken.bytes % page != 0 || got.taken.bytes == 0 ||
            got.taken.offset < first || got.taken.offset + got.taken.bytes > first + pages * page)
            return false;
        return each(got.taken, [&](std::size_t i) {
            const bool good = !taken_[i] && (there_[i] || !got.warm);
            taken_[i] = true;
            there_[i] = true; // the caller ensures cold pages
            return good;
        });
    }
    void free(block freed, bool warm) {
        each(freed, [&](std::size_t i) {
            taken_[i] = false;
            there_[i] = warm;
            return true;
        });
    }
    std::uint64_t longest_free_run() const {
        std::uint64_t longest = 0, run = 0;
        for (const bool taken : taken_) {
            run = taken ? 0 : run + 1;
            longest = std::max(longest, run);
        }
        return longest;
    }
    std::uint64_t warm_and_free() const {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i != pages; ++i)
            count += there_[i] && !taken_[i];
        return count;
    }

  private:
    template <class Look>
    static bool each(block what, Look look) {
        bool good = true;
        for (auto at = what.offset; at != what.offset + what.bytes; at += page)
            good = look((at - first) / page) && good;
        return good;
    }

    std::vector<bool> taken_;
    std::vector<bool> there_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(arena, small_arena)

BOOST_AUTO_TEST_CASE(blocks_are_whole_pages) {
    BOOST_TEST((arena.allocate(1)->taken == block{first, page}));
    BOOST_TEST((arena.allocate(page)->taken == block{first + page, page}));
    BOOST_TEST((arena.allocate(page + 1)->taken == block{first + 2 * page, 2 * page}));
    BOOST_TEST(arena.allocated_bytes() == 4 * page);
}

BOOST_AUTO_TEST_CASE(a_block_of_no_bytes_is_a_page) {
    BOOST_TEST(arena.allocate(0)->taken.bytes == page);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_and_costs_nothing) {
    for (const std::uint64_t bytes : {pages * page + 1, UINT64_MAX, UINT64_MAX - page + 1}) {
        BOOST_TEST(!arena.allocate(bytes).has_value());
        BOOST_TEST(arena.allocated_bytes() == 0u);
    }
    BOOST_TEST(take(pages).bytes == pages * page);
    BOOST_TEST(!arena.allocate(1).has_value());
}

BOOST_AUTO_TEST_CASE(freeing_allocates_nothing) {
    const auto one = arena.allocate(page)->taken;
    const auto two = arena.allocate(page)->taken;
    const auto three = arena.allocate(page)->taken;
    failures::fail_here(1);
    arena.free_warm(one);
    arena.free_cold(three);
    arena.free_warm(two);
    BOOST_TEST(!failures::disarm());
    BOOST_TEST(arena.allocated_bytes() == 0u);
    BOOST_TEST((arena.allocate(2 * page)->taken == block{first, 2 * page}));
}

BOOST_AUTO_TEST_CASE(an_allocation_that_fails_changes_nothing) {
    failures::fail_here(1);
    BOOST_CHECK_THROW(static_cast<void>(arena.allocate(page)), std::bad_alloc);
    BOOST_TEST(failures::disarm());
    BOOST_TEST(arena.allocated_bytes() == 0u);
    BOOST_TEST((arena.allocate(pages * page)->taken == block{first, pages * page}));
}

BOOST_AUTO_TEST_CASE(an_arena_of_nothing_has_nothing) {
    channel::arena nothing(0, 0, page, page);
    BOOST_TEST(!nothing.allocate(1).has_value());
}

BOOST_AUTO_TEST_CASE(a_fresh_block_is_cold_and_one_that_kept_its_pages_is_warm) {
    const auto got = arena.allocate(page);
    BOOST_TEST(!got->warm);
    arena.free_warm(got->taken);
    const auto again = arena.allocate(page);
    BOOST_TEST(again->warm);
    BOOST_TEST((again->taken == got->taken));
    arena.free_cold(again->taken);
    BOOST_TEST(!arena.allocate(page)->warm);
}

BOOST_AUTO_TEST_CASE(a_warm_block_is_preferred_to_a_cold_one_that_fits_better) {
    const auto large = take(4);
    take(1);
    const auto small = take(2);
    take(pages - 7);
    arena.free_warm(large);
    arena.free_cold(small);
    BOOST_TEST((take(2) == block{large.offset, 2 * page}));
}

BOOST_AUTO_TEST_CASE(the_smallest_that_fits_is_taken) {
    const auto large = take(4);
    take(1);
    const auto small = take(2);
    take(pages - 7);
    arena.free_cold(large);
    arena.free_cold(small);
    BOOST_TEST((take(2) == small));
}

BOOST_AUTO_TEST_CASE(blocks_stay_warm_up_to_the_limit) {
    const auto a = take(warm_pages - 1);
    const auto b = take(2);
    BOOST_TEST(arena.would_stay_warm(a.bytes));
    arena.free_warm(a);
    BOOST_TEST(arena.would_stay_warm(page));
    BOOST_TEST(!arena.would_stay_warm(b.bytes));
    BOOST_TEST((take(warm_pages - 1) == a));
    BOOST_TEST(arena.would_stay_warm(b.bytes));
}

BOOST_AUTO_TEST_CASE(part_of_a_warm_block_leaves_the_rest_warm) {
    arena.free_warm(take(4));
    BOOST_TEST(arena.allocate(page)->warm);
    BOOST_TEST(!arena.would_stay_warm((warm_pages - 2) * page));
    BOOST_TEST(arena.would_stay_warm((warm_pages - 3) * page));
    BOOST_TEST(arena.allocate(3 * page)->warm);
    BOOST_TEST(arena.would_stay_warm(warm_pages * page));
}

BOOST_AUTO_TEST_CASE(neighbours_become_one_in_any_order_of_freeing) {
    const std::vector<std::vector<std::size_t>> orders{{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (const auto& order : orders) {
        const std::vector<block> three{take(5), take(5), take(6)};
        for (const auto i : order)
            arena.free_cold(three[i]);
        const auto whole = take(pages);
        BOOST_TEST((whole == block{first, pages * page}));
        arena.free_cold(whole);
    }
}

BOOST_AUTO_TEST_CASE(a_block_may_span_what_is_warm_and_what_is_cold) {
    const auto a = take(3);
    const auto b = take(3);
    const auto c = take(10);
    arena.free_cold(a);
    arena.free_warm(b);
    arena.free_cold(c);
    const auto whole = arena.allocate(pages * page);
    BOOST_TEST_REQUIRE(whole.has_value());
    BOOST_TEST((whole->taken == block{first, pages * page}));
    BOOST_TEST(!whole->warm);
    BOOST_TEST(arena.would_stay_warm(warm_pages * page)); // no free block is warm any more
}

BOOST_AUTO_TEST_CASE(a_block_over_several_keeps_what_it_does_not_need) {
    const auto a = take(3);
    const auto b = take(3);
    take(10);
    arena.free_cold(a);
    arena.free_warm(b);
    BOOST_TEST((take(5) == block{first, 5 * page}));
    const auto rest = arena.allocate(page);
    BOOST_TEST_REQUIRE(rest.has_value());
    BOOST_TEST(rest->warm);
    BOOST_TEST((rest->taken == block{first + 5 * page, page}));
    BOOST_TEST(arena.would_stay_warm(warm_pages * page));
}

BOOST_AUTO_TEST_CASE(any_mix_of_taking_and_freeing_keeps_the_blocks_apart) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    page_model model;
    std::map<std::uint64_t, std::uint64_t> held; // offset, bytes
    const auto free_one = [&](std::uint64_t which) {
        const auto it = std::next(held.begin(), static_cast<std::ptrdiff_t>(which));
        const block freed{it->first, it->second};
        held.erase(it);
        const bool warm = arena.would_stay_warm(freed.bytes) && !random.once_in(3);
        warm ? arena.free_warm(freed) : arena.free_cold(freed);
        model.free(freed, warm);
    };
    for (int i = 0; i != 100'000; ++i) {
        if (random.once_in(2)) {
            const auto bytes = random.between(1, 7 * page);
            const auto got = arena.allocate(bytes);
            BOOST_TEST_REQUIRE(got.has_value() == (model.longest_free_run() * page >= bytes));
            if (!got)
                continue;
            BOOST_TEST_REQUIRE(got->taken.bytes >= bytes);
            BOOST_TEST_REQUIRE(model.take(*got));
            held.emplace(got->taken.offset, got->taken.bytes);
        } else if (!held.empty()) {
            free_one(random.below(held.size()));
        }
        std::uint64_t sum = 0;
        for (const auto& [offset, bytes] : held)
            sum += bytes;
        BOOST_TEST_REQUIRE(arena.allocated_bytes() == sum);
        BOOST_TEST_REQUIRE(model.warm_and_free() <= warm_pages);
        const auto more_warm = warm_pages - model.warm_and_free();
        BOOST_TEST_REQUIRE(arena.would_stay_warm(more_warm * page));
        BOOST_TEST_REQUIRE(!arena.would_stay_warm((more_warm + 1) * page));
    }
    while (!held.empty())
        free_one(0);
    BOOST_TEST((take(pages) == block{first, pages * page}));
}

BOOST_AUTO_TEST_SUITE_END()
