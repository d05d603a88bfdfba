// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <map>
#include <string>
#include <vector>

class opaque {
  public:
    explicit opaque(std::string text);

  private:
    std::string text_;
};

struct middle {
    int number;
    opaque inner;
};

struct config {
    std::string name;
    std::vector<middle> parts;
};

void send(procpool::encoder& out, const std::map<int, config>& value) {
    out.write(value);
}
