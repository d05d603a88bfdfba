// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_MESSAGE_QUEUES_HPP
#define PROCPOOL_BENCH_MESSAGE_QUEUES_HPP

#include "bench/support/bare_rings.hpp"

#include <boost/interprocess/ipc/message_queue.hpp>

#include <cstddef>
#include <string>

#include <unistd.h>

namespace bench {

/// What Boost has for messages between processes: it has a lock and conditions in shared memory.
template <class Entry>
class queue_of {
  public:
    explicit queue_of(const std::string& name)
        : queue_(boost::interprocess::create_only, name.c_str(), 64, sizeof(Entry)) {
        // Both processes have it mapped; nobody else shall find it.
        boost::interprocess::message_queue::remove(name.c_str());
    }

    void write(const Entry& entry) { queue_.send(&entry, sizeof entry, 0); }
    Entry read() {
        Entry entry;
        boost::interprocess::message_queue::size_type size = 0;
        unsigned priority = 0;
        queue_.receive(&entry, sizeof entry, size, priority);
        return entry;
    }

  private:
    boost::interprocess::message_queue queue_;
};

struct message_queues {
    queue_of<two_numbers> calls{"procpool-bench-calls-" + std::to_string(::getpid())};
    queue_of<int> results{"procpool-bench-results-" + std::to_string(::getpid())};

    void answer(std::size_t count) {
        for (std::size_t done = 0; done != count; ++done) {
            const auto call = calls.read();
            results.write(call.a + call.b);
        }
    }
};

} // namespace bench

#endif
