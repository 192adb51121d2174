// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/result.hpp: errors are values; Result<T> holds a T or an Error.

#include <cassert>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

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

namespace result_detail {
// Out of line: a Result ends in thousands of places, nearly always without an Error, and each would have the code for three strings.
[[nodiscard]] INGOT_NOINLINE inline Error* new_error(Error&& error) { return new Error{std::move(error)}; }
INGOT_NOINLINE inline void delete_error(Error* error) noexcept { delete error; }
}  // namespace result_detail

/// A T, or the Error that prevented it. Access to the wrong side is a programming error (assert).
template <class T>
class [[nodiscard]] Result {  // a std::variant's visits were a tenth of the compilers' time
 public:
  using value_type = T;
  Result(T value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)), holds_value_{true} {}  // NOLINT: implicit
  Result(Error error) : error_{result_detail::new_error(std::move(error))}, holds_value_{false} {}
  template <class U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)
      : value_(std::forward<U>(value)), holds_value_{true} {}
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) { construct(std::move(other)); }
  Result(const Result& other) requires(std::is_copy_constructible_v<T>) { construct(other); }
  Result& operator=(Result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    destroy();
    error_ = nullptr, holds_value_ = false;  // should the T throw
    construct(std::move(other));
    return *this;
  }
  ~Result() { destroy(); }

  [[nodiscard]] explicit operator bool() const noexcept { return holds_value_; }
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
    assert(holds_value_);
    return value_;
  }
  Error& failure() noexcept {
    assert(!holds_value_);
    return *error_;
  }
  void construct(Result&& other) {
    if (other.holds_value_)
      ::new (static_cast<void*>(std::addressof(value_))) T(std::move(other.value_));
    else
      error_ = result_detail::new_error(std::move(*other.error_));
    holds_value_ = other.holds_value_;
  }
  void construct(const Result& other) {
    if (other.holds_value_)
      ::new (static_cast<void*>(std::addressof(value_))) T(other.value_);
    else
      error_ = result_detail::new_error(Error{*other.error_});
    holds_value_ = other.holds_value_;
  }
  void destroy() noexcept {
    if (holds_value_)
      value_.~T();
    else
      result_detail::delete_error(error_);
  }

  union {
    T value_;
    Error* error_;
  };
  bool holds_value_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() noexcept = default;
  Result(Error error) : error_{result_detail::new_error(std::move(error))} {}  // NOLINT: implicit by design
  Result(Result&& other) noexcept : error_{other.error_ == nullptr ? nullptr : result_detail::new_error(std::move(*other.error_))} {}
  Result(const Result& other) : error_{other.error_ == nullptr ? nullptr : result_detail::new_error(Error{*other.error_})} {}
  Result& operator=(Result other) noexcept {
    std::swap(error_, other.error_);
    return *this;
  }
  ~Result() {
    if (error_ != nullptr) result_detail::delete_error(error_);
  }
  [[nodiscard]] explicit operator bool() const noexcept { return error_ == nullptr; }
  [[nodiscard]] Error& error() & noexcept { return *error_; }
  [[nodiscard]] const Error& error() const& noexcept { return *error_; }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*error_); }

 private:
  Error* error_ = nullptr;
};

using Status = Result<void>;

}  // namespace ingot
