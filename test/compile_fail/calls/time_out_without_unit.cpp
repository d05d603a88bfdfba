// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

int wait_for(const procpool::async_result<int>& result) {
    return result.get(5);
}
