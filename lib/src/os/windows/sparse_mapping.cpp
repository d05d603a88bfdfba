// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/sparse_mapping.hpp"

namespace procpool::os {

namespace ipc = boost::interprocess;

sparse_mapping::sparse_mapping(const shared_memory& memory, access how, std::uint64_t offset,
                               std::uint64_t bytes)
    : region_(memory, how == access::read_write ? ipc::read_write : ipc::read_only,
              static_cast<ipc::offset_t>(offset), static_cast<std::size_t>(bytes)) {}

std::byte* sparse_mapping::data() const noexcept {
    return static_cast<std::byte*>(region_.get_address());
}

std::size_t sparse_mapping::size() const noexcept {
    return region_.get_size();
}

void sparse_mapping::exclude_from_copies() noexcept {}

} // namespace procpool::os
