// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <string>

class closed {
  public:
    explicit closed(std::string text);
    closed(const closed&);

  private:
    std::string text_;
};

closed make(int n);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<make>, 1);
}
