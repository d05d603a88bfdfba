// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAULTS_TASKS_HPP
#define PROCPOOL_TEST_FAULTS_TASKS_HPP

#include "os/fault_point.hpp"
#include "support/eventually.hpp"
#include "support/faults/record.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

// Tasks that record their runs, with arguments and results that pass a fault step between any two pieces.
namespace procpool::test::faults {

using os::fault_point;
using os::fault_step;

/// Its encoding is `count` pieces of `bytes` bytes each, and nothing else.
struct pieces {
    std::uint32_t count = 0;
    std::uint32_t bytes = 0;

    friend bool operator==(const pieces&, const pieces&) = default;
};

inline constexpr pieces small{2, 8};
inline constexpr pieces large{10, 40'000};        // outgrows the ring, and then its first block
inline constexpr pieces enormous{100, 1'000'000}; // 100 MB

inline void note_run(std::uint32_t index) {
    ++own_record()->runs[index];
}

inline pieces relay(std::uint32_t index, const pieces& what) {
    note_run(index);
    fault_point(fault_step::running);
    return what;
}

inline pieces refuse(std::uint32_t index, const pieces&) {
    note_run(index);
    throw std::domain_error(std::to_string(index));
}

/// The result shares its record with others.
inline std::uint32_t count(std::uint32_t index) {
    note_run(index);
    fault_point(fault_step::running);
    return index;
}

inline std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    return a + b;
}

inline pieces perish(std::uint32_t, const pieces& what) {
    procpool::test::kill_itself();
    return what;
}

/// Returns when the gate is opened, or when the task is asked to stop.
inline void linger() {
    const auto stop = this_task::stop_token();
    static_cast<void>(eventually([&] { return stop.stop_requested() || own_record()->gate_open != 0; }));
}

inline long own_pid() {
    return procpool::test::own_pid();
}

inline void prepare() {
    fault_point(fault_step::initializing);
}

inline void finish() {
    fault_point(fault_step::finalizing);
}

} // namespace procpool::test::faults

template <>
struct procpool::codec<procpool::test::faults::pieces> {
    using pieces = procpool::test::faults::pieces;
    using step = procpool::os::fault_step;

    static void encode(encoder& out, const pieces& value) {
        const auto at = this_worker::active() ? step::encoding_result : step::encoding_argument;
        const std::string piece(value.bytes, 'p');
        out.write(value.count);
        for (std::uint32_t i = 0; i != value.count; ++i) {
            out.write(piece);
            os::fault_point(at);
        }
    }
    static pieces decode(decoder& in) {
        const auto at = this_worker::active() ? step::decoding_argument : step::decoding_result;
        pieces out;
        out.count = in.read<std::uint32_t>();
        for (std::uint32_t i = 0; i != out.count; ++i) {
            os::fault_point(at);
            const auto piece = in.read<std::string>();
            if (piece.find_first_not_of('p') != std::string::npos)
                throw std::runtime_error("a piece has other bytes than it had");
            out.bytes = static_cast<std::uint32_t>(piece.size());
        }
        return out;
    }
};

#endif
