// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/pre_tokenizer.hpp: cuts text into the pieces that are tokenized one by one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/byte_level.hpp>
#include <ingot/text/old_unicode.hpp>
#include <ingot/text/pattern.hpp>
#include <ingot/text/splitting.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// When Metaspace puts its mark before a text that does not begin with one.
enum class PrependScheme : std::uint8_t { always, never, first };
constexpr PrependScheme last_enumerator(PrependScheme) noexcept { return PrependScheme::first; }

/// One pre-tokenizer each, with the fields of tokenizer.json.
namespace pre {
/// GPT-2's words, if `use_regex`; then each byte becomes a character of the byte alphabet.
struct ByteLevel {
  bool add_prefix_space = true, use_regex = true;
  static void fields(auto& self, auto& archive) { archive(self.add_prefix_space, self.use_regex); }
};
struct Split {
  Pattern pattern;
  SplitBehavior behavior = SplitBehavior::isolated;
  bool invert = false;
  static void fields(auto& self, auto& archive) { archive(self.pattern, self.behavior, self.invert); }
};
/// Numeric characters (N), each alone or in runs.
struct Digits {
  bool individual = false;
  static void fields(auto& self, auto& archive) { archive(self.individual); }
};
struct Punctuation {
  SplitBehavior behavior = SplitBehavior::isolated;
  static void fields(auto& self, auto& archive) { archive(self.behavior); }
};
/// Drops white space.
struct WhitespaceSplit {
  static void fields(auto&, auto&) {}
};
/// Runs of word characters (\w) and runs of what is neither that nor white space, which is dropped.
struct Whitespace {
  static void fields(auto&, auto&) {}
};
/// Pieces of `length` characters; the last may be shorter.
struct FixedLength {
  std::uint32_t length = 5;
  static void fields(auto& self, auto& archive) { archive(self.length); }
};
/// Blanks become `replacement`, which also goes in front as `scheme` says; words begin at each one, if `split`.
struct Metaspace {
  std::string replacement = "▁";
  PrependScheme scheme = PrependScheme::always;
  bool split = true;
  static void fields(auto& self, auto& archive) { archive(self.replacement, self.scheme, self.split); }
};
}  // namespace pre

using PreTokenizerSpec = std::variant<pre::ByteLevel, pre::Split, pre::Digits, pre::Punctuation, pre::WhitespaceSplit, pre::Metaspace,
                                      pre::Whitespace, pre::FixedLength>;

inline constexpr std::string_view gpt2_pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// A text and its pieces in order. The text is the caller's, or `storage` once a pre-tokenizer has changed it.
struct PreTokenized {
  std::string_view text;
  std::vector<Span> pieces, next;
  std::string storage, other;
  std::size_t lead = 0;  ///< bytes at the text's start that come from the whole input's first character

  void reset(std::string_view whole, std::size_t from_first_character) {
    text = whole;
    lead = from_first_character;
    pieces.clear();
    if (!whole.empty()) pieces.push_back({0, whole.size()});
  }
};

/// A chain of pre-tokenizers, compiled. Immutable.
class PreTokenizer {
 public:
  /// `spell_bytes`: a ByteLevel at the end of the chain writes the byte alphabet out, too, for models that need the spelling.
  [[nodiscard]] static Result<PreTokenizer> compile(std::vector<PreTokenizerSpec> specs, bool spell_bytes = false) {
    PreTokenizer chain;
    for (PreTokenizerSpec& spec : specs) {
      std::optional<Pattern> pattern;
      if (const auto* split = std::get_if<pre::Split>(&spec)) pattern = split->pattern;
      if (const auto* bytes = std::get_if<pre::ByteLevel>(&spec); bytes && bytes->use_regex) pattern = {std::string{gpt2_pattern}, true};
      if (const auto* space = std::get_if<pre::Metaspace>(&spec)) {
        pattern = {space->replacement, false};
        chain.asks_lead_ = chain.asks_lead_ || space->scheme == PrependScheme::first;
      }
      if (const auto* fixed = std::get_if<pre::FixedLength>(&spec); fixed && fixed->length == 0)
        return Error{ErrorCode::damaged, "length is 0", "pre-tokenizer FixedLength", {}};
      Step step{std::move(spec), std::nullopt};
      if (pattern) {
        INGOT_TRY(Matcher matcher, Matcher::compile(*pattern));
        step.matcher = std::move(matcher);
      }
      chain.steps_.push_back(std::move(step));
    }
    chain.raw_bytes_ = !spell_bytes && !chain.steps_.empty() && std::holds_alternative<pre::ByteLevel>(chain.steps_.back().spec);
    return chain;
  }

  /// True when the pieces are raw bytes that stand for their characters of the byte alphabet: a ByteLevel at the end of
  /// the chain leaves the spelling to whoever looks pieces up, so text is never written out twice as long.
  [[nodiscard]] bool raw_bytes() const noexcept { return raw_bytes_; }
  /// True when PreTokenized::lead counts.
  [[nodiscard]] bool asks_lead() const noexcept { return asks_lead_; }

  [[nodiscard]] Status apply(PreTokenized& state, RegexScratch& scratch) const {
    for (const Step& step : steps_) INGOT_CHECK(std::visit([&](const auto& spec) { return run(spec, step, state, scratch); }, step.spec));
    return {};
  }

 private:
  struct Step {
    PreTokenizerSpec spec;
    std::optional<Matcher> matcher;
  };

  static Status split(const Matcher& matcher, SplitBehavior behavior, bool invert, PreTokenized& state, RegexScratch& scratch) {
    state.next.clear();
    for (const Span piece : state.pieces) {
      SplitCollector collector{piece, behavior, invert, state.next};
      INGOT_CHECK(matcher.each_match(piece.of(state.text), scratch, [&](Span match) { collector.match(match); }));
      collector.finish();
    }
    state.pieces.swap(state.next);
    return {};
  }

  template <class Predicate>
  static void split_characters(Predicate predicate, SplitBehavior behavior, PreTokenized& state) {
    state.next.clear();
    for (const Span piece : state.pieces) {
      SplitCollector collector{piece, behavior, false, state.next};
      const std::string_view text = piece.of(state.text);
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t start = at;
        if (predicate(next_code_point(text, at))) collector.match({start, at});
      }
      collector.finish();
    }
    state.pieces.swap(state.next);
  }

  /// What a character does: it goes on with the piece (or the gap) before it, or starts a piece, or starts a gap.
  enum class Cut : std::uint8_t { none, here, drop };
  /// Cuts each piece anew: `decide(first, character)` for each of its characters.
  template <class Decide>
  static void cut_characters(PreTokenized& state, Decide decide) {
    state.next.clear();
    for (const Span piece : state.pieces) {
      bool dropping = true;
      for (std::size_t at = piece.begin; at < piece.end;) {
        const std::size_t start = at;
        const Cut cut = decide(start == piece.begin, next_code_point(state.text, at));
        if (cut != Cut::none) dropping = cut == Cut::drop;
        if (dropping) continue;
        if (cut == Cut::here) state.next.push_back({start, at});
        state.next.back().end = at;
      }
    }
    state.pieces.swap(state.next);
  }

  /// Rebuilds the text piece by piece: `write(piece, first, out)` appends a piece's new form; `first`: it begins in the lead.
  template <class Write>
  static void rewrite(PreTokenized& state, Write write) {
    state.other.clear();
    std::size_t lead = 0;
    for (Span& piece : state.pieces) {
      const std::size_t begin = state.other.size();
      const bool first = piece.begin < state.lead;
      if (first && state.lead < piece.end) {  // what comes from the lead's part of the piece
        write(piece.of(state.text).substr(0, state.lead - piece.begin), first, state.other);
        lead = state.other.size();
        state.other.resize(begin);
      }
      write(piece.of(state.text), first, state.other);
      if (piece.end <= state.lead) lead = state.other.size();
      piece = {begin, state.other.size()};
    }
    state.lead = lead;
    state.storage.swap(state.other);
    state.text = state.storage;
  }

  Status run(const pre::ByteLevel& spec, const Step& step, PreTokenized& state, RegexScratch& scratch) const {
    const auto lacks_space = [&](Span piece) { return state.text[piece.begin] != ' '; };
    if (spec.add_prefix_space && std::any_of(state.pieces.begin(), state.pieces.end(), lacks_space))
      rewrite(state, [](std::string_view piece, bool, std::string& out) { out.append(piece.starts_with(' ') ? "" : " ").append(piece); });
    if (step.matcher) INGOT_CHECK(split(*step.matcher, SplitBehavior::isolated, false, state, scratch));
    if (!raw_bytes_ || &step != &steps_.back())
      rewrite(state, [](std::string_view piece, bool, std::string& out) { byte_level::append_encoded(out, piece); });
    return {};
  }
  Status run(const pre::Split& spec, const Step& step, PreTokenized& state, RegexScratch& scratch) const {
    return split(*step.matcher, spec.behavior, spec.invert, state, scratch);
  }
  Status run(const pre::Digits& spec, const Step&, PreTokenized& state, RegexScratch&) const {
    split_characters(is_numeric, spec.individual ? SplitBehavior::isolated : SplitBehavior::contiguous, state);
    return {};
  }
  Status run(const pre::Punctuation& spec, const Step&, PreTokenized& state, RegexScratch&) const {
    split_characters(is_punctuation, spec.behavior, state);
    return {};
  }
  Status run(const pre::WhitespaceSplit&, const Step&, PreTokenized& state, RegexScratch&) const {
    split_characters(is_whitespace, SplitBehavior::removed, state);
    return {};
  }
  Status run(const pre::Whitespace&, const Step&, PreTokenized& state, RegexScratch&) const {
    enum class Kind : std::uint8_t { space, word, other };
    Kind before = Kind::space;
    cut_characters(state, [&](bool first, char32_t c) {
      const Kind kind = is_word(c) ? Kind::word : is_whitespace(c) ? Kind::space : Kind::other;
      const bool cut = first || kind != before;
      before = kind;
      return cut ? kind == Kind::space ? Cut::drop : Cut::here : Cut::none;
    });
    return {};
  }
  Status run(const pre::FixedLength& spec, const Step&, PreTokenized& state, RegexScratch&) const {
    std::uint32_t count = 0;
    cut_characters(state, [&](bool first, char32_t) {
      count = first || count == spec.length ? 1 : count + 1;
      return count == 1 ? Cut::here : Cut::none;
    });
    return {};
  }
  Status run(const pre::Metaspace& spec, const Step& step, PreTokenized& state, RegexScratch& scratch) const {
    rewrite(state, [&](std::string_view piece, bool first, std::string& out) {
      const bool wanted = spec.scheme == PrependScheme::always || (spec.scheme == PrependScheme::first && first);
      if (wanted && !piece.starts_with(' ') && !piece.starts_with(spec.replacement)) out += spec.replacement;
      for (const char c : piece) c == ' ' ? out.append(spec.replacement) : out.append(1, c);
    });
    return spec.split ? split(*step.matcher, SplitBehavior::merged_with_next, false, state, scratch) : Status{};
  }

  std::vector<Step> steps_;
  bool raw_bytes_ = false, asks_lead_ = false;
};

}  // namespace ingot::text
