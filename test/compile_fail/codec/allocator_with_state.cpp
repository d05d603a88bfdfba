// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <memory>
#include <vector>

template <class T>
struct arena_allocator {
    using value_type = T;
    T* allocate(std::size_t count);
    void deallocate(T* at, std::size_t count);
    void* arena = nullptr;
};
using numbers = std::vector<int, arena_allocator<int>>;

void send(procpool::encoder& out, const numbers& value) {
    out.write(value);
}
