// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/limits.hpp: what compiling and rendering a hostile template may cost.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <ingot/core/result.hpp>

namespace ingot::text::jinja {

/// Bounds of one template and one rendering. The defaults are some hundred times what published chat templates need.
struct Limits {
  std::size_t source = std::size_t{4} << 20;    ///< bytes of template text
  std::size_t nodes = 200'000;                  ///< tokens and syntax tree nodes
  std::size_t syntax_depth = 100;               ///< parentheses and blocks inside one another
  std::size_t tree_depth = 500;                 ///< of an expression, long chains of operators included
  std::size_t output = std::size_t{64} << 20;   ///< bytes written, captured blocks included, and of any one string
  std::uint64_t steps = 20'000'000;             ///< nodes evaluated, elements copied, bytes handled / 64
  std::size_t elements = std::size_t{1} << 20;  ///< of one list, tuple or dictionary
  std::size_t value_depth = 200;                ///< containers inside one another
  std::size_t evaluation_depth = 1500;          ///< statements, expressions and (eightfold) calls inside one another
  std::size_t range = 100'000;                  ///< as the sandbox of the reference has it
  std::size_t digits = 4300;                    ///< of an integer, as Python has it
};

/// An Error about what the template does with its data.
[[nodiscard]] inline Error failure(std::string what) { return {ErrorCode::damaged, std::move(what), {}, {}}; }
/// An Error about a part of the language that this library lacks.
[[nodiscard]] inline Error lacking(std::string what) { return {ErrorCode::unsupported, std::move(what), {}, {}}; }

/// Counts what one rendering has cost. Every loop over data of the template's choosing pays here first.
class Budget {
 public:
  explicit Budget(Limits limits = {}) noexcept : limits_{limits} {}
  [[nodiscard]] const Limits& limits() const noexcept { return limits_; }

  /// Pays for `n` elements or nodes.
  [[nodiscard]] Status spend(std::uint64_t n = 1) {
    if (n > limits_.steps - steps_) return failure("template does more than the limit of " + std::to_string(limits_.steps) + " steps");
    steps_ += n;
    return {};
  }
  /// Pays for handling `n` bytes of text, and refuses a string above the limit before it is made.
  [[nodiscard]] Status text(std::size_t n) {
    if (n > limits_.output) return failure("string larger than the limit of " + std::to_string(limits_.output) + " bytes");
    return spend(1 + n / 64);
  }
  /// Pays for searching `m` bytes in `n`, which may look at most of them at each place.
  [[nodiscard]] Status search(std::size_t n, std::size_t m) {
    INGOT_CHECK(text(n));
    return m > n ? Status{} : spend((n - m + 1) / 64 * std::min<std::size_t>(m, limits_.output) / 64);
  }
  /// Pays for a container of `n` elements before it is made.
  [[nodiscard]] Status elements(std::size_t n) {
    if (n > limits_.elements) return failure("container larger than the limit of " + std::to_string(limits_.elements) + " elements");
    return spend(1 + n);
  }

 private:
  Limits limits_;
  std::uint64_t steps_ = 0;
};

}  // namespace ingot::text::jinja
