// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <boost/describe/class.hpp>
#include <string>

class closed {
  public:
    explicit closed(std::string text);

  private:
    std::string text_;
};

class account {
    closed owner_{"Ada"};
    BOOST_DESCRIBE_CLASS(account, (), (), (), (owner_))
};

void send(procpool::encoder& out, const account& value) {
    out.write(value);
}
