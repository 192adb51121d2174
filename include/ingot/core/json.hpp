// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/json.hpp: bounded reading of JSON documents (simdjson), with errors that name file and key.

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include <ingot/core/result.hpp>

namespace ingot::json {

/// What a document may cost. Larger or deeper ones are refused before they are parsed.
struct Limits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t depth = 64;
};

/// One value of a Document; a view that is valid while the Document lives.
class Value {
 public:
  Value(simdjson::dom::element element, const std::string& where) noexcept : element_{element}, where_{&where} {}

  [[nodiscard]] bool is_object() const noexcept { return element_.is_object(); }
  [[nodiscard]] bool is_array() const noexcept { return element_.is_array(); }
  [[nodiscard]] bool is_string() const noexcept { return element_.is_string(); }
  [[nodiscard]] bool is_null() const noexcept { return element_.is_null(); }
  [[nodiscard]] bool is_bool() const noexcept { return element_.is_bool(); }
  /// An integer of any sign that fits 64 bits (not 1.0).
  [[nodiscard]] bool is_integer() const noexcept { return element_.is_int64() || element_.is_uint64(); }
  [[nodiscard]] bool is_number() const noexcept { return element_.is_number(); }
  /// Elements of an array or members of an object; 0 for all else. Linear time above 16 million.
  [[nodiscard]] std::size_t size() const noexcept {
    if (is_array()) return array().size();
    return is_object() ? object().size() : 0;
  }

  /// The first member named `key`; nothing when there is none, it is null, or this is no object.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const noexcept {
    simdjson::dom::element found;
    if (!is_object() || element_[key].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
    return Value{found, *where_};
  }
  /// The member named `key`, or an Error that names it.
  [[nodiscard]] Result<Value> at(std::string_view key) const {
    if (auto value = find(key)) return *value;
    return problem("missing key", key);
  }

  /// This value as T: bool, std::string_view, std::string, a float type, or an integer type (range checked).
  template <class T>
  [[nodiscard]] Result<T> as(std::string_view name = {}) const {
    if constexpr (std::same_as<T, Value>) {
      return *this;
    } else if constexpr (std::same_as<T, bool>) {
      if (is_bool()) return T{element_.get_bool().value_unsafe()};
      return problem("expected true or false", name);
    } else if constexpr (std::same_as<T, std::string_view> || std::same_as<T, std::string>) {
      if (is_string()) return T{element_.get_string().value_unsafe()};
      return problem("expected a string", name);
    } else if constexpr (std::floating_point<T>) {
      if (is_number()) return static_cast<T>(element_.get_double().value_unsafe());
      return problem("expected a number", name);
    } else {
      static_assert(std::integral<T>);
      if (element_.is_int64()) {
        const std::int64_t i = element_.get_int64().value_unsafe();
        if (std::in_range<T>(i)) return static_cast<T>(i);
      } else if (element_.is_uint64()) {
        const std::uint64_t u = element_.get_uint64().value_unsafe();
        if (std::in_range<T>(u)) return static_cast<T>(u);
      }
      return problem("expected an integer in range", name);
    }
  }
  /// The member `key` as T; an Error when it is absent or of another type.
  template <class T>
  [[nodiscard]] Result<T> get(std::string_view key) const {
    INGOT_TRY(const Value value, at(key));
    return value.as<T>(key);
  }
  /// The member `key` as T, or `fallback` when it is absent or null; another type is still an Error.
  template <class T>
  [[nodiscard]] Result<T> get(std::string_view key, T fallback) const {
    const auto value = find(key);
    return value ? value->as<T>(key) : Result<T>{std::move(fallback)};
  }

  /// Calls `visit(Value) -> Status` for each element of an array, in order; stops at the first Error.
  template <class Visit>
  Status each_element(Visit&& visit) const {
    if (!is_array()) return problem("expected an array", {});
    for (simdjson::dom::element element : array()) INGOT_CHECK(visit(Value{element, *where_}));
    return {};
  }
  /// Calls `visit(std::string_view key, Value) -> Status` for each member, in the file's order, duplicates included.
  template <class Visit>
  Status each_member(Visit&& visit) const {
    if (!is_object()) return problem("expected an object", {});
    for (auto [key, element] : object()) INGOT_CHECK(visit(std::string_view{key}, Value{element, *where_}));
    return {};
  }

  /// The value as compact JSON text.
  [[nodiscard]] std::string dump() const { return simdjson::minify(element_); }

  /// A `damaged` Error about the member `key` of this document.
  [[nodiscard]] Error problem(std::string what, std::string_view key) const {
    if (!key.empty()) what.append(" \"").append(key).append("\"");
    return {ErrorCode::damaged, std::move(what), *where_, {}};
  }

 private:
  [[nodiscard]] simdjson::dom::array array() const noexcept { return element_.get_array().value_unsafe(); }
  [[nodiscard]] simdjson::dom::object object() const noexcept { return element_.get_object().value_unsafe(); }
  simdjson::dom::element element_;
  const std::string* where_;
};

/// A parsed document; owns all its values. Move-only.
class Document {
 public:
  /// `where` names the source in errors. Errors: damaged (not JSON, not UTF-8, over the limits).
  [[nodiscard]] static Result<Document> parse(std::string_view text, std::string where, Limits limits = {}) {
    if (text.size() > limits.bytes)
      return Error{ErrorCode::damaged, "JSON larger than the limit of " + std::to_string(limits.bytes) + " bytes", std::move(where), {}};
    Document document;
    document.state_ = std::make_unique<State>();
    document.state_->where = std::move(where);
    auto& parser = document.state_->parser;
    const auto fail = [&](simdjson::error_code code) {
      return Error{ErrorCode::damaged, std::string{"invalid JSON ("} + simdjson::error_message(code) + ")", document.state_->where, {}};
    };
    if (const auto code = parser.allocate(text.size() + 1, limits.depth); code != simdjson::SUCCESS) return fail(code);
    auto code = parser.parse(text.data(), text.size()).get(document.state_->root);
    if (code == simdjson::NUMBER_ERROR) {
      const std::string widened = long_integers_as_floats(text);
      if (widened.size() > text.size()) code = parser.parse(widened).get(document.state_->root);
    }
    if (code != simdjson::SUCCESS) return fail(code);
    return document;
  }
  [[nodiscard]] Value root() const noexcept { return {state_->root, state_->where}; }

 private:
  /// Integers of 19 digits and more become floats: simdjson refuses what 64 bits do not hold, while many a
  /// tokenizer_config.json says "model_max_length": 1000000000000000019884624838656.
  [[nodiscard]] static std::string long_integers_as_floats(std::string_view text) {
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

  struct State {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string where;
  };
  std::unique_ptr<State> state_;
};

}  // namespace ingot::json
