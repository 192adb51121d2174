// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/normalizer.hpp: rewrites text before it is split (Unicode forms, replacements, prefixes).

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <type_traits>
#include <variant>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/byte_level.hpp>
#include <ingot/text/nfc_stable.hpp>
#include <ingot/text/normalizer_spec.hpp>
#include <ingot/text/old_unicode.hpp>
#include <ingot/text/pattern.hpp>
#include <ingot/text/sentencepiece_normalizer.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// A chain of normalizers, compiled. Immutable.
class Normalizer {
 public:
  [[nodiscard]] static Result<Normalizer> compile(std::vector<NormalizerSpec> specs) {
    Normalizer chain;
    for (NormalizerSpec& spec : specs) {
      Step step{std::move(spec), std::nullopt, {}};
      if (const auto* replace = std::get_if<normalize::Replace>(&step.spec)) {
        INGOT_TRY(Matcher matcher, Matcher::compile(replace->pattern));
        step.matcher = std::move(matcher);
      }
      if (const auto* own = std::get_if<normalize::SentencePiece>(&step.spec)) step.kept = kept_texts(*own);
      chain.steps_.push_back(std::move(step));
    }
    return chain;
  }

  /// The normalized form of `text` (valid UTF-8): `text` itself where nothing changes, else a view of `storage`.
  /// `starts_input`: `text` is where the whole input starts. `lead`, where there is one: how many bytes at the start come from the
  /// input's first character, of `text` and then of the result.
  [[nodiscard]] Result<std::string_view> apply(std::string_view text, std::string& storage, RegexScratch& scratch, bool starts_input = true,
                                               std::size_t* lead = nullptr) const {
    std::string next;
    for (const Step& step : steps_) {
      next.clear();
      INGOT_TRY(const bool changed, std::visit(
                                        [&]<class Spec>(const Spec& spec) -> Result<bool> {
                                          if constexpr (std::is_same_v<Spec, normalize::SentencePiece>) {
                                            normalize_sentencepiece(spec, step.kept, text, starts_input, next);
                                            return true;
                                          } else {
                                            return run(spec, step, text, next, scratch);
                                          }
                                        },
                                        step.spec));
      if (!changed) continue;
      if (lead != nullptr) {
        INGOT_TRY(*lead, std::visit([&](const auto& spec) { return lead_after(spec, step, text, *lead, next, scratch); }, step.spec));
      }
      storage.swap(next);
      text = storage;
    }
    return text;
  }

 private:
  struct Step {
    NormalizerSpec spec;
    std::optional<Matcher> matcher;
    TextFinder kept;
  };
  struct Release {
    void operator()(utf8proc_uint8_t* p) const noexcept { std::free(p); }
  };

  // The lead of `next`, which a step made of `text`, as `tokenizers` aligns the two: characters belong to what they were made of, and
  // what was put in front to the character behind it; a replacement to the last character it replaces.
  template <class Spec>
  static Result<std::size_t> lead_after(const Spec& spec, const Step& step, std::string_view text, std::size_t lead, std::string_view next,
                                        RegexScratch& scratch) {
    if constexpr (std::is_same_v<Spec, normalize::SentencePiece>) {
      return lead;  // those have no Metaspace, which would ask
    } else {
      std::string alone;  // what the lead becomes without marks behind it, which may join it or come between its parts
      INGOT_TRY(const bool changed, run(spec, step, text.substr(0, lead), alone, scratch));
      const std::string_view own = changed ? std::string_view{alone} : text.substr(0, lead);
      // Where a rule drops the first character, the next one takes its place.
      if (next.empty() || lead == 0 || (own.empty() && !std::is_same_v<Spec, normalize::Precompiled>)) return std::size_t{0};
      auto same = static_cast<std::size_t>(std::mismatch(own.begin(), own.end(), next.begin(), next.end()).first - own.begin());
      while (same < next.size() && is_continuation(next[same])) --same;
      return std::max(same, code_point_size(next[0]));
    }
  }
  static Result<std::size_t> lead_after(const normalize::Strip& spec, const Step& step, std::string_view text, std::size_t lead,
                                        std::string_view, RegexScratch& scratch) {
    std::string rest;
    INGOT_TRY(const bool changed, run(normalize::Strip{spec.left, false}, step, text, rest, scratch));
    return changed ? lead - std::min(lead, text.size() - rest.size()) : lead;
  }
  static Result<std::size_t> lead_after(const normalize::Replace& spec, const Step& step, std::string_view text, std::size_t lead,
                                        std::string_view, RegexScratch& scratch) {
    std::size_t kept = 0, done = 0;
    INGOT_CHECK(step.matcher->each_match(text, scratch, [&](Span match) {
      if (done > lead || match.begin > lead) return;
      kept += match.begin - done + (match.end <= lead ? spec.content.size() : 0);
      done = match.end;
    }));
    return kept + lead - std::min(lead, done);
  }

  // Each run() writes the new text to `out` and returns true, or returns false when the text stays as it is.
  static Result<bool> run(const normalize::Unicode& spec, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    if (spec.form != normalize::Form::nfc) {  // below U+0080 nothing decomposes, either
      if (std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xC2; })) return false;
      INGOT_CHECK(append_mapped(spec.form, text, out));
      return true;
    }
    std::size_t done = 0;
    for (Span part = next_nfc_stretch(text, 0); part.size() > 0; part = next_nfc_stretch(text, done)) {
      out.append(text.substr(done, part.begin - done));
      INGOT_CHECK(append_mapped(spec.form, part.of(text), out));
      done = part.end;
    }
    if (done == 0) return false;
    out.append(text.substr(done));
    return true;
  }
  static Status append_mapped(normalize::Form form, std::string_view text, std::string& out) {
    int options = UTF8PROC_STABLE;
    options |= form == normalize::Form::nfc || form == normalize::Form::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    if (form == normalize::Form::nfkc || form == normalize::Form::nfkd) options |= UTF8PROC_COMPAT;
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                                   &mapped, static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, Release> owner{mapped};
    if (size < 0) return Error{ErrorCode::other, "Unicode normalization failed", utf8proc_errmsg(size), {}};
    out.append(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
    return {};
  }
  static Result<bool> run(const normalize::Replace& spec, const Step& step, std::string_view text, std::string& out,
                          RegexScratch& scratch) {
    return step.matcher->append_replaced(text, spec.content, out, scratch);
  }
  static Result<bool> run(const normalize::Prepend& spec, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    if (text.empty() || spec.text.empty()) return false;
    out.append(spec.text).append(text);
    return true;
  }
  static void append_lower(std::string& out, char32_t c) {
    append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
    if (c == 0x130) append_utf8(out, 0x307);  // the one lower case of two characters: i with a dot above
  }
  static Result<bool> run(const normalize::Lowercase&, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    for (std::size_t at = 0; at < text.size();) append_lower(out, next_code_point(text, at));
    return true;
  }
  static Result<bool> run(const normalize::Strip& spec, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    std::size_t begin = 0, end = text.size();
    for (std::size_t at = 0; spec.left && at < end && is_whitespace(next_code_point(text, at));) begin = at;
    while (spec.right && end > begin) {
      std::size_t at = previous_code_point(text, end);
      const std::size_t start = at;
      if (!is_whitespace(next_code_point(text, at))) break;
      end = start;
    }
    if (begin == 0 && end == text.size()) return false;
    out.assign(text.substr(begin, end - begin));
    return true;
  }
  static Result<bool> run(const normalize::StripAccents&, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t start = at;
      if (!is_mark(next_code_point(text, at))) out.append(text.substr(start, at - start));
    }
    return true;
  }
  static Result<bool> run(const normalize::ByteLevel&, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    byte_level::append_encoded(out, text);
    return true;
  }
  static Result<bool> run(const normalize::Precompiled& spec, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    constexpr std::size_t max_grapheme = 5;
    bool changed = false;
    const auto replace = [&](std::string_view part) {
      const auto rule = spec.rules.shortest(part);
      if (rule) out.append(rule->replacement);
      changed = changed || rule;
      return rule.has_value();
    };
    for (std::size_t at = 0; at < text.size();) {
      const std::string_view grapheme = first_grapheme(text.substr(at));
      at += grapheme.size();
      if (grapheme.size() <= max_grapheme && replace(grapheme)) continue;
      for (std::size_t i = 0; i < grapheme.size();) {
        const std::string_view character = grapheme.substr(i, code_point_size(grapheme[i]));
        i += character.size();
        if (!replace(character)) out.append(character);
      }
    }
    return changed;
  }

  static Result<bool> run(const normalize::Nmt&, const Step&, std::string_view text, std::string& out, RegexScratch&) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t start = at;
      const char32_t c = next_code_point(text, at);
      const bool dropped = (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
      const bool blank = c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 ||
                         c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
      if (!dropped) out.append(blank ? " " : text.substr(start, at - start));
    }
    return true;
  }

  /// The CJK blocks that BERT splits into characters. 2B820 to 2B91F are missing in `tokenizers`.
  static constexpr bool is_ideograph(char32_t c) noexcept {
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0x2F800 && c <= 0x2FA1F);
  }
  static Result<bool> run(const normalize::Bert& spec, const Step& step, std::string_view text, std::string& out, RegexScratch& scratch) {
    std::string cleaned, decomposed;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t start = at;
      const char32_t c = next_code_point(text, at);
      const bool space = is_whitespace(c), kept_space = c == '\t' || c == '\n' || c == '\r';
      if (spec.clean_text && !kept_space && (c == 0 || c == 0xFFFD || is_other(c))) continue;
      const bool apart = spec.handle_chinese_chars && is_ideograph(c);
      if (apart) cleaned += ' ';
      cleaned.append(spec.clean_text && space ? " " : text.substr(start, at - start));
      if (apart) cleaned += ' ';
    }
    text = cleaned;
    if (spec.strip_accents) {
      INGOT_TRY(const bool changed, run(normalize::Unicode{normalize::Form::nfd}, step, text, decomposed, scratch));
      if (changed) text = decomposed;
    }
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t start = at;
      const char32_t c = next_code_point(text, at);
      if (spec.strip_accents && is_nonspacing_mark(c)) continue;
      if (spec.lowercase)
        append_lower(out, c);
      else
        out.append(text.substr(start, at - start));
    }
    return true;
  }

  std::vector<Step> steps_;
};

}  // namespace ingot::text
