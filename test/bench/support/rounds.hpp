// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_ROUNDS_HPP
#define PROCPOOL_BENCH_ROUNDS_HPP

#include <cstddef>
#include <functional>
#include <vector>

namespace bench {

/// Has every side measured once a round, each round beginning with another one: what else goes on in the
/// machine, and how warm it is, then meets all of them alike.
inline void alternate(unsigned rounds, const std::vector<std::function<void()>>& sides) {
    for (unsigned round = 0; round != rounds; ++round)
        for (std::size_t turn = 0; turn != sides.size(); ++turn)
            sides[(turn + round) % sides.size()]();
}

} // namespace bench

#endif
