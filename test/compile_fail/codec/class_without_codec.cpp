// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <string>

class closed {
  public:
    explicit closed(std::string text);

  private:
    std::string text_;
};

void send(procpool::encoder& out, const closed& value) {
    out.write(value);
}
