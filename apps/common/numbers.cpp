// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/numbers.hpp"

#include <iomanip>
#include <sstream>

namespace apps {

std::string fixed(double value, int digits) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    return out.str();
}

std::string seconds(double value) {
    return fixed(value, value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3);
}

std::string percent(double ratio) {
    return fixed(100 * ratio, 0) + " %";
}

std::string counted(std::size_t count, const std::string& singular, const std::string& plural) {
    return std::to_string(count) + ' ' + (count == 1 ? singular : plural);
}

} // namespace apps
