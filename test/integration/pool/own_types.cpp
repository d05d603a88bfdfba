// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/describe/class.hpp>

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// Classes of the user, described or with a codec, as arguments, results, tasks and exceptions.

namespace work {

class animal {
  public:
    animal() = default;
    explicit animal(std::string name) : name_(std::move(name)) {}
    const std::string& name() const { return name_; }
    bool operator==(const animal&) const = default;

  private:
    std::string name_;
    BOOST_DESCRIBE_CLASS(animal, (), (), (), (name_))
};

/// Private members, and a base with private members.
class dog : public animal {
  public:
    dog() = default;
    dog(std::string name, int age) : animal(std::move(name)), ages_{age} {}
    dog older() const {
        dog out = *this;
        out.ages_.push_back(ages_.back() + 1);
        return out;
    }
    int age() const { return ages_.back(); }
    bool operator==(const dog&) const = default;

  private:
    std::vector<int> ages_;
    BOOST_DESCRIBE_CLASS(dog, (animal), (), (), (ages_))
};

/// Neither default constructible nor copyable; only its codec can read its content.
class ticket {
  public:
    explicit ticket(int number) : number_(std::make_unique<int>(number)) {}
    int number() const { return *number_; }
    friend bool operator<(const ticket& a, const ticket& b) { return a.number() < b.number(); }

  private:
    std::unique_ptr<int> number_;
};

/// A template with a codec for each of its classes.
template <class T>
class tagged {
  public:
    tagged(std::string tag, T value) : tag_(std::move(tag)), value_(std::move(value)) {}
    const std::string& tag() const { return tag_; }
    const T& value() const { return value_; }
    auto operator<=>(const tagged&) const = default;

  private:
    std::string tag_;
    T value_;
};

/// A task with private state.
class trainer {
  public:
    trainer() = default;
    explicit trainer(std::string suffix) : suffix_(std::move(suffix)) {}
    dog operator()(const dog& pupil) const { return {pupil.name() + suffix_, pupil.age()}; }

  private:
    std::string suffix_;
    BOOST_DESCRIBE_CLASS(trainer, (), (), (), (suffix_))
};

ticket next(ticket of) {
    return ticket(of.number() + 1);
}

std::map<ticket, std::string> by_ticket(const std::map<ticket, std::string>& from) {
    std::map<ticket, std::string> out;
    for (const auto& [key, value] : from)
        out.emplace(ticket(-key.number()), value + value);
    return out;
}

} // namespace work

template <>
struct procpool::codec<work::ticket> {
    static void encode(encoder& out, const work::ticket& value) { out.write(value.number()); }
    static work::ticket decode(decoder& in) { return work::ticket(in.read<int>()); }
};
template <class T>
struct procpool::codec<work::tagged<T>> {
    static void encode(encoder& out, const work::tagged<T>& value) {
        out.write(value.tag());
        out.write(value.value());
    }
    static work::tagged<T> decode(decoder& in) {
        auto tag = in.read<std::string>();
        return {std::move(tag), in.read<T>()};
    }
};

namespace {

using work::dog;
using work::tagged;
using work::ticket;

} // namespace

BOOST_FIXTURE_TEST_SUITE(own_types, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(described_classes_are_arguments_and_results_with_all_that_is_private) {
    procpool::pool pool(1);
    BOOST_TEST((pool.apply([](const dog& d) { return d.older(); }, dog("Rex", 3)) == dog("Rex", 3).older()));
    const std::vector<dog> dogs{{"Rex", 3}, {"", 0}, {std::string(100'000, 'x'), -1}};
    const auto older = pool.map([](dog d) { return d.older().older(); }, dogs);
    BOOST_REQUIRE(older.size() == dogs.size());
    for (std::size_t i = 0; i != dogs.size(); ++i)
        BOOST_TEST((older[i] == dogs[i].older().older()));
}

BOOST_AUTO_TEST_CASE(a_described_class_is_a_task_with_private_state) {
    procpool::pool pool(2);
    const auto trained =
        pool.map(work::trainer(" the wise"), std::vector<dog>(20, dog("Rex", 3)), {.chunk_size = 3});
    BOOST_TEST((trained == std::vector<dog>(20, dog("Rex the wise", 3))));
}

BOOST_AUTO_TEST_CASE(a_class_with_a_codec_need_be_neither_copied_nor_default_constructed) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply(procpool::fn<work::next>, ticket(4)).number() == 5);
    std::vector<ticket> tickets;
    for (int i = 0; i != 50; ++i)
        tickets.emplace_back(i);
    const auto later = pool.map(procpool::fn<work::next>, tickets, {.chunk_size = 8});
    BOOST_REQUIRE(later.size() == 50U);
    for (int i = 0; i != 50; ++i)
        BOOST_TEST(later[static_cast<std::size_t>(i)].number() == i + 1);
}

BOOST_AUTO_TEST_CASE(keys_elements_and_options_have_codecs) {
    procpool::pool pool(1);
    std::map<ticket, std::string> names;
    names.emplace(1, "one");
    names.emplace(2, "two");
    const auto back = pool.apply(procpool::fn<work::by_ticket>, names);
    BOOST_REQUIRE(back.size() == 2U);
    BOOST_TEST(back.begin()->first.number() == -2);
    BOOST_TEST(back.begin()->second == "twotwo");

    using parts = std::tuple<std::vector<tagged<double>>, std::optional<tagged<dog>>, tagged<std::string>>;
    const auto same = pool.apply(
        [](parts all) {
            std::get<0>(all).emplace_back("added", 2.5);
            return all;
        },
        parts({{"first", 1.5}}, std::nullopt, {"third", "text"}));
    BOOST_TEST((std::get<0>(same) == std::vector<tagged<double>>{{"first", 1.5}, {"added", 2.5}}));
    BOOST_TEST(!std::get<1>(same).has_value());
    BOOST_TEST((std::get<2>(same) == tagged<std::string>("third", "text")));
}

BOOST_AUTO_TEST_CASE(streams_carry_them) {
    procpool::pool pool(2);
    std::vector<ticket> tickets;
    for (int i = 0; i != 30; ++i)
        tickets.emplace_back(i);
    auto stream = pool.imap(procpool::fn<work::next>, std::move(tickets));
    for (int i = 0; i != 30; ++i)
        BOOST_TEST(stream.next().value().number() == i + 1);
    BOOST_TEST(!stream.next().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
