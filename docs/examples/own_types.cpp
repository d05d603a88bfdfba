// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <boost/describe.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

struct order { // an aggregate travels as it is
    std::string customer;
    std::map<std::string, int> items;
    std::optional<double> discount;
};

//[ described
class account { // a class described with Boost.Describe
  public:
    account() = default;
    explicit account(std::string owner) : owner_(std::move(owner)) {}
    void pay(double amount) { balance_ += amount; }
    const std::string& owner() const { return owner_; }
    double balance() const { return balance_; }

  private:
    std::string owner_;
    double balance_ = 0;
    BOOST_DESCRIBE_CLASS(account, (), (), (), (owner_, balance_))
};
//]

class fraction { // a class that says itself how it travels
  public:
    fraction(int numerator, int denominator) : numerator_(numerator), denominator_(denominator) {}
    int numerator() const { return numerator_; }
    int denominator() const { return denominator_; }

  private:
    int numerator_, denominator_;
};

//[ codec
template <>
struct procpool::codec<fraction> {
    static void encode(encoder& out, const fraction& value) {
        out.write(value.numerator());
        out.write(value.denominator());
    }
    static fraction decode(decoder& in) {
        const int numerator = in.read<int>();
        const int denominator = in.read<int>();
        return {numerator, denominator};
    }
};
//]

int count(const order& of) {
    int out = 0;
    for (const auto& [name, number] : of.items)
        out += number;
    return out;
}

account open_account(const std::string& owner) {
    account out(owner);
    out.pay(10);
    return out;
}

fraction half(const fraction& of) {
    return {of.numerator(), 2 * of.denominator()};
}

int main() {
    procpool::init();
    procpool::pool pool(1);
    std::cout << pool.apply(procpool::fn<count>, order{"Ada", {{"bolts", 3}, {"nuts", 4}}, {}}) << '\n';
    const account opened = pool.apply(procpool::fn<open_account>, "Grace");
    std::cout << opened.owner() << ' ' << opened.balance() << '\n';
    std::cout << pool.apply(procpool::fn<half>, fraction(3, 4)).denominator() << '\n';
}

// Output:
// 7
// Grace 10
// 8
