// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/failures.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
    if (procpool::test::failures::is_to_fail()) {
        procpool::test::failures::function = "operator new";
        return nullptr;
    }
    if (alignment <= alignof(std::max_align_t))
        return std::malloc(bytes == 0 ? 1 : bytes);
#if defined(_WIN32) // the alignment of malloc is enough for the tests there
    return nullptr;
#else
    void* out = nullptr;
    return ::posix_memalign(&out, alignment, bytes) == 0 ? out : nullptr;
#endif
}

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
    if (void* const out = allocate(bytes, alignment))
        return out;
    throw std::bad_alloc();
}

} // namespace

// NOLINTBEGIN: the language defines these names.
void* operator new(std::size_t bytes) {
    return allocate_or_throw(bytes, 1);
}
void* operator new[](std::size_t bytes) {
    return allocate_or_throw(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocate_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return allocate_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return allocate(bytes, 1);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
    return allocate(bytes, 1);
}
void operator delete(void* what) noexcept {
    std::free(what);
}
void operator delete[](void* what) noexcept {
    std::free(what);
}
void operator delete(void* what, std::size_t) noexcept {
    std::free(what);
}
void operator delete[](void* what, std::size_t) noexcept {
    std::free(what);
}
void operator delete(void* what, std::align_val_t) noexcept {
    std::free(what);
}
void operator delete[](void* what, std::align_val_t) noexcept {
    std::free(what);
}
void operator delete(void* what, std::size_t, std::align_val_t) noexcept {
    std::free(what);
}
void operator delete[](void* what, std::size_t, std::align_val_t) noexcept {
    std::free(what);
}
#if !defined(_WIN32)
extern "C" void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes);
extern "C" void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
    return allocate(bytes, alignment);
}
#endif
// NOLINTEND
