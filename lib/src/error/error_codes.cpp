// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/error_codes.hpp"

#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/errc.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/generic_category.hpp>
#include <boost/system/system_category.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <future>
#include <ios>
#include <list>
#include <mutex>
#include <string>

namespace procpool::detail {
namespace {

// How a category is identified: by its index in one of the two lists below, or by its name.
enum class origin : std::uint8_t { std_category, boost_category, foreign_category };

const auto& std_categories() {
    static const std::array<const std::error_category*, 4> list{
        &std::generic_category(), &std::system_category(), &std::iostream_category(),
        &std::future_category()};
    return list;
}

const auto& boost_categories() {
    static const std::array<const boost::system::error_category*, 6> list{
        &boost::system::generic_category(),        &boost::system::system_category(),
        &boost::asio::error::get_netdb_category(), &boost::asio::error::get_addrinfo_category(),
        &boost::asio::error::get_misc_category(),  &pool_category()};
    return list;
}

template <class Category>
class foreign_category final : public Category {
  public:
    explicit foreign_category(std::string name) : name_(std::move(name)) {}
    const char* name() const noexcept override { return name_.c_str(); }
    std::string message(int value) const override {
        return "error " + std::to_string(value) + " of the category \"" + name_ + "\" of a worker";
    }

  private:
    std::string name_;
};

// Error codes refer to their category for ever, so one object for each name is kept for ever.
template <class Category>
const Category& find_foreign_category(const std::string& name) {
    static std::mutex mutex;
    static auto& categories = *new std::list<foreign_category<Category>>;
    const std::lock_guard lock(mutex);
    for (const auto& category : categories) {
        if (category.name() == name)
            return category;
    }
    return categories.emplace_back(name);
}

template <class List, class Category>
bool encode_known(encoder& out, origin from, const List& list, const Category& category, int value) {
    for (std::size_t place = 0; place != list.size(); ++place) {
        if (*list[place] == category) {
            out.write(static_cast<std::uint8_t>(from));
            out.write(static_cast<std::uint8_t>(place));
            out.write(static_cast<std::int32_t>(value));
            return true;
        }
    }
    return false;
}

void encode_foreign(encoder& out, const char* name, int value) {
    out.write(static_cast<std::uint8_t>(origin::foreign_category));
    encode_text(out, name);
    out.write(static_cast<std::int32_t>(value));
}

// `from_std` and `from_boost` turn a known category and a value into a Code.
template <class Code, class Category>
Code decode_error_code(decoder& in) {
    const auto from = in.read<std::uint8_t>();
    if (from == static_cast<std::uint8_t>(origin::foreign_category)) {
        const std::string name = decode_text(in);
        const int value = in.read<std::int32_t>();
        return Code(value, find_foreign_category<Category>(name));
    }
    const std::size_t place = in.read<std::uint8_t>();
    const int value = in.read<std::int32_t>();
    if (from == static_cast<std::uint8_t>(origin::std_category) && place < std_categories().size())
        return Code(std::error_code(value, *std_categories()[place]));
    if (from == static_cast<std::uint8_t>(origin::boost_category) && place < boost_categories().size())
        return Code(boost::system::error_code(value, *boost_categories()[place]));
    throw_codec_error("An error code in an exception from a worker has a category that does not exist.");
}

} // namespace

void encode_error_code(encoder& out, const std::error_code& code) {
    if (encode_known(out, origin::std_category, std_categories(), code.category(), code.value()))
        return;
    // The code may be a converted boost::system::error_code, whose std category stands for Boost's.
    for (std::size_t place = 0; place != boost_categories().size(); ++place) {
        if (code.category() == static_cast<const std::error_category&>(*boost_categories()[place])) {
            const boost::system::error_code original(code.value(), *boost_categories()[place]);
            return encode_error_code(out, original);
        }
    }
    encode_foreign(out, code.category().name(), code.value());
}

void encode_error_code(encoder& out, const boost::system::error_code& code) {
    if (encode_known(out, origin::boost_category, boost_categories(), code.category(), code.value()))
        return;
    // The code may be a converted std::error_code, which Boost keeps and converts back.
    const std::error_code original = code;
    if (encode_known(out, origin::std_category, std_categories(), original.category(), original.value()))
        return;
    encode_foreign(out, code.category().name(), code.value());
}

std::error_code decode_std_error_code(decoder& in) {
    return decode_error_code<std::error_code, std::error_category>(in);
}

boost::system::error_code decode_boost_error_code(decoder& in) {
    return decode_error_code<boost::system::error_code, boost::system::error_category>(in);
}

} // namespace procpool::detail
