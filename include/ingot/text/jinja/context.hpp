// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/context.hpp: JSON documents as values, with the numbers that Python would read.

#include <string>
#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

/// A JSON document as a value: objects are dictionaries in the order of the text, the last of equal keys counts.
/// `where` names the source in errors. Errors: damaged. Compiled in ingot::runtime.
[[nodiscard]] Result<Value> value_of_json(std::string_view text, std::string where);

}  // namespace ingot::text::jinja
