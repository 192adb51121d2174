// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/archive.hpp: plain structs to bytes and back, from one list of fields each.

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/unicode.hpp>

namespace ingot::text {

static_assert(std::endian::native == std::endian::little, "the archive stores integers as they lie in memory");

/// What can be stored: numbers, strings, vectors, optionals, variants, structs that list their members, and enumerations beside
/// which `last_enumerator(E)` gives their highest valid value.
///
/// A struct that lists its members: `static void fields(auto& self, auto& archive) { archive(self.a, self.b); }`.
template <class T, class Archive>
concept HasFields = requires(T& value, Archive& archive) {
  T::fields(value, archive);
};

/// Numbers of which every bit pattern is a value: vectors of them are copied whole.
template <class T>
inline constexpr bool stored_as_is = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// Appends values to `bytes`.
class ArchiveWriter {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void put(T value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    bytes_.append(raw, sizeof(T));
  }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class T>
  void put(const std::vector<T>& items) {
    put(static_cast<std::uint32_t>(items.size()));
    if constexpr (stored_as_is<T>)
      bytes_.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
    else
      for (const T& item : items) put(item);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class... T>
  void put(const std::variant<T...>& value) {
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& alternative) { this->put(alternative); }, value);
  }
  template <class T>
  requires HasFields<const T, ArchiveWriter>
  void put(const T& value) { T::fields(value, *this); }
  std::string bytes_;
};

/// Reads what ArchiveWriter wrote; strings are UTF-8. After the first value that does not fit, `ok()` is false and all later values are
/// left as they were; counts are checked against the bytes that are left before anything is allocated.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) noexcept : bytes_{bytes} {}
  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return bytes_.empty(); }

 private:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void get(T& value) {
    if constexpr (std::same_as<T, bool>) {
      std::uint8_t byte = 0;
      get(byte);
      if (byte > 1) ok_ = false;
      if (ok_) value = byte == 1;
    } else {
      if (bytes_.size() < sizeof(T)) ok_ = false;
      if (!ok_) return;
      T read;
      std::memcpy(&read, bytes_.data(), sizeof(T));
      bytes_.remove_prefix(sizeof(T));
      if constexpr (std::is_enum_v<T>) ok_ = read <= last_enumerator(T{});
      if (ok_) value = read;
    }
  }
  void get(std::string& text) {
    const std::size_t size = count();
    if (!ok_) return;
    text.assign(bytes_.substr(0, size));
    ok_ = is_utf8(text);
    bytes_.remove_prefix(size);
  }
  template <class T>
  void get(std::vector<T>& items) {
    const std::size_t size = count();
    if (!ok_) return;
    if constexpr (stored_as_is<T>) {
      ok_ = size <= bytes_.size() / sizeof(T);
      if (!ok_) return;
      items.resize(size);
      if (size > 0) std::memcpy(items.data(), bytes_.data(), size * sizeof(T));
      bytes_.remove_prefix(size * sizeof(T));
      return;
    }
    items.clear();
    for (std::size_t i = 0; i < size && ok_; ++i) get(items.emplace_back());
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    if (ok_ && present) get(value.emplace());
  }
  template <class... T>
  void get(std::variant<T...>& value) {
    std::uint8_t index = 0;
    get(index);
    if (index >= sizeof...(T)) ok_ = false;
    if (!ok_) return;
    [&]<std::size_t... i>(std::index_sequence<i...>) { ((i == index ? get(value.template emplace<i>()) : void()), ...); }
    (std::index_sequence_for<T...>{});
  }
  template <class T>
  requires HasFields<T, ArchiveReader>
  void get(T& value) { T::fields(value, *this); }
  /// A count of items that take at least one byte each.
  std::size_t count() {
    std::uint32_t size = 0;
    get(size);
    if (size > bytes_.size()) ok_ = false;
    return size;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace ingot::text
