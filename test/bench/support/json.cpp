// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <ostream>

namespace bench {
namespace {

namespace json = boost::json;

const char* name_of(unit of) {
    switch (of) {
    case unit::per_second:
        return "1/s";
    case unit::seconds:
        return "s";
    case unit::bytes_per_second:
        return "B/s";
    case unit::bytes:
        return "B";
    case unit::plain:
        return "1";
    }
    return "";
}

json::array array_of(const samples& values) {
    return json::array(values.begin(), values.end());
}

json::object object_of(const row& of) {
    json::object out{{"line", of.line},
                     {"work", of.work},
                     {"compared_with", of.other},
                     {"unit", name_of(of.unit)},
                     {"procpool", array_of(of.ours)}};
    if (of.theirs)
        out["other"] = array_of(*of.theirs);
    if (of.is_measured()) {
        const samples values = of.figures();
        out[of.theirs ? "ratio" : "figure"] = json::object{
            {"median", median(values)}, {"least", quantile(values, 0)}, {"most", quantile(values, 1)}};
    }
    if (of.goal.stated && std::isfinite(of.goal.least))
        out["at_least"] = of.goal.least;
    if (of.goal.stated && std::isfinite(of.goal.most))
        out["at_most"] = of.goal.most;
    if (const auto met = of.is_met())
        out["met"] = *met;
    if (!of.note.empty())
        out["note"] = of.note;
    return out;
}

} // namespace

void print_json(std::ostream& out, const report& measured) {
    json::array rows;
    for (const row& each : measured.rows)
        rows.push_back(object_of(each));
    const machine& where = measured.where;
    out << json::serialize(json::object{{"processor", where.processor},
                                        {"cpus", where.cpus},
                                        {"system", where.system},
                                        {"compiler", where.compiler},
                                        {"flags", where.flags},
                                        {"load_before", measured.load_before},
                                        {"load_after", measured.load_after},
                                        {"rounds", measured.rounds},
                                        {"rows", std::move(rows)}})
        << '\n';
}

} // namespace bench
