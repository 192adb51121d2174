// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/json.hpp: bounded reading of JSON documents, with errors that name file and key.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <ingot/core/result.hpp>

namespace ingot::json {

/// What a document may cost. Larger or deeper ones are refused before they are parsed.
struct Limits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t depth = 64;
};

/// One value of a Document; a view that is valid while the Document lives. Reading is compiled in ingot::runtime, where the parser
/// (simdjson) is: its header alone takes a compiler longer than all of this library's declarations.
class Value {
 public:
  [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }
  [[nodiscard]] bool is_array() const noexcept { return kind() == Kind::array; }
  [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
  [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
  [[nodiscard]] bool is_bool() const noexcept { return kind() == Kind::boolean; }
  /// An integer of any sign that fits 64 bits (not 1.0).
  [[nodiscard]] bool is_integer() const noexcept { return kind() == Kind::signed_integer || kind() == Kind::unsigned_integer; }
  [[nodiscard]] bool is_number() const noexcept { return is_integer() || kind() == Kind::real; }
  /// Elements of an array or members of an object; 0 for all else. Linear time above 16 million.
  [[nodiscard]] std::size_t size() const noexcept;

  /// The first member named `key`; nothing when there is none, it is null, or this is no object.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const noexcept;
  /// The member named `key`, or an Error that names it.
  [[nodiscard]] Result<Value> at(std::string_view key) const;

  /// This value as T: bool, std::string_view, std::string, a float type, or an integer type (range checked).
  template <class T>
  [[nodiscard]] Result<T> as(std::string_view name = {}) const {
    if constexpr (std::same_as<T, Value>) {
      return *this;
    } else if constexpr (std::same_as<T, bool>) {
      if (is_bool()) return T{boolean()};
      return problem("expected true or false", name);
    } else if constexpr (std::same_as<T, std::string_view> || std::same_as<T, std::string>) {
      if (is_string()) return T{text()};
      return problem("expected a string", name);
    } else if constexpr (std::floating_point<T>) {
      if (is_number()) return static_cast<T>(real());
      return problem("expected a number", name);
    } else {
      static_assert(std::integral<T>);
      if (kind() == Kind::signed_integer) {
        if (const std::int64_t i = signed_integer(); std::in_range<T>(i)) return static_cast<T>(i);
      } else if (kind() == Kind::unsigned_integer) {
        if (const std::uint64_t u = unsigned_integer(); std::in_range<T>(u)) return static_cast<T>(u);
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
    return elements(&visit, [](const void* target, const Value& value) -> Status { return called<Visit>(target)(value); });
  }
  /// Calls `visit(std::string_view key, Value) -> Status` for each member, in the file's order, duplicates included.
  template <class Visit>
  Status each_member(Visit&& visit) const {
    return members(
        &visit, [](const void* target, std::string_view key, const Value& value) -> Status { return called<Visit>(target)(key, value); });
  }

  /// The value as compact JSON text.
  [[nodiscard]] std::string dump() const;

  /// A `damaged` Error about the member `key` of this document.
  [[nodiscard]] Error problem(std::string what, std::string_view key) const;

 private:
  friend class Document;
  enum class Kind : std::uint8_t { object, array, string, null, boolean, signed_integer, unsigned_integer, real };
  /// What simdjson calls an element: a document and a place on its tape.
  struct Place {
    const void* document;
    std::size_t index;
  };
  Value(Place place, const std::string& where) noexcept : place_{place}, where_{&where} {}

  template <class Visit>
  [[nodiscard]] static std::remove_reference_t<Visit>& called(const void* target) noexcept {
    return *static_cast<std::remove_reference_t<Visit>*>(const_cast<void*>(target));
  }
  [[nodiscard]] Kind kind() const noexcept;
  [[nodiscard]] bool boolean() const noexcept;
  [[nodiscard]] std::string_view text() const noexcept;
  [[nodiscard]] double real() const noexcept;
  [[nodiscard]] std::int64_t signed_integer() const noexcept;
  [[nodiscard]] std::uint64_t unsigned_integer() const noexcept;
  Status elements(const void* target, Status (*visit)(const void*, const Value&)) const;
  Status members(const void* target, Status (*visit)(const void*, std::string_view, const Value&)) const;

  Place place_;
  const std::string* where_;
};

/// A parsed document; owns all its values. Move-only.
class Document {
 public:
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  /// `where` names the source in errors. Errors: damaged (not JSON, not UTF-8, over the limits).
  [[nodiscard]] static Result<Document> parse(std::string_view text, std::string where, Limits limits = {});
  [[nodiscard]] Value root() const noexcept;

 private:
  struct State;
  explicit Document(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace ingot::json
