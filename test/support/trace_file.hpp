// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_TRACE_FILE_HPP
#define PROCPOOL_TEST_TRACE_FILE_HPP

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <istream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// Traces as a viewer reads them.
namespace procpool::test {

struct trace_element {
    std::string phase, category, name, outcome, id, text;
    std::uint32_t track = 0;
    std::uint64_t begin = 0, end = 0; // nanoseconds
    std::string index, call;          // empty: none
};

class trace_file {
  public:
    /// Throws an exception if it is not valid JSON, or an element lacks what each of them has.
    explicit trace_file(std::istream& text) {
        boost::property_tree::ptree all;
        boost::property_tree::read_json(text, all);
        for (const auto& [key, each] : all) {
            if (!key.empty())
                throw std::runtime_error("it is not an array");
            add(each);
        }
    }
    static trace_file of_text(const std::string& text) {
        std::istringstream stream(text);
        return trace_file(stream);
    }
    static trace_file read(const std::string& path) {
        std::ifstream stream(path);
        return trace_file(stream);
    }

    const std::vector<trace_element>& all() const { return all_; }
    std::vector<trace_element> of(const std::string& phase, const std::string& category) const {
        std::vector<trace_element> out;
        for (const auto& each : all_)
            if (each.phase == phase && each.category == category)
                out.push_back(each);
        return out;
    }
    /// Those of one outcome.
    std::size_t items(const std::string& outcome, const std::string& category = "item") const {
        const auto found = of("X", category);
        return static_cast<std::size_t>(std::count_if(
            found.begin(), found.end(), [&](const auto& each) { return each.outcome == outcome; }));
    }
    std::size_t events(const std::string& name) const {
        return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const auto& each) {
            return each.phase == "i" && each.name == name;
        }));
    }
    /// The name of a track; empty: none.
    std::string track(std::uint32_t number) const {
        const auto found = tracks_.find(number);
        return found == tracks_.end() ? "" : found->second;
    }

    /// What is wrong with it; empty: nothing.
    std::string fault() const {
        std::map<std::uint32_t, std::vector<trace_element>> slices;
        for (const auto& each : all_) {
            if (each.phase != "M" && track(each.track).empty())
                return "a track without a name";
            if (each.phase == "X")
                slices[each.track].push_back(each);
        }
        for (auto& [track, of] : slices) {
            std::sort(of.begin(), of.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
            for (std::size_t i = 0; i != of.size(); ++i) {
                if (of[i].begin >= of[i].end)
                    return "a slice without a length";
                if (i != 0 && of[i].begin < of[i - 1].end)
                    return "slices overlap on track " + std::to_string(track);
            }
        }
        const auto in_slice = [&](const trace_element& flow) {
            const auto& of = slices[flow.track];
            const auto after =
                std::upper_bound(of.begin(), of.end(), flow.begin,
                                 [](auto time, const auto& each) { return time < each.begin; });
            return after != of.begin() && flow.begin < (after - 1)->end;
        };
        std::map<std::string, std::string> flows;
        for (const char* phase : {"s", "t", "f"})
            for (const auto& each : of(phase, "item")) {
                if (!in_slice(each))
                    return "a flow outside a slice";
                flows[each.id] += phase;
            }
        for (const auto& [id, phases] : flows) {
            const bool is_whole = phases.size() >= 2 && phases.front() == 's' && phases.back() == 'f' &&
                                  std::count(phases.begin(), phases.end(), 's') == 1 &&
                                  std::count(phases.begin(), phases.end(), 'f') == 1;
            if (!is_whole)
                return "a flow with the parts " + phases;
        }
        if (flows.size() != of("X", "item").size())
            return std::to_string(flows.size()) + " flows of " + std::to_string(of("X", "item").size()) +
                   " items";
        return "";
    }

  private:
    void add(const boost::property_tree::ptree& from) {
        const auto nanoseconds = [&](const char* key) {
            return static_cast<std::uint64_t>(std::llround(from.get<double>(key) * 1000));
        };
        trace_element out;
        out.phase = from.get<std::string>("ph");
        out.category = from.get<std::string>("cat");
        out.name = from.get<std::string>("name");
        out.track = from.get<std::uint32_t>("tid");
        static_cast<void>(from.get<long>("pid"));
        out.begin = nanoseconds("ts");
        out.end = out.phase == "X" ? out.begin + nanoseconds("dur") : out.begin;
        out.outcome = from.get("args.outcome", "");
        out.index = from.get("args.index", "");
        out.call = from.get("args.call", "");
        out.text = from.get("args.how", "");
        out.id = from.get("id", "");
        if (out.name == "thread_name")
            tracks_[out.track] = from.get<std::string>("args.name");
        all_.push_back(out);
    }

    std::vector<trace_element> all_;
    std::map<std::uint32_t, std::string> tracks_;
};

} // namespace procpool::test

#endif
