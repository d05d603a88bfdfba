// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <boost/describe/class.hpp>
#include <string>

class account {
  public:
    explicit account(std::string owner);

  private:
    std::string owner_;
    BOOST_DESCRIBE_CLASS(account, (), (), (), (owner_))
};

void send(procpool::encoder& out, const account& value) {
    out.write(value);
}
