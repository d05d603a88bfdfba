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

/// Removes "class " and the like in front of every name, where MSVC prints them.
void remove_class_keys(std::string& text) {
    const auto is_of_identifier = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    for (const std::string_view key : {"class ", "struct ", "enum ", "union "}) {
        for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
            if (at == 0 || !is_of_identifier(text[at - 1]))
                text.erase(at, key.size());
            else
                at += key.size();
        }
    }
}

} // namespace

std::string readable_type_name(const std::type_info& type) {
    return readable_type_name(boost::core::demangle(type.name()));
}

std::string readable_type_name(std::string printed) {
    std::string name = std::move(printed);
    remove_class_keys(name);
    // Programs do not write the inline namespaces and the ABI tags of the standard libraries, nor what MSVC adds to
    // pointers.
    static constexpr std::pair<std::string_view, std::string_view> replaced[]{
        {"std::__cxx11::", "std::"},
        {"std::__1::", "std::"},
        {"[abi:cxx11]", ""},
        {"`anonymous namespace'", "(anonymous namespace)"},
        {"`anonymous-namespace'", "(anonymous namespace)"},
        {" __ptr64", ""},
        {" *", "*"},
        {"__int64", "long long"},
        {"std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string"},
        {"std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string"},
        {"std::basic_string<char,std::char_traits<char>,std::allocator<char> >", "std::string"}};
    for (const auto& [from, to] : replaced)
        replace_all(name, from, to);
    // A program throws a T, not a std::_Nested_exception<T>, which is named differently in each
    // standard library.
    for (const std::string_view wrapper :
         {"std::_Nested_exception<", "std::__nested<", "std::_With_nested_v2<", "std::_With_nested<",
          "boost::wrapexcept<"}) {
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
