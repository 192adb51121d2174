// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/compare.hpp: ==, <, hashing order of keys, and looking them up.

#include <compare>

#include <ingot/core/result.hpp>
#include <ingot/text/jinja/integer.hpp>
#include <ingot/text/jinja/limits.hpp>
#include <ingot/text/jinja/python_text.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

/// A bool, int or big int as an Integer.
[[nodiscard]] Integer to_integer(const Value& value);
/// Any number as a double.
[[nodiscard]] double to_real(const Value& value);
/// The integer part of a finite double, exactly.
[[nodiscard]] Integer truncated(double value);

/// Exact comparison of two numbers of any type; unordered with nan.
[[nodiscard]] std::partial_ordering compare_numbers(const Value& a, const Value& b);
/// Python's ==: numbers by value whatever their type, containers deeply.
[[nodiscard]] Result<bool> equal(Budget& budget, const Value& a, const Value& b);
/// Python's order for <, <=, >, >= and sorting; `sign` is the operator named in the error.
[[nodiscard]] Result<std::partial_ordering> order(Budget& budget, const Value& a, const Value& b, const char* sign = "<");
/// A total order of hashable values in which equal means ==. Out of budget it calls everything equal.
[[nodiscard]] std::weak_ordering key_order(Budget& budget, const Value& a, const Value& b);

/// An Error unless the value may be the key of a dictionary.
[[nodiscard]] Status hashable(Budget& budget, const Value& value);
/// The value at `key`, or nullptr. An unhashable key is an Error.
[[nodiscard]] Result<const Value*> find(Budget& budget, const Dictionary& dictionary, const Value& key);

}  // namespace ingot::text::jinja
