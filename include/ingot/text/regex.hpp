// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/regex.hpp: one compiled Unicode regex (PCRE2 with JIT) whose searches cannot run away.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ingot/core/config.hpp>
#include <ingot/core/result.hpp>

#include <pcre2.h>  // behind core/config.hpp, which says what it needs

#include <ingot/text/regex_syntax.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

template <auto release>
struct Pcre2Free {
  void operator()(auto* p) const noexcept { release(p); }
};

/// What one thread needs to search; serves any Regex, one search at a time. Empty until the first search.
class RegexScratch {
 private:
  friend class Regex;
  static constexpr std::size_t max_stack = std::size_t{64} << 20;  // address space; touched only by deep repeats of groups
  void prepare() {
    if (data_) return;
    data_.reset(pcre2_match_data_create_8(1, nullptr));
    context_.reset(pcre2_match_context_create_8(nullptr));
    stack_.reset(pcre2_jit_stack_create_8(std::size_t{32} << 10, max_stack, nullptr));
    pcre2_jit_stack_assign_8(context_.get(), nullptr, stack_.get());
  }
  std::unique_ptr<pcre2_match_data_8, Pcre2Free<pcre2_match_data_free_8>> data_;
  std::unique_ptr<pcre2_match_context_8, Pcre2Free<pcre2_match_context_free_8>> context_;
  std::unique_ptr<pcre2_jit_stack_8, Pcre2Free<pcre2_jit_stack_free_8>> stack_;
};

/// Immutable; may be searched by several threads, each with its own scratch.
class Regex {
 public:
  /// `pattern` is in Oniguruma syntax. Errors: damaged (no regex), unsupported (no equivalent).
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern) {
    INGOT_TRY(const std::string translated, translate_oniguruma(pattern));
    int error = 0;
    std::size_t offset = 0;
    Regex regex;
    regex.code_.reset(pcre2_compile_8(reinterpret_cast<PCRE2_SPTR8>(translated.data()), translated.size(),
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr));
    if (!regex.code_) {
      if (error == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH)
        return Error{ErrorCode::unsupported, "a lookbehind (?<=...) of no fixed length in a regex",
                     "\"" + std::string{pattern.substr(0, 80)} + "\" before " + std::to_string(offset),
                     "alternatives of different lengths are supported, repeats and options within them are not"};
      unsigned char text[256] = {};
      pcre2_get_error_message_8(error, text, sizeof text);
      return Error{ErrorCode::damaged,
                   std::string{"invalid regex ("} + reinterpret_cast<const char*>(text) + ")",
                   "\"" + std::string{pattern.substr(0, 80)} + "\"",
                   {}};
    }
    pcre2_jit_compile_8(regex.code_.get(), PCRE2_JIT_COMPLETE);  // where there is no JIT, pcre2_match interprets
    return regex;
  }

  /// The first match at or after `from`; nothing when there is none. Expects valid UTF-8 and `from` between code points.
  /// Errors: unsupported, when the pattern backtracks more than a few times over the whole text.
  [[nodiscard]] Result<std::optional<Span>> find(std::string_view text, std::size_t from, RegexScratch& scratch) const {
    scratch.prepare();
    const std::size_t budget = steps_floor + steps_each_byte * text.size();
    pcre2_set_match_limit_8(scratch.context_.get(), static_cast<std::uint32_t>(budget < steps_cap ? budget : steps_cap));
    const int count = pcre2_match_8(code_.get(), reinterpret_cast<PCRE2_SPTR8>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK,
                                    scratch.data_.get(), scratch.context_.get());
    if (count == PCRE2_ERROR_NOMATCH) return std::optional<Span>{};
    if (count < 0) return Error{ErrorCode::unsupported, "regex search exceeded its limit", "PCRE2 error " + std::to_string(count), {}};
    const std::size_t* range = pcre2_get_ovector_pointer_8(scratch.data_.get());
    // \K inside a lookahead can put the start behind the end
    return std::optional<Span>{Span{range[0] < from ? from : range[0], range[1] < range[0] ? range[0] : range[1]}};
  }

 private:
  static constexpr std::size_t steps_floor = 10'000, steps_each_byte = 16, steps_cap = 0xFFFF'FFFF;
  Regex() = default;
  std::unique_ptr<pcre2_code_8, Pcre2Free<pcre2_code_free_8>> code_;
};

}  // namespace ingot::text
