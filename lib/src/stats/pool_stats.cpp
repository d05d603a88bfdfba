// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/pool_stats.hpp>

#include "text/utf8.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace procpool {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();

/// The product; `largest` if it is larger. Without a division, which takes longer than all the rest.
constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) noexcept {
    const bool fits = static_cast<double>(a) * static_cast<double>(b) <= static_cast<double>(largest);
    return fits ? std::min(a * b, largest) : largest;
}

} // namespace

std::uint64_t latency_histogram::count() const noexcept {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::chrono::nanoseconds latency_histogram::quantile(double q) const {
    if (!(q >= 0 && q <= 1))
        throw std::invalid_argument("procpool::latency_histogram::quantile: not a number from 0 to 1");
    const auto all = count();
    if (all == 0)
        return std::chrono::nanoseconds::zero();
    const auto wanted = std::ceil(q * static_cast<double>(all));
    const auto rank = wanted >= static_cast<double>(all)
                          ? all
                          : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
    std::size_t bucket = 0;
    for (auto up_to = counts_[0]; up_to < rank; up_to += counts_[bucket])
        ++bucket;
    return std::min(bound(bucket), max());
}

void latency_histogram::add_series(std::chrono::nanoseconds first, std::chrono::nanoseconds step,
                                   std::uint64_t count) noexcept {
    auto value = from_nanoseconds(first);
    auto each = from_nanoseconds(step);
    while (count != 0) {
        const auto bucket = bucket_of(value);
        auto here = count; // how many of them belong to this bucket
        if (each != 0 && count != 1)
            here = std::min(count, (from_nanoseconds(bound(bucket)) - value) / each + 1);
        counts_[bucket] += here;
        // here * value + each * (0 + 1 + ... + (here - 1))
        const auto pairs = here % 2 == 0 ? times(here / 2, here - 1) : times(here, (here - 1) / 2);
        sum_ = plus(sum_, plus(times(here, value), times(each, pairs)));
        longest_ = std::max(longest_, value + each * (here - 1));
        count -= here;
        value += each * here; // at most the bound of the bucket and `each`
        if (value > longest_possible) {
            value = longest_possible;
            each = 0;
        }
    }
}

namespace {

/// Buckets that are shown; longer durations are in the bucket +Inf: from 2^43 ns, more than two hours.
constexpr std::size_t shown_buckets = 44;

/// `text` as the value of a label.
std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = text::utf8_length(text);
        if (length == 0)
            out += "\xef\xbf\xbd";
        else if (text[0] == '\n')
            out += "\\n";
        else if (text[0] == '"' || text[0] == '\\')
            (out += '\\') += text[0];
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

/// Exact, and in the same form in every locale.
std::string in_seconds(std::chrono::nanoseconds time) {
    constexpr std::int64_t second = 1'000'000'000;
    auto out = std::to_string(time.count() / second);
    const auto rest = time.count() % second;
    if (rest == 0)
        return out;
    const auto digits = std::to_string(rest);
    (out += '.').append(9 - digits.size(), '0') += digits;
    out.erase(out.find_last_not_of('0') + 1);
    return out;
}

/// Writes metrics of one pool.
class exposition {
  public:
    explicit exposition(std::string_view pool) : label_("pool=\"" + escaped(pool) + '"') {}

    void counter(std::string_view name, std::string_view help, std::uint64_t value) {
        begin(name, help, "counter");
        sample(name, "", label_, std::to_string(value));
    }
    void counter(std::string_view name, std::string_view help, std::chrono::nanoseconds value) {
        begin(name, help, "counter");
        sample(name, "", label_, in_seconds(value));
    }
    void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
        begin(name, help, "gauge");
        sample(name, "", label_, std::to_string(value));
    }
    void histogram(std::string_view name, std::string_view help, const latency_histogram& values) {
        begin(name, help, "histogram");
        std::uint64_t up_to = 0;
        for (std::size_t i = 0; i != shown_buckets; ++i) {
            up_to += values.count_in(i);
            sample(name, "_bucket", with_bound(in_seconds(latency_histogram::bound(i))),
                   std::to_string(up_to));
        }
        const auto all = std::to_string(values.count());
        sample(name, "_bucket", with_bound("+Inf"), all);
        sample(name, "_sum", label_, in_seconds(values.sum()));
        sample(name, "_count", label_, all);
    }

    std::string take() { return std::move(text_); }

  private:
    std::string with_bound(const std::string& bound) const { return label_ + ",le=\"" + bound + '"'; }
    void begin(std::string_view name, std::string_view help, std::string_view type) {
        text_.append("# HELP procpool_").append(name).append(" ").append(help).append("\n");
        text_.append("# TYPE procpool_").append(name).append(" ").append(type).append("\n");
    }
    void sample(std::string_view name, std::string_view suffix, std::string_view labels,
                std::string_view value) {
        text_.append("procpool_").append(name).append(suffix).append("{").append(labels).append("} ");
        text_.append(value).append("\n");
    }

    std::string label_;
    std::string text_;
};

} // namespace

std::string to_prometheus(const pool_stats& stats, std::string_view pool_name) {
    exposition out(pool_name);
    out.counter("submitted_total", "Items that the pool has accepted.", stats.submitted);
    out.gauge("queued", "Items that have not begun.", stats.queued);
    out.gauge("running", "Items that workers are running.", stats.running);
    out.counter("succeeded_total", "Items that ended with a value.", stats.succeeded);
    out.counter("threw_total", "Items that ended with an exception.", stats.threw);
    out.counter("lost_total", "Items whose worker died.", stats.lost);
    out.counter("timed_out_total", "Items that ran past their time-out.", stats.timed_out);
    out.counter("cancelled_total", "Items that were cancelled.", stats.cancelled);
    out.counter("abandoned_total", "Items that were abandoned with the pool, or for want of workers.",
                stats.abandoned);
    out.counter("retried_total", "Repeated runs of items.", stats.retried);
    out.counter("restarts_total", "Worker processes that replaced earlier ones.", stats.restarts);
    out.counter("argument_bytes_total", "Bytes of encoded tasks and arguments.", stats.argument_bytes);
    out.counter("result_bytes_total", "Bytes of encoded values and exceptions.", stats.result_bytes);
    out.counter("busy_seconds_total", "Time for which workers ran items.", stats.busy_time);
    out.histogram("wait_seconds", "Time from the submission of an item to its begin.", stats.wait);
    out.histogram("run_seconds", "Time from the begin of an item to its end.", stats.run);
    return out.take();
}

} // namespace procpool
