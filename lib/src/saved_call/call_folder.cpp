// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "saved_call/call_folder.hpp"

#include "call/item_bytes.hpp"
#include "error/failure_texts.hpp"
#include "os/handles.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/error.hpp>
#include <procpool/remote_info.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace procpool::saved_calls {
namespace {

constexpr std::size_t longest_name = 80;
constexpr int tries = 1000; // files of an earlier process with the same pid

/// An item that failed and is to be saved.
struct kept_call {
    std::exception_ptr why;
    const call_folder* folder = nullptr;
    std::shared_ptr<saved_call> call; // but for what identifies the task
    detail::task_runner run = nullptr;
    long worker_pid = 0;
};

/// `failure` again, with more text and a path.
template <class Failure>
std::exception_ptr with_remark(Failure again, const std::exception& failure,
                               const std::filesystem::path& saved) {
    const auto* const holder = dynamic_cast<const detail::remote_info_holder*>(&failure);
    if (holder == nullptr)
        return std::make_exception_ptr(std::move(again));
    auto info = holder->info_without_stack();
    info.what.clear(); // is made anew
    info.saved_call = saved;
    return detail::make_remote(std::move(again), std::move(info), nullptr,
                               [before = *holder] { return before.info().stack; });
}

std::exception_ptr with_remark(const std::exception_ptr& why, const std::string& remark,
                               const std::filesystem::path& saved) {
    try {
        std::rethrow_exception(why);
    } catch (const worker_lost& e) {
        return with_remark(
            worker_lost(e.what() + remark, e.pid(), e.exit_status(), e.signal_number(), e.task_name()), e,
            saved);
    } catch (const task_timeout& e) {
        return with_remark(task_timeout(e.what() + remark), e, saved);
    } catch (...) { // there was no memory for it
        return why;
    }
}

} // namespace

std::string file_name_of(std::string_view task_name) {
    std::string out;
    for (const char c : task_name) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_plain)
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
        if (out.size() == longest_name)
            break;
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    return out.empty() ? "task" : out;
}

std::unique_ptr<const call_folder> call_folder::of(const pool_options& options) {
    if (options.keep_failed_calls_in.empty())
        return nullptr;
    return std::make_unique<const call_folder>(options.keep_failed_calls_in, options.seed);
}

std::exception_ptr call_folder::keep(const std::exception_ptr& why, const detail::job& of, std::uint32_t item,
                                     long worker_pid) const {
    auto call = std::make_shared<saved_call>();
    call->task_name = of.task_name();
    call->item_index = of.range_index(item);
    call->seed = seed_;
    call->number = static_cast<std::uint32_t>(of.index_base + item);
    const auto all = of.arguments.bytes();
    const auto at = detail::bytes_of_items(of, item, 1);
    const auto function = all.first(of.items_offset);
    const auto arguments = all.subspan(at.begin, at.end - at.begin);
    call->bytes.function.assign(function.begin(), function.end());
    call->bytes.arguments.assign(arguments.begin(), arguments.end());
    return std::make_exception_ptr(kept_call{why, this, std::move(call), of.run, worker_pid});
}

std::filesystem::path call_folder::write(saved_call& call, long worker_pid) const {
    detail::heap_encoder bytes;
    to_bytes(call, bytes);
    const auto begin = file_name_of(call.task_name) + '-' + std::to_string(worker_pid) + '-';
    for (int i = 0; i != tries; ++i) {
        const auto path = folder_ / (begin + std::to_string(++last_number_) + ".call");
        if (os::write_new_file(path, bytes.bytes()))
            return path;
    }
    throw std::runtime_error("there are files of too many names in \"" + detail::in_utf8(folder_) + '"');
}

std::exception_ptr call_folder::save(const std::exception_ptr& kept) noexcept {
    try {
        std::rethrow_exception(kept);
    } catch (const kept_call& what) {
        try {
            std::filesystem::path saved;
            std::string remark;
            try {
                auto call = identify(what.run);
                call.task_name = std::move(what.call->task_name);
                call.item_index = what.call->item_index;
                call.seed = what.call->seed;
                call.number = what.call->number;
                call.bytes = std::move(what.call->bytes);
                saved = what.folder->write(call, what.worker_pid);
                remark = " The call was saved to \"" + detail::in_utf8(saved) + "\".";
            } catch (const std::exception& why_not) {
                saved.clear();
                remark = std::string(" The call could not be saved: ") + why_not.what() + '.';
            }
            return with_remark(what.why, remark, saved);
        } catch (...) {
            return what.why;
        }
    } catch (...) {
        return kept;
    }
}

} // namespace procpool::saved_calls
