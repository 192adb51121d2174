// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/simdjson_definitions.hpp: json.hpp and utf8.hpp by simdjson; ingot::runtime compiles it, once.

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/core/utf8.hpp>

namespace ingot {

bool is_utf8(std::string_view bytes) noexcept { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

}  // namespace ingot

namespace ingot::json {

namespace detail {

/// simdjson's element from a Value's place, which is its two words.
template <class Place>
[[nodiscard]] simdjson::dom::element element(const Place& place) noexcept {
  return std::bit_cast<simdjson::dom::element>(place);
}

/// Integers of 19 digits and more become floats: simdjson refuses what 64 bits do not hold, while many a
/// tokenizer_config.json says "model_max_length": 1000000000000000019884624838656.
[[nodiscard]] inline std::string long_integers_as_floats(std::string_view text) {
  constexpr std::size_t digits_that_fit = 18;
  std::string out;
  std::size_t digits = 0;
  bool in_string = false, whole = true;  // whole: no fraction or exponent so far
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      in_string = c != '"';
      if (c == '\\' && i + 1 < text.size()) out += text[i++];
    } else if (c >= '0' && c <= '9') {
      ++digits;
    } else {
      const bool fraction = c == '.' || c == 'e' || c == 'E';
      if (whole && !fraction && digits > digits_that_fit) out += ".0";
      whole = !fraction && (whole || (c != '+' && c != '-'));
      digits = 0;
      in_string = c == '"';
    }
    out += text[i];
  }
  return out;
}

}  // namespace detail

Value::Kind Value::kind() const noexcept {
  switch (detail::element(place_).type()) {
    case simdjson::dom::element_type::OBJECT:
      return Kind::object;
    case simdjson::dom::element_type::ARRAY:
      return Kind::array;
    case simdjson::dom::element_type::STRING:
      return Kind::string;
    case simdjson::dom::element_type::BOOL:
      return Kind::boolean;
    case simdjson::dom::element_type::INT64:
      return Kind::signed_integer;
    case simdjson::dom::element_type::UINT64:
      return Kind::unsigned_integer;
    case simdjson::dom::element_type::DOUBLE:
      return Kind::real;
    case simdjson::dom::element_type::NULL_VALUE:
      break;
  }
  return Kind::null;
}

std::size_t Value::size() const noexcept {
  const simdjson::dom::element element = detail::element(place_);
  if (is_array()) return element.get_array().value_unsafe().size();
  return is_object() ? element.get_object().value_unsafe().size() : 0;
}

std::optional<Value> Value::find(std::string_view key) const noexcept {
  simdjson::dom::element found;
  if (!is_object() || detail::element(place_)[key].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return Value{std::bit_cast<Place>(found), *where_};
}

Result<Value> Value::at(std::string_view key) const {
  if (auto value = find(key)) return *value;
  return problem("missing key", key);
}

bool Value::boolean() const noexcept { return detail::element(place_).get_bool().value_unsafe(); }
std::string_view Value::text() const noexcept { return detail::element(place_).get_string().value_unsafe(); }
double Value::real() const noexcept { return detail::element(place_).get_double().value_unsafe(); }
std::int64_t Value::signed_integer() const noexcept { return detail::element(place_).get_int64().value_unsafe(); }
std::uint64_t Value::unsigned_integer() const noexcept { return detail::element(place_).get_uint64().value_unsafe(); }

Status Value::elements(const void* target, Status (*visit)(const void*, const Value&)) const {
  if (!is_array()) return problem("expected an array", {});
  const simdjson::dom::array array = detail::element(place_).get_array().value_unsafe();
  for (const simdjson::dom::element element : array) INGOT_CHECK(visit(target, Value{std::bit_cast<Place>(element), *where_}));
  return {};
}

Status Value::members(const void* target, Status (*visit)(const void*, std::string_view, const Value&)) const {
  if (!is_object()) return problem("expected an object", {});
  const simdjson::dom::object object = detail::element(place_).get_object().value_unsafe();
  for (const auto& [key, element] : object) INGOT_CHECK(visit(target, key, Value{std::bit_cast<Place>(element), *where_}));
  return {};
}

std::string Value::dump() const { return simdjson::minify(detail::element(place_)); }

Error Value::problem(std::string what, std::string_view key) const {
  if (!key.empty()) what.append(" \"").append(key).append("\"");
  return {ErrorCode::damaged, std::move(what), *where_, {}};
}

struct Document::State {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string where;
};

Document::Document(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, std::string where, Limits limits) {
  if (text.size() > limits.bytes)
    return Error{ErrorCode::damaged, "JSON larger than the limit of " + std::to_string(limits.bytes) + " bytes", std::move(where), {}};
  auto state = std::make_unique<State>();
  state->where = std::move(where);
  const auto fail = [&](simdjson::error_code code) {
    return Error{ErrorCode::damaged, std::string{"invalid JSON ("} + simdjson::error_message(code) + ")", state->where, {}};
  };
  if (const auto code = state->parser.allocate(text.size() + 1, limits.depth); code != simdjson::SUCCESS) return fail(code);
  if (text.data() == nullptr) text = "";  // of an empty file: simdjson copies from it, if no bytes
  auto code = state->parser.parse(text.data(), text.size()).get(state->root);
  if (code == simdjson::NUMBER_ERROR) {
    const std::string widened = detail::long_integers_as_floats(text);
    if (widened.size() > text.size()) code = state->parser.parse(widened).get(state->root);
  }
  if (code != simdjson::SUCCESS) return fail(code);
  return Document{std::move(state)};
}

Value Document::root() const noexcept { return {std::bit_cast<Value::Place>(state_->root), state_->where}; }

}  // namespace ingot::json
