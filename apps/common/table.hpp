// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TABLE_HPP
#define PROCPOOL_APPS_TABLE_HPP

// A report as text, for people and for programs.

#include "common/report.hpp"

#include <iosfwd>

namespace apps {

enum class table_format { table, markdown, csv, json };

/// Writes the report; with its verdict, except as CSV, which has no place for one.
void print(std::ostream& out, const report& measured, table_format format);

} // namespace apps

#endif
