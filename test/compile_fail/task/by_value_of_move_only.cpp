// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

struct ticket {
    ticket() = default;
    ticket(ticket&&) = default;
    int number = 0;
};

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::by_value([held = ticket()](int n) { return held.number + n; }), 2);
}
