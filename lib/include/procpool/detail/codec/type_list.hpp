// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_TYPE_LIST_HPP
#define PROCPOOL_DETAIL_CODEC_TYPE_LIST_HPP

namespace procpool::detail {

template <class... T>
struct type_list {};

} // namespace procpool::detail

#endif
