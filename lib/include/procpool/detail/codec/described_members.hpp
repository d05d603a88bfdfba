// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_DESCRIBED_MEMBERS_HPP
#define PROCPOOL_DETAIL_CODEC_DESCRIBED_MEMBERS_HPP

#include <procpool/detail/codec/type_list.hpp>

#include <boost/describe/bases.hpp>
#include <boost/describe/members.hpp>

#include <type_traits>

// The bases and the data members that a BOOST_DESCRIBE_CLASS or BOOST_DESCRIBE_STRUCT lists, including
// private ones.

namespace procpool::detail {

template <class T>
concept described_class = std::is_class_v<T> && boost::describe::has_describe_members<T>::value &&
    boost::describe::has_describe_bases<T>::value;

template <class T>
using described_bases = boost::describe::describe_bases<T, boost::describe::mod_any_access>;
template <class T>
using described_members = boost::describe::describe_members<T, boost::describe::mod_any_access>;

template <class Pointer>
struct pointed_member;
template <class T, class M>
struct pointed_member<M T::*> {
    using type = M;
};

template <class Bases>
struct base_type_list;
template <template <class...> class List, class... B>
struct base_type_list<List<B...>> {
    using type = type_list<typename B::type...>;
};
template <class Members>
struct member_type_list;
template <template <class...> class List, class... M>
struct member_type_list<List<M...>> {
    using type = type_list<typename pointed_member<std::remove_cv_t<decltype(M::pointer)>>::type...>;
};

template <class T>
using described_base_types = typename base_type_list<described_bases<T>>::type;
template <class T>
using described_member_types = typename member_type_list<described_members<T>>::type;

} // namespace procpool::detail

#endif
