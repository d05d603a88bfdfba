// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec/serialization.hpp>
#include <procpool/procpool.hpp>

#include <boost/serialization/vector.hpp>

#include <iostream>
#include <utility>
#include <vector>

class numbers {
  public:
    explicit numbers(std::vector<int> values = {}) : values_(std::move(values)) {}
    int sum() const {
        int out = 0;
        for (const int each : values_)
            out += each;
        return out;
    }

  private:
    friend class boost::serialization::access;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& values_;
    }
    std::vector<int> values_;
};

int main() {
    procpool::init();
    procpool::pool pool(1);
    std::cout << pool.apply([](const numbers& of) { return of.sum(); }, numbers({1, 2})) << '\n';
}
