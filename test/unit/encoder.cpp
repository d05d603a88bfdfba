// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/encoder.hpp>

#include "support/round_trip.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

struct small_memory {
    alignas(16) std::array<std::byte, 16> memory{};
};

class small_encoder final : small_memory, public procpool::encoder {
  public:
    small_encoder() : encoder(memory.data(), memory.size()) {}
    using encoder::rewind;

  private:
    void keep(std::shared_ptr<const void>) override {}
    void grow(std::size_t) override { throw std::bad_alloc(); }
};

struct throws_on_copy {
    throws_on_copy() = default;
    throws_on_copy(const throws_on_copy&) { throw 1; }
    throws_on_copy& operator=(const throws_on_copy&) = default;
};

} // namespace

template <>
struct procpool::codec<throws_on_copy> {
    static void encode(encoder&, const throws_on_copy&) {}
    static throws_on_copy decode(decoder&) { return {}; }
};

BOOST_AUTO_TEST_CASE(a_buffer_is_filled_to_its_last_byte) {
    small_encoder out;
    out.write(std::uint64_t{1});
    out.write(std::uint64_t{2});
    BOOST_TEST(out.size() == 16u);
    BOOST_CHECK_THROW(out.write('c'), std::bad_alloc);
    BOOST_TEST(out.size() == 16u);
}

BOOST_AUTO_TEST_CASE(what_an_encoding_left_half_way_can_be_cut_off) {
    small_encoder out;
    out.write(1);
    BOOST_CHECK_THROW(out.write(std::vector<int>(10)), std::bad_alloc);
    out.rewind(sizeof(int));
    out.write(2);
    BOOST_TEST(out.size() == 2 * sizeof(int));
}

BOOST_AUTO_TEST_CASE(bytes_move_along_when_memory_grows) {
    procpool::detail::heap_encoder out;
    for (int i = 0; i != 10'000; ++i)
        out.write(i);
    BOOST_TEST(out.bytes().size() == 10'000 * sizeof(int));
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(out.bytes().data()) % 16 == 0u);
    procpool::decoder in(out.bytes());
    for (int i = 0; i != 10'000; ++i)
        BOOST_REQUIRE(in.read<int>() == i);
    out.clear();
    BOOST_TEST(out.size() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_to_be_kept_lives_as_long_as_the_bytes) {
    auto object = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = object;
    procpool::detail::heap_encoder copy;
    {
        procpool::detail::heap_encoder out;
        out.write(2);
        out.keep(std::move(object));
        out.copy_to(copy);
        BOOST_TEST(watched.use_count() == 2);
    }
    BOOST_TEST(copy.bytes().size() == sizeof(int));
    BOOST_TEST(watched.use_count() == 1);
    copy.clear();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(padding_is_zero_and_ends_at_a_multiple) {
    procpool::detail::heap_encoder out;
    out.write('c');
    out.align(16);
    BOOST_TEST(out.size() == 16u);
    out.align(8);
    BOOST_TEST(out.size() == 16u);
    for (const std::byte each : out.bytes().subspan(1))
        BOOST_TEST(std::to_integer<int>(each) == 0);
}

BOOST_AUTO_TEST_CASE(a_valueless_variant_is_a_codec_error) {
    std::variant<int, throws_on_copy> value = 1;
    const throws_on_copy source;
    BOOST_CHECK_THROW(value.emplace<1>(source), int);
    BOOST_REQUIRE(value.valueless_by_exception());
    BOOST_CHECK_THROW(procpool::test::encode(value), procpool::codec_error);
}
