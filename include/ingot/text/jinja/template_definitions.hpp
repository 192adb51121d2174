// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/template_definitions.hpp: templates and JSON as values, for ingot::runtime: only for its source.

#include <charconv>
#include <cstdint>
#include <ctime>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/context.hpp>
#include <ingot/text/jinja/interpreter.hpp>
#include <ingot/text/jinja/parser.hpp>
#include <ingot/text/jinja/scope.hpp>
#include <ingot/text/jinja/template.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

Result<Template> Template::compile(std::string_view source, std::string name, Limits limits) {
  if (source.size() > limits.source)
    return Error{ErrorCode::damaged, "template larger than the limit of " + std::to_string(limits.source) + " bytes", std::move(name), {}};
  if (!unicode::valid(source)) return Error{ErrorCode::damaged, "template is not UTF-8", std::move(name), {}};
  auto program = std::make_shared<Program>();
  program->name = std::move(name);
  program->source = normalized_source(source);
  INGOT_CHECK(Parser::parse(*program, limits));
  for (const NeededName& needed : program->needed) {
    if (needed.is_filter ? find_filter(needed.name) != nullptr : find_test(needed.name) != nullptr) continue;
    Error error = lacking((needed.is_filter ? "No filter named " : "No test named ") + in_quotes(needed.name) + ".");
    return std::move(error).in(program->where(needed.at));
  }
  ScopeResolver::resolve(*program);
  return Template{std::move(program), limits};
}

Result<std::string> Template::render(const Value& context, const std::tm& now) const {
  if (!context.dictionary()) return failure("the context of a template must be a dictionary");
  Runtime runtime{limits_, now};
  return Interpreter{*program_, runtime, context}.run();
}

/// What a JSON document of variables may cost.
inline constexpr json::Limits context_limits{std::size_t{64} << 20, 128};

namespace detail {

/// Whether all of `text` is a number in JSON's grammar.
[[nodiscard]] inline bool json_number(std::string_view text) noexcept {
  std::size_t at = text.starts_with('-');
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - start;
  };
  const bool zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.' && (++at, digits() == 0)) return false;
  if (at < text.size() && (text[at] | 32) == 'e') {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-');
    if (digits() == 0) return false;
  }
  return at == text.size();
}

/// Numbers that the JSON reader refuses but Python takes (integers beyond 64 bits, doubles out of range), put into strings
/// that start with `mark`, which is made longer until it stands nowhere in the text.
[[nodiscard]] inline std::string mark_wide_numbers(std::string_view text, std::string& mark) {
  const auto numeric = [](char c) { return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E'; };
  const auto wide = [](std::string_view number) {
    if (number.find_first_of(".eE") == number.npos) return number.size() > 18;
    double value = 0;
    return std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc::result_out_of_range;
  };
  while (text.find(mark) != text.npos) mark.push_back('*');
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\';
      at = std::min(at + 1, text.size());
    } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
      while (at < text.size() && numeric(text[at])) ++at;
      if (const std::string_view number = text.substr(start, at - start); wide(number) && json_number(number)) {
        out.append("\"").append(mark).append(number).append("\"");
        continue;
      }
    } else {
      ++at;
    }
    out.append(text, start, at - start);
  }
  return out;
}

[[nodiscard]] inline Result<Value> from_json(Budget& budget, const json::Value& json, std::string_view mark) {
  if (json.is_null()) return Value{Value::None{}};
  if (json.is_bool()) {
    INGOT_TRY(const bool value, json.as<bool>());
    return Value{value};
  }
  if (json.is_integer()) {
    const auto small = json.as<std::int64_t>();
    return small ? Value{*small} : Value{Integer{std::string_view{json.dump()}}};
  }
  if (json.is_number()) {
    INGOT_TRY(const double value, json.as<double>());
    return Value{value};
  }
  if (json.is_string()) {
    INGOT_TRY(const std::string_view text, json.as<std::string_view>());
    if (mark.empty() || !text.starts_with(mark)) return make_text(budget, std::string{text});
    const std::string_view number = text.substr(mark.size());
    const std::size_t power = number.find_first_of("eE");
    if (number.find_first_of(".eE") == number.npos) {
      if (number.size() > budget.limits().digits)
        return json.problem("integer of more than " + std::to_string(budget.limits().digits) + " digits", {});
      return Value{Integer{number}};
    }
    const bool tiny = power != number.npos && power + 1 < number.size() && number[power + 1] == '-';
    const double value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
    return Value{number.starts_with('-') ? -value : value};
  }
  if (json.is_array()) {
    std::vector<Value> items;
    INGOT_CHECK(json.each_element([&](const json::Value& element) -> Status {
      INGOT_TRY(Value item, from_json(budget, element, mark));
      items.push_back(std::move(item));
      return {};
    }));
    return make_sequence(budget, std::move(items));
  }
  std::vector<std::pair<Value, Value>> entries;
  INGOT_CHECK(json.each_member([&](std::string_view key, const json::Value& member) -> Status {
    INGOT_TRY(Value value, from_json(budget, member, mark));
    entries.emplace_back(Value{key}, std::move(value));
    return {};
  }));
  return make_dictionary(budget, std::move(entries));
}

}  // namespace detail

Result<Value> value_of_json(std::string_view text, std::string where) {
  if (text.size() > context_limits.bytes)
    return Error{
        ErrorCode::damaged, "JSON larger than the limit of " + std::to_string(context_limits.bytes) + " bytes", std::move(where), {}};
  std::string mark = "*number*";
  const std::string marked = detail::mark_wide_numbers(text, mark);
  INGOT_TRY(const json::Document document, json::Document::parse(marked, where, {2 * context_limits.bytes, context_limits.depth}));
  Limits limits;
  limits.steps = 16 * limits.steps;  // a document is read once, and its size is bounded already
  Budget budget{limits};
  auto value = detail::from_json(budget, document.root(), mark);
  if (!value && value.error().where.empty()) value.error().where = std::move(where);
  return value;
}

}  // namespace ingot::text::jinja
