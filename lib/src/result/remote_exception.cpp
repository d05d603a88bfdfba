// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/remote_exception.hpp>

#include <boost/core/demangle.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace procpool::detail {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

} // namespace

std::string readable_type_name(const std::type_info& type) {
    std::string name = boost::core::demangle(type.name());
    // Programs do not write the inline namespaces and the ABI tags of the standard libraries.
    static constexpr std::pair<std::string_view, std::string_view> shorter[]{
        {"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string"},
        {"std::__cxx11::", "std::"},
        {"std::__1::", "std::"},
        {"[abi:cxx11]", ""}};
    for (const auto& [from, to] : shorter)
        replace_all(name, from, to);
    // A program throws a T, not a std::_Nested_exception<T>.
    for (const std::string_view wrapper :
         {"std::_Nested_exception<", "std::__nested<", "boost::wrapexcept<"}) {
        if (name.starts_with(wrapper) && name.ends_with('>')) {
            name = name.substr(wrapper.size(), name.size() - wrapper.size() - 1);
            while (name.ends_with(' '))
                name.pop_back();
            if (name.ends_with(" const"))
                name.erase(name.rfind(" const"));
        }
    }
    return name;
}

} // namespace procpool::detail
