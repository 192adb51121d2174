// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/result.hpp: errors are values; Result<T> holds a T or an Error.

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <ingot/core/config.hpp>

namespace ingot {

/// What kind of failure. The value is the exit code of the programs.
enum class ErrorCode : std::uint8_t {
  other = 1,
  usage = 2,
  forbidden = 3,
  not_found = 4,
  network = 5,
  damaged = 6,  ///< the input contradicts its format: truncated, hostile, or not what it says it is
  disk = 7,
  cancelled = 8,
  busy = 9,
  unsupported = 10,  ///< well formed, but a model, scheme or feature this library lacks
};

/// One failure: what happened, where (file, tensor, offset), and what the user can do about it.
struct Error {
  ErrorCode code = ErrorCode::other;
  std::string what, where, hint;

  [[nodiscard]] int exit_code() const noexcept { return static_cast<int>(code); }

  /// `WHAT: WHERE: WHAT TO DO`, empty parts left out.
  [[nodiscard]] std::string message() const {
    std::string text = what;
    for (const std::string* part : {&where, &hint})
      if (!part->empty()) text.append(text.empty() ? "" : ": ").append(*part);
    return text;
  }

  /// Prefixes the place, for a caller that knows the file when the callee knew only the tensor.
  [[nodiscard]] Error in(std::string_view place) && {
    where = where.empty() ? std::string{place} : std::string{place}.append(": ").append(where);
    return std::move(*this);
  }
};

template <class Stream>
auto operator<<(Stream& stream, const Error& error) -> decltype(stream << std::string{}) {
  return stream << error.message();
}

/// A T, or the Error that prevented it. Access to the wrong side is a programming error (assert).
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}  // NOLINT: implicit by design
  Result(Error error) : state_{std::in_place_index<1>, std::move(error)} {}
  template <class U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)
      : state_{std::in_place_index<0>, std::forward<U>(value)} {}

  [[nodiscard]] explicit operator bool() const noexcept { return state_.index() == 0; }
  [[nodiscard]] T& operator*() & noexcept { return value(); }
  [[nodiscard]] const T& operator*() const& noexcept { return const_cast<Result*>(this)->value(); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(value()); }
  [[nodiscard]] T* operator->() noexcept { return &value(); }
  [[nodiscard]] const T* operator->() const noexcept { return &const_cast<Result*>(this)->value(); }
  [[nodiscard]] Error& error() & noexcept { return failure(); }
  [[nodiscard]] const Error& error() const& noexcept { return const_cast<Result*>(this)->failure(); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(failure()); }

 private:
  T& value() noexcept {
    assert(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  Error& failure() noexcept {
    assert(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }
  std::variant<T, Error> state_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() noexcept = default;
  Result(Error error) : error_{std::move(error)} {}  // NOLINT: implicit by design
  [[nodiscard]] explicit operator bool() const noexcept { return !error_; }
  [[nodiscard]] Error& error() & noexcept { return *error_; }
  [[nodiscard]] const Error& error() const& noexcept { return *error_; }
  [[nodiscard]] Error&& error() && noexcept { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace ingot
