// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/integer.hpp: integers beyond 64 bits, as JSON and Python allow them.

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingot::text::jinja {

/// An integer of any size: a sign and limbs of nine decimal digits, least significant first, no leading zero limbs.
/// Callers bound the number of digits (Limits::digits); every operation is at most quadratic in it.
class Integer {
 public:
  Integer() = default;
  explicit Integer(std::int64_t value) : negative_{value < 0} {
    for (std::uint64_t rest = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value); rest != 0;
         rest /= base)
      limbs_.push_back(static_cast<std::uint32_t>(rest % base));
  }
  /// From decimal digits with an optional sign; the caller has checked that there is nothing else.
  explicit Integer(std::string_view digits) : negative_{!digits.empty() && digits.front() == '-'} {
    if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
    while (!digits.empty()) {
      const std::size_t n = std::min<std::size_t>(9, digits.size());
      std::uint32_t limb = 0;
      for (const char c : digits.substr(digits.size() - n)) limb = limb * 10 + static_cast<std::uint32_t>(c - '0');
      limbs_.push_back(limb);
      digits.remove_suffix(n);
    }
    trim();
  }

  [[nodiscard]] bool negative() const noexcept { return negative_; }
  [[nodiscard]] bool zero() const noexcept { return limbs_.empty(); }
  /// At least the number of decimal digits.
  [[nodiscard]] std::size_t digits() const noexcept { return 9 * limbs_.size(); }

  [[nodiscard]] std::string text() const {
    if (zero()) return "0";
    std::string out = negative_ ? "-" : "";
    out += std::to_string(limbs_.back());
    for (std::size_t i = limbs_.size() - 1; i-- > 0;) {
      const std::string limb = std::to_string(limbs_[i]);
      out.append(9 - limb.size(), '0').append(limb);
    }
    return out;
  }
  /// The value as 64 bits, where it fits.
  [[nodiscard]] std::optional<std::int64_t> small() const noexcept {
    if (limbs_.size() > 3) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = limbs_.size(); i-- > 0;)
      if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, limbs_[i], &value)) return std::nullopt;
    const std::uint64_t most = std::uint64_t{1} << 63;
    if (value > most || (value == most && !negative_)) return std::nullopt;
    return static_cast<std::int64_t>(negative_ ? 0 - value : value);
  }
  /// The nearest double; infinite beyond its range.
  [[nodiscard]] double real() const { return std::strtod(text().c_str(), nullptr); }

  [[nodiscard]] std::strong_ordering operator<=>(const Integer& other) const noexcept {
    if (negative_ != other.negative_) return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
    return negative_ ? other.magnitude(*this) : magnitude(other);
  }
  [[nodiscard]] bool operator==(const Integer&) const noexcept = default;

  [[nodiscard]] Integer operator-() const {
    Integer out = *this;
    out.negative_ = !negative_ && !zero();
    return out;
  }
  [[nodiscard]] Integer operator+(const Integer& other) const {
    if (negative_ == other.negative_) return Integer{negative_, sum(limbs_, other.limbs_)};
    const auto order = magnitude(other);
    if (order == 0) return {};
    return order > 0 ? Integer{negative_, difference(limbs_, other.limbs_)} : Integer{other.negative_, difference(other.limbs_, limbs_)};
  }
  [[nodiscard]] Integer operator-(const Integer& other) const { return *this + -other; }
  [[nodiscard]] Integer operator*(const Integer& other) const {
    std::vector<std::uint32_t> out(limbs_.size() + other.limbs_.size(), 0);
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; j < other.limbs_.size() || carry != 0; ++j) {
        const std::uint64_t factor = j < other.limbs_.size() ? other.limbs_[j] : 0;
        const std::uint64_t value = out[i + j] + limbs_[i] * factor + carry;
        out[i + j] = static_cast<std::uint32_t>(value % base);
        carry = value / base;
      }
    }
    return Integer{negative_ != other.negative_, std::move(out)};
  }
  /// Quotient and remainder rounded towards minus infinity, as Python's // and %. The divisor is not zero.
  [[nodiscard]] std::pair<Integer, Integer> divide(const Integer& divisor) const {
    Integer rest, unit = divisor.negative_ ? -divisor : divisor;
    std::vector<std::uint32_t> quotient(limbs_.size(), 0);
    for (std::size_t i = limbs_.size(); i-- > 0;) {
      rest.limbs_.insert(rest.limbs_.begin(), limbs_[i]);
      rest.trim();
      std::uint32_t low = 0, high = base - 1;  // the largest limb that still fits: 30 products
      while (low < high) {
        const std::uint32_t middle = low + (high - low + 1) / 2;
        if (unit * Integer{static_cast<std::int64_t>(middle)} <= rest)
          low = middle;
        else
          high = middle - 1;
      }
      quotient[i] = low;
      rest = rest - unit * Integer{static_cast<std::int64_t>(low)};
    }
    Integer result{negative_ != divisor.negative_, std::move(quotient)};
    if (negative_) rest = -rest;
    if (!rest.zero() && rest.negative_ != divisor.negative_) {
      result = result - Integer{1};
      rest = rest + divisor;
    }
    return {std::move(result), std::move(rest)};
  }

 private:
  static constexpr std::uint32_t base = 1'000'000'000;

  Integer(bool negative, std::vector<std::uint32_t> limbs) : negative_{negative}, limbs_{std::move(limbs)} { trim(); }
  void trim() noexcept {
    while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
    if (limbs_.empty()) negative_ = false;
  }
  [[nodiscard]] std::strong_ordering magnitude(const Integer& other) const noexcept {
    if (limbs_.size() != other.limbs_.size()) return limbs_.size() <=> other.limbs_.size();
    for (std::size_t i = limbs_.size(); i-- > 0;)
      if (limbs_[i] != other.limbs_[i]) return limbs_[i] <=> other.limbs_[i];
    return std::strong_ordering::equal;
  }
  [[nodiscard]] static std::vector<std::uint32_t> sum(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    std::vector<std::uint32_t> out;
    std::uint32_t carry = 0;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
      const std::uint32_t value = (i < a.size() ? a[i] : 0) + (i < b.size() ? b[i] : 0) + carry;
      out.push_back(value % base);
      carry = value / base;
    }
    return out;
  }
  /// a - b, where a >= b.
  [[nodiscard]] static std::vector<std::uint32_t> difference(std::vector<std::uint32_t> a, const std::vector<std::uint32_t>& b) {
    std::uint32_t borrow = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::uint32_t take = (i < b.size() ? b[i] : 0) + borrow;
      borrow = a[i] < take;
      a[i] = a[i] + (borrow != 0 ? base : 0) - take;
    }
    return a;
  }

  bool negative_ = false;
  std::vector<std::uint32_t> limbs_;
};

}  // namespace ingot::text::jinja
