// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/gguf_metadata.hpp: the typed key-value pairs of a GGUF file, as views into it.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Numbers as in the GGUF specification.
enum class GgufType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };

/// Bytes of a value of fixed size; 0 for strings, arrays and unknown types.
[[nodiscard]] constexpr std::size_t fixed_size(GgufType type) noexcept {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::boolean:
      return 1;
    case GgufType::u16:
    case GgufType::i16:
      return 2;
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::f32:
      return 4;
    case GgufType::u64:
    case GgufType::i64:
    case GgufType::f64:
      return 8;
    case GgufType::string:
    case GgufType::array:
      return 0;
  }
  return 0;
}

namespace detail {
/// An unaligned little-endian number.
template <class T>
[[nodiscard]] inline T load(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
}  // namespace detail

/// The strings of an array, which were bounds checked when the file was opened. Forward range, no allocation.
class GgufStrings {
 public:
  class Iterator {
   public:
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using reference = std::string_view;
    using pointer = void;
    Iterator() = default;
    explicit Iterator(const std::byte* at) noexcept : at_{at} {}
    [[nodiscard]] std::string_view operator*() const noexcept { return {reinterpret_cast<const char*>(at_) + 8, length()}; }
    Iterator& operator++() noexcept {
      at_ += 8 + length();
      return *this;
    }
    Iterator operator++(int) noexcept { return std::exchange(*this, std::next(*this)); }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    [[nodiscard]] std::size_t length() const noexcept { return static_cast<std::size_t>(detail::load<std::uint64_t>(at_)); }
    const std::byte* at_ = nullptr;
  };

  GgufStrings() = default;
  GgufStrings(std::span<const std::byte> bytes, std::size_t size) noexcept : bytes_{bytes}, size_{size} {}
  [[nodiscard]] Iterator begin() const noexcept { return Iterator{bytes_.data()}; }
  [[nodiscard]] Iterator end() const noexcept { return Iterator{bytes_.data() + bytes_.size()}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t size_ = 0;
};

/// One value; `bytes` is its encoding without the type (an array: its elements), bounds checked by the reader.
struct GgufValue {
  GgufType type = GgufType::u8;
  GgufType element = GgufType::u8;  ///< of an array
  std::size_t count = 1;            ///< elements of an array
  std::span<const std::byte> bytes = {};

  /// This value as T: bool, std::string_view, std::string, a float type (from any number), or an integer type (from any
  /// integer that fits). Nothing when the value is of another kind.
  template <class T>
  [[nodiscard]] std::optional<T> as() const {
    if constexpr (std::same_as<T, bool>) {
      if (type == GgufType::boolean && bytes[0] <= std::byte{1}) return bytes[0] == std::byte{1};
    } else if constexpr (std::same_as<T, std::string_view> || std::same_as<T, std::string>) {
      if (type == GgufType::string) return T{reinterpret_cast<const char*>(bytes.data()) + 8, bytes.size() - 8};
    } else {
      switch (type) {
        case GgufType::u8:
          return number<T, std::uint8_t>();
        case GgufType::i8:
          return number<T, std::int8_t>();
        case GgufType::u16:
          return number<T, std::uint16_t>();
        case GgufType::i16:
          return number<T, std::int16_t>();
        case GgufType::u32:
          return number<T, std::uint32_t>();
        case GgufType::i32:
          return number<T, std::int32_t>();
        case GgufType::u64:
          return number<T, std::uint64_t>();
        case GgufType::i64:
          return number<T, std::int64_t>();
        case GgufType::f32:
          return number<T, float>();
        case GgufType::f64:
          return number<T, double>();
        default:
          break;
      }
    }
    return std::nullopt;
  }

  /// An array of strings.
  [[nodiscard]] std::optional<GgufStrings> strings() const noexcept {
    if (type != GgufType::array || element != GgufType::string) return std::nullopt;
    return GgufStrings{bytes, count};
  }
  /// An array of numbers or booleans, each converted as by as<T>(); the copy is no larger than 8 times the file's bytes.
  template <class T>
  [[nodiscard]] std::optional<std::vector<T>> numbers() const {
    const std::size_t size = fixed_size(element);
    if (type != GgufType::array || size == 0) return std::nullopt;
    std::vector<T> values;
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = GgufValue{element, element, 1, bytes.subspan(i * size, size)}.as<T>();
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
    return values;
  }
  /// Calls `visit(GgufValue)` for each element of an array, which may be arrays again.
  template <class Visit>
  void each_element(Visit&& visit) const {
    if (type != GgufType::array) return;
    const std::byte* at = bytes.data();
    for (std::size_t i = 0; i < count; ++i) {
      const GgufValue value = read_checked(element, at);
      visit(value);
      at = value.bytes.data() + value.bytes.size();
    }
  }

 private:
  template <class T, class Stored>
  [[nodiscard]] std::optional<T> number() const noexcept {
    const Stored value = detail::load<Stored>(bytes.data());
    if constexpr (std::floating_point<T>) {
      return static_cast<T>(value);
    } else if constexpr (std::integral<Stored>) {
      if (std::in_range<T>(value)) return static_cast<T>(value);
    }
    return std::nullopt;
  }
  /// The value of `type` at `at`, inside an array that was checked.
  [[nodiscard]] static GgufValue read_checked(GgufType type, const std::byte* at) noexcept {
    if (type == GgufType::string) return {type, type, 1, {at, 8 + static_cast<std::size_t>(detail::load<std::uint64_t>(at))}};
    if (type != GgufType::array) return {type, type, 1, {at, fixed_size(type)}};
    const auto inner = static_cast<GgufType>(detail::load<std::uint32_t>(at));
    const auto size = static_cast<std::size_t>(detail::load<std::uint64_t>(at + 4));
    const std::byte* end = at + 12;
    if (inner != GgufType::string && inner != GgufType::array) return {type, inner, size, {end, size * fixed_size(inner)}};
    for (std::size_t i = 0; i < size; ++i) {  // depth is bounded by the reader
      const GgufValue value = read_checked(inner, end);
      end = value.bytes.data() + value.bytes.size();
    }
    return {type, inner, size, {at + 12, end}};
  }
};

/// All pairs of a file, by key. The views are valid while the file's TensorIndex lives.
class GgufMetadata {
 public:
  using Entry = std::pair<std::string_view, GgufValue>;

  GgufMetadata() = default;
  /// Errors: damaged (a key stands twice).
  [[nodiscard]] static Result<GgufMetadata> create(std::vector<Entry> entries, std::string file) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.first < b.first; });
    const auto twin = std::adjacent_find(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.first == b.first; });
    if (twin != entries.end()) return Error{ErrorCode::damaged, "the key stands twice", file + ": " + std::string{twin->first}, {}};
    GgufMetadata metadata;
    metadata.entries_ = std::move(entries);
    metadata.file_ = std::move(file);
    return metadata;
  }

  [[nodiscard]] const GgufValue* find(std::string_view key) const noexcept {
    const auto at_least = std::lower_bound(entries_.begin(), entries_.end(), key,
                                           [](const Entry& entry, std::string_view wanted) { return entry.first < wanted; });
    return at_least != entries_.end() && at_least->first == key ? &at_least->second : nullptr;
  }
  /// The value of `key` as GgufValue::as<T>() gives it. Errors: damaged (absent, of another kind, out of range).
  template <class T>
  [[nodiscard]] Result<T> get(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) return problem("missing key", key);
    if (auto converted = value->as<T>()) return *std::move(converted);
    return problem("wrong type or out of range", key);
  }
  /// As above, or `fallback` when the key is absent.
  template <class T>
  [[nodiscard]] Result<T> get(std::string_view key, T fallback) const {
    return find(key) == nullptr ? Result<T>{std::move(fallback)} : get<T>(key);
  }
  /// An array of strings. Errors: damaged.
  [[nodiscard]] Result<GgufStrings> strings(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) return problem("missing key", key);
    if (const auto strings = value->strings()) return *strings;
    return problem("expected an array of strings", key);
  }
  /// An array of numbers. Errors: damaged.
  template <class T>
  [[nodiscard]] Result<std::vector<T>> numbers(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) return problem("missing key", key);
    if (auto numbers = value->numbers<T>()) return *std::move(numbers);
    return problem("expected an array of numbers in range", key);
  }

  /// Sorted by key.
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// A `damaged` Error about `key`.
  [[nodiscard]] Error problem(std::string what, std::string_view key) const {
    return {ErrorCode::damaged, std::move(what), file_ + ": " + std::string{key}, {}};
  }

 private:
  std::vector<Entry> entries_;
  std::string file_;
};

}  // namespace ingot::checkpoint
