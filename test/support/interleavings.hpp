// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_INTERLEAVINGS_HPP
#define PROCPOOL_TEST_INTERLEAVINGS_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace procpool::test {

/// Visits every state that a small model can reach, in any order of the steps of its parts.
///
/// A model has `state`, which is plain bytes; `steps(from, step, accident)`, which calls `step(to, name)` for
/// each possible next step of a part and `accident(to, name)` for each possible accident; and `fault(state,
/// is_end)`, which returns a text if the state is wrong. `is_end`: no part can take a step.
template <class Model>
class interleavings {
  public:
    using state = typename Model::state;
    static_assert(std::has_unique_object_representations_v<state>);

    explicit interleavings(const Model& model) {
        add(typename Model::state{}, 0, "start");
        for (std::size_t at = 0; at != found_.size() && fault_.empty(); ++at) {
            bool is_end = true;
            const auto from = found_[at].what;
            const auto accident = [&](const state& to, const char* name) {
                add(to, at, name);
            };
            const auto step = [&](const state& to, const char* name) {
                is_end = false;
                add(to, at, name);
            };
            model.steps(from, step, accident);
            ends_ += is_end;
            const std::string_view fault = model.fault(from, is_end);
            if (!fault.empty())
                fault_ = std::string(fault) + ", after:" + way_to(at);
        }
    }

    std::size_t states() const noexcept { return found_.size(); }
    std::size_t ends() const noexcept { return ends_; }
    /// The fault and the shortest way to it; empty: there is none.
    const std::string& fault() const noexcept { return fault_; }

  private:
    struct found {
        state what;
        std::size_t from;
        const char* step;
    };
    struct hash {
        std::size_t operator()(const state& of) const noexcept {
            std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
            unsigned char bytes[sizeof of];
            std::memcpy(bytes, &of, sizeof of);
            for (const auto byte : bytes)
                sum = (sum ^ byte) * 0x0000'0100'0000'01b3;
            return static_cast<std::size_t>(sum);
        }
    };

    void add(const state& what, std::size_t from, const char* step) {
        if (index_.emplace(what, found_.size()).second)
            found_.push_back({what, from, step});
    }
    std::string way_to(std::size_t at) const {
        std::vector<const char*> steps;
        for (; at != 0; at = found_[at].from)
            steps.push_back(found_[at].step);
        std::string out;
        for (auto it = steps.rbegin(); it != steps.rend(); ++it)
            out.append(" ").append(*it).append(";");
        return out;
    }

    std::vector<found> found_;
    std::unordered_map<state, std::size_t, hash> index_;
    std::size_t ends_ = 0;
    std::string fault_;
};

} // namespace procpool::test

#endif
