// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/replay.hpp"

#include "error/thrown_object.hpp"
#include "saved_call/saved_call.hpp"
#include "task/forked_copy.hpp"
#include "task/running_task.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/run/frame_context.hpp>
#include <procpool/detail/run/layout.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iostream>
#include <new>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace procpool::serving {
namespace {

std::filesystem::path path_of(const std::string& file) {
    return std::filesystem::path(
        std::u8string(file.begin(), file.end())); // on Windows, the environment is in UTF-8
}

/// Errors: throws std::runtime_error, std::bad_alloc.
std::vector<std::byte> contents_of(const std::string& file) {
    const auto path = path_of(file);
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown)) // reading a pipe or a device could take for ever
        throw std::runtime_error("it is no file");
    std::ifstream in(path, std::ios::binary);
    std::vector<std::byte> out;
    constexpr std::size_t step = 1 << 20;
    while (in) {
        const auto before = out.size();
        out.resize(before + step);
        in.read(reinterpret_cast<char*>(out.data() + before), static_cast<std::streamsize>(step));
        out.resize(before + static_cast<std::size_t>(in.gcount()));
    }
    if (!in.eof())
        throw std::runtime_error("it cannot be read");
    return out;
}

/// The frame of a saved call.
class replayed_frame final : public detail::frame_context, public running_task {
  public:
    replayed_frame(const saved_calls::saved_call& call, detail::replay_log& log)
        : frame_context(log)
        , seed_(seed_of(call.seed, call.number)) {
        bytes_.write_bytes(call.bytes.function.data(), call.bytes.function.size());
        bytes_.align(detail::item_alignment);
        arguments_at_ = bytes_.size();
        bytes_.write_bytes(call.bytes.arguments.data(), call.bytes.arguments.size());
    }

    std::span<const std::byte> function() const noexcept override {
        return bytes_.bytes().first(arguments_at_);
    }
    std::span<const std::byte> arguments() const noexcept override {
        return bytes_.bytes().subspan(arguments_at_);
    }

    // replay_task does not use the rest.
    bool next(std::uint32_t&) override { return false; }
    bool timed() const noexcept override { return false; }
    detail::packed_items next_packed(std::size_t) override { return {}; }
    void packed(std::uint32_t, std::size_t) noexcept override {}
    encoder& begin_value(std::uint32_t) override { return unused_; }
    void end_value() override {}
    void abandon_value() override {}
    void failed(std::uint32_t, const std::exception_ptr&) override {}

    std::stop_token stop_token() override { return stop_.get_token(); }
    std::uint64_t seed() const noexcept override { return seed_; }
    void report(double) noexcept override {}

  private:
    const std::uint64_t seed_;
    detail::heap_encoder bytes_; // aligned, as in a worker
    std::size_t arguments_at_ = 0;
    detail::heap_encoder unused_;
    std::stop_source stop_; // nobody requests a stop
};

[[noreturn]] void end(const std::string& text, replay_status status) {
    std::cout << "procpool: " << text << std::endl;
    std::exit(status);
}

std::string text_of_thrown(const std::exception_ptr& error) {
    const auto thrown = detail::inspect(error);
    return thrown.type_name + (thrown.text ? ": " + *thrown.text : "");
}

} // namespace

void refuse_replay(const std::string& file, const std::string& why) {
    std::cerr << "procpool: \"" << file << "\" cannot be run again: " << why << std::endl;
    std::exit(replay_refused);
}

std::optional<copy_identity> copy_of_saved_call(const std::string& file) {
    try {
        return saved_calls::copy_of(contents_of(file));
    } catch (const std::exception& why) {
        std::cerr << "procpool: \"" << file << "\" cannot be run again: " << why.what() << std::endl;
        return std::nullopt;
    }
}

void replay_file(const char* file) {
    saved_calls::saved_call call;
    detail::task_runner run = nullptr;
    std::string why_not;
    try {
        call = saved_calls::from_bytes(contents_of(file));
        run = saved_calls::find(call, why_not);
    } catch (const std::exception& why) {
        why_not = why.what();
    }
    if (run == nullptr)
        refuse_replay(file, why_not);
    auto name = "task \"" + call.task_name + '"';
    if (call.item_index)
        name += " (item " + std::to_string(*call.item_index) + ')';
    std::ostringstream value;
    value << std::boolalpha;
    detail::replay_log log;
    log.out = &value;
    std::exception_ptr thrown;
    {
        replayed_frame frame(call, log);
        watch_forks();
        running_task::set(&frame);
        try {
            run(frame);
        } catch (...) {
            thrown = std::current_exception();
        }
        running_task::set(nullptr);
    }
    if (thrown && !log.begun)
        refuse_replay(file, "the call cannot be decoded: " + text_of_thrown(thrown));
    if (thrown && log.returned)
        end(name + " returned, but printing its value threw " + text_of_thrown(thrown), replay_returned);
    if (thrown)
        end(name + " threw " + text_of_thrown(thrown), replay_threw);
    end(name + " returned" + (log.printed ? ' ' + value.str() : ""), replay_returned);
}

} // namespace procpool::serving
