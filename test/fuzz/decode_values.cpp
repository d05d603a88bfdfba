// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Decodes bytes as a value of each kind that has a built-in codec. The bytes either are a value, or cause an
// error; a decoded value can be encoded and decoded again.

#include <procpool/procpool.hpp>

#include <procpool/detail/codec/heap_encoder.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace {

struct aggregate {
    int number = 0;
    std::string text;
    std::vector<std::optional<double>> maybe;
};

struct described {
    std::string name;
    std::map<int, aggregate> parts;
};
BOOST_DESCRIBE_STRUCT(described, (), (name, parts))

struct node {
    int value = 0;
    std::vector<node> children;
};
BOOST_DESCRIBE_STRUCT(node, (), (value, children))

enum class colour : std::uint8_t { red, green };

struct rgb {
    std::uint8_t red, green, blue;
};

template <class T>
void read_as(std::span<const std::byte> bytes) {
    try {
        procpool::decoder in(bytes);
        const auto value = in.read<T>();
        procpool::detail::heap_encoder out;
        out.write(value);
        procpool::decoder again(out.bytes());
        again.read<T>();
        if (again.remaining() != 0)
            std::abort();
    } catch (const procpool::codec_error&) {
    }
}

using reader = void (*)(std::span<const std::byte>);

constexpr reader readers[] = {
    read_as<bool>,
    read_as<colour>,
    read_as<rgb>,
    read_as<std::string>,
    read_as<std::u16string>,
    read_as<std::vector<int>>,
    read_as<std::vector<bool>>,
    read_as<std::vector<std::string>>,
    read_as<std::vector<std::vector<std::uint16_t>>>,
    read_as<std::array<std::string, 3>>,
    read_as<std::deque<std::string>>,
    read_as<std::list<int>>,
    read_as<std::set<std::string>>,
    read_as<std::map<std::string, std::vector<int>>>,
    read_as<std::unordered_map<int, std::string>>,
    read_as<std::pair<std::string, int>>,
    read_as<std::tuple<int, std::string, std::vector<double>>>,
    read_as<std::optional<std::string>>,
    read_as<std::variant<int, std::string, std::vector<int>>>,
    read_as<std::unique_ptr<std::string>>,
    read_as<std::chrono::nanoseconds>,
    read_as<std::complex<double>>,
    read_as<std::filesystem::path>,
    read_as<aggregate>,
    read_as<described>,
    read_as<node>,
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    readers[data[0] % std::size(readers)](std::as_bytes(std::span(data + 1, size - 1)));
    return 0;
}
