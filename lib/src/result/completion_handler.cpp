// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/completion_handler.hpp>

namespace procpool::detail {

void slot_cancellation::operator()(boost::asio::cancellation_type type) {
    using boost::asio::cancellation_type;
    const auto kept = result_; // the task may end meanwhile, and the slot be cleared
    if ((type & (cancellation_type::terminal | cancellation_type::partial)) != cancellation_type::none)
        kept->cancel();
}

} // namespace procpool::detail
