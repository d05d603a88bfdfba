// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/run_bound.hpp"
#include "support/serialized_classes.hpp"

#include <procpool/codec/serialization.hpp>
#include <procpool/procpool.hpp>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Classes with Boost.Serialization, sent to a worker and back.
using serialized::account;

namespace work {

account pay(account from, int amount) {
    return {"paid", {from.balance(), -amount}};
}

serialized::drawing doubled(serialized::drawing value) {
    for (const auto& each : value.shapes)
        dynamic_cast<serialized::square&>(*each).side *= 2;
    return value;
}

/// A task whose state is sent by Boost.Serialization.
struct interest {
    account base;
    double operator()(double rate) const { return base.balance() * rate; }
};
class private_interest {
  public:
    explicit private_interest(int percent = 0) : percent_(percent) {}
    int operator()(const account& of) const { return of.balance() * percent_ / 100; }

  private:
    friend class boost::serialization::access;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& percent_& text_;
    }
    int percent_;
    std::string text_ = "%";
};

enum class fails { never, saving_in_parent, loading_in_worker, saving_in_worker, loading_in_parent };
constexpr fails all_failures[]{fails::saving_in_parent, fails::loading_in_worker, fails::saving_in_worker,
                               fails::loading_in_parent};

struct saving_trouble {
    std::shared_ptr<int> identity;
};
inline const auto identity = std::make_shared<int>(1);

/// Throws at the given place, while it is saved or loaded.
struct touchy {
    fails when = fails::never;
    std::vector<std::string> ballast;

    template <class Archive>
    void save(Archive& archive, unsigned) const {
        archive << when << ballast;
        if (when == fails::saving_in_parent && !procpool::this_worker::active())
            throw saving_trouble{identity};
        if (when == fails::saving_in_worker && procpool::this_worker::active())
            throw std::runtime_error("not to be saved");
        archive << ballast;
    }
    template <class Archive>
    void load(Archive& archive, unsigned) {
        archive >> when >> ballast;
        if (when == (procpool::this_worker::active() ? fails::loading_in_worker : fails::loading_in_parent))
            throw boost::archive::archive_exception(
                boost::archive::archive_exception::unsupported_class_version, "touchy");
        archive >> ballast;
    }
    BOOST_SERIALIZATION_SPLIT_MEMBER()
};

touchy same(touchy value) {
    return value;
}

class failure : public std::runtime_error {
  public:
    explicit failure(int line) : std::runtime_error("serialized failure"), line_(line) {}
    int line() const { return line_; }

  private:
    int line_;
};
template <class Archive>
void serialize(Archive&, failure&, unsigned) {}
template <class Archive>
void save_construct_data(Archive& archive, const failure* value, unsigned) {
    const int line = value->line();
    archive << line;
}
template <class Archive>
void load_construct_data(Archive& archive, failure* at, unsigned) {
    int line = 0;
    archive >> line;
    ::new (at) failure(line);
}

} // namespace work

namespace {

using work::fails;
using work::touchy;

template <class Call>
void check_failure(fails when, Call call) {
    try {
        call();
        BOOST_ERROR("nothing was thrown");
    } catch (const work::saving_trouble& caught) {
        BOOST_TEST((when == fails::saving_in_parent));
        BOOST_TEST(caught.identity == work::identity); // the same object: it never left this process
    } catch (const procpool::codec_error& caught) {
        BOOST_TEST((when != fails::saving_in_parent));
        const std::string text = caught.what();
        const auto* expected = when == fails::saving_in_worker ? "not to be saved" : "class version";
        BOOST_TEST(text.find(expected) != std::string::npos, text);
        BOOST_TEST(procpool::get_remote_info(caught) != nullptr);
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(serialization, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(arguments_and_results_are_saved_and_loaded) {
    procpool::pool pool(1);
    BOOST_TEST(
        (pool.apply(procpool::fn<work::pay>, account("me", {10, 20}), 7) == account("paid", {30, -7})));
    std::vector<std::pair<account, int>> calls;
    std::vector<account> expected;
    for (int i = 0; i != 200; ++i) {
        calls.emplace_back(account("me", std::vector<int>(static_cast<std::size_t>(i), 2)), i);
        expected.push_back(account("paid", {2 * i, -i}));
    }
    BOOST_TEST((pool.starmap(procpool::fn<work::pay>, calls) == expected));
}

BOOST_AUTO_TEST_CASE(pointers_to_base_classes_arrive_with_what_they_share) {
    procpool::pool pool(1);
    auto square = std::make_shared<serialized::square>();
    square->side = 1.5;
    serialized::drawing drawing;
    drawing.shapes = {square, square};
    const auto back = pool.apply(procpool::fn<work::doubled>, std::move(drawing));
    BOOST_REQUIRE(back.shapes.size() == 2U);
    BOOST_TEST(back.shapes[0] == back.shapes[1]);
    BOOST_TEST(back.shapes[0]->area() == 36); // doubled twice, since both pointers refer to it
}

BOOST_AUTO_TEST_CASE(the_state_of_a_task_is_saved_and_loaded) {
    procpool::pool pool(2);
    BOOST_TEST((pool.map(work::interest{account("me", {100, 100})}, std::vector{0.5, 0.25}) ==
                std::vector{100.0, 50.0}));
    BOOST_TEST((pool.map(work::private_interest(10), std::vector<account>(30, account("me", {70, 30})),
                         {.chunk_size = 7}) == std::vector<int>(30, 10)));
    const auto bound = procpool::bind(work::private_interest(50), account("me", {8}));
    BOOST_TEST(procpool::test::run(pool, bound) == 4);
    BOOST_TEST(procpool::test::run(pool, bound) == 4);
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_saved_or_loaded_fails_alone_twenty_times_in_a_row) {
    procpool::pool pool(1);
    const auto before = procpool::test::pids_of(pool);
    for (const auto when : work::all_failures)
        for (const std::size_t size : {0U, 20'000U, 1'000'000U}) {
            const std::vector<std::string> ballast{std::string(size, 'b')};
            std::vector<procpool::async_result<touchy>> failing;
            std::vector<procpool::async_result<touchy>> others;
            for (int i = 0; i != 20; ++i) {
                failing.push_back(pool.apply_async(procpool::fn<work::same>, touchy{when, ballast}));
                others.push_back(pool.apply_async(procpool::fn<work::same>, touchy{fails::never, ballast}));
            }
            for (const auto& each : failing)
                check_failure(when, [&] { each.get(); });
            for (const auto& each : others)
                BOOST_TEST((each.get().ballast == ballast));
        }
    BOOST_TEST((procpool::test::pids_of(pool) == before));
}

BOOST_AUTO_TEST_CASE(an_item_that_cannot_be_saved_or_loaded_is_named) {
    procpool::pool pool(2);
    for (const auto when : work::all_failures) {
        std::vector<touchy> items(30, touchy{fails::never, {"some", "text"}});
        items[11].when = when;
        check_failure(when, [&] { pool.map(procpool::fn<work::same>, items, {.chunk_size = 4}); });
        auto stream = pool.imap(procpool::fn<work::same>, items, {.chunk_size = 4});
        for (int i = 0; i != 30; ++i) {
            if (i == 11)
                check_failure(when, [&] { stream.next(); });
            else
                BOOST_TEST((stream.next().value().ballast == items[0].ballast));
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(an_exception_may_be_serialized) {
    procpool::pool pool(1);
    BOOST_CHECK_EXCEPTION(pool.apply([] { throw work::failure(12); }), work::failure, [](const auto& caught) {
        return caught.line() == 12 && procpool::get_remote_info(caught) != nullptr;
    });
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::register_exception<work::failure>();
    return procpool::test::pool_main(argc, argv);
}
