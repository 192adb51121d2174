// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/decoder.hpp: tokens back to text, one token at a time.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/byte_level.hpp>
#include <ingot/text/clean_up.hpp>
#include <ingot/text/decoder_spec.hpp>
#include <ingot/text/pattern.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// A chain of decoders, compiled; works as a stream: what a token adds to the text comes out when the token goes in,
/// unless a later one could still change it. Immutable; each stream has its own State.
class Decoder {
 public:
  struct StepState {
    bool started = false;  ///< a token has come
    bool damaged = false;  ///< ByteFallback: the run is known not to be UTF-8
    std::uint32_t removed = 0;
    std::string held, input;
  };
  struct State {
    std::vector<StepState> steps;
    RegexScratch scratch;
  };

  [[nodiscard]] static Result<Decoder> compile(std::vector<DecoderSpec> specs) {
    Decoder chain;
    chain.replacement_alone_ = leaves_replacement_alone(specs);
    bool joined = false, bytes_pass = true;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      Step step{std::move(specs[i]), std::nullopt, joined};
      if (const auto* replace = std::get_if<decode::Replace>(&step.spec)) {
        INGOT_TRY(Matcher matcher, Matcher::compile(replace->pattern));
        step.matcher = std::move(matcher);
      }
      if (std::holds_alternative<decode::ByteFallback>(step.spec)) {
        if (!joined) chain.fallback_ = chain.steps_.size();
        step.whole_runs = !bytes_pass || (i + 1 < specs.size() && !std::holds_alternative<decode::Fuse>(specs[i + 1]));
      }
      bytes_pass = bytes_pass && keeps_byte_tokens(step.spec);
      step.waits = joined && needs_whole_token(step.spec);
      const bool fuses = std::holds_alternative<decode::Fuse>(step.spec);
      joined = joined || fuses || std::holds_alternative<decode::ByteLevel>(step.spec);
      if (!fuses) chain.steps_.push_back(std::move(step));  // the steps behind it know that they are joined
    }
    return chain;
  }

  [[nodiscard]] State start() const {
    State state;
    state.steps.resize(steps_.size());
    return state;
  }

  /// True when `token` would open a run of <0x..> tokens, whose end decides what it means.
  [[nodiscard]] bool opens_byte_run(std::string_view token, const State& state) const noexcept {
    return fallback_ < steps_.size() && !steps_[fallback_].whole_runs && !state.steps[fallback_].started && fallback_byte(token);
  }
  /// Says, before its first token, that a run of <0x..> tokens will turn out not to be UTF-8.
  void expect_damaged_run(State& state) const noexcept { state.steps[fallback_].damaged = true; }
  /// Appends what a whole run of <0x..> tokens adds, which stand for `bytes`. Expects that its first token would open one.
  void push_byte_run(std::string_view bytes, State& state, std::string& out) const {
    if (is_utf8(bytes)) return run(fallback_ + 1, bytes, state, out);
    for (std::size_t i = 0; i < bytes.size(); ++i) run(fallback_ + 1, replacement_character, state, out);
  }

  /// Appends to `out` the bytes that `token` adds; they may end within a code point.
  void push(std::string_view token, State& state, std::string& out) const {
    const bool replaces = replacement_alone_ && !state.steps[1].started && (steps_.size() == 2 || state.steps[2].started);
    if (replaces && !fallback_byte(token)) return append_replaced(token, std::get<decode::Replace>(steps_.front().spec), out);
    run(0, token, state, out);
  }

  /// Appends what was held back.
  void finish(State& state, std::string& out) const {
    for (std::size_t at = 0; at < steps_.size(); ++at)
      std::visit(
          [&](const auto& spec) {
            if (steps_[at].waits) step(spec, at, state.steps[at].input, state, out);
            end(spec, at, state, out);
          },
          steps_[at].spec);
  }

 private:
  struct Step {
    DecoderSpec spec;
    std::optional<Matcher> matcher;
    bool joined;              // all that comes in is one token, in parts
    bool waits = false;       // and must be whole before this step can tell what becomes of it
    bool whole_runs = false;  // a run of <0x..> tokens goes on as one token, not character by character
  };

  void run(std::size_t at, std::string_view token, State& state, std::string& out) const {
    if (at == steps_.size())
      out.append(token);
    else if (steps_[at].waits)
      state.steps[at].input.append(token);
    else
      std::visit([&](const auto& spec) { step(spec, at, token, state, out); }, steps_[at].spec);
  }

  template <class Spec>
  void end(const Spec&, std::size_t, State&, std::string&) const {}  // most hold nothing back

  void step(const decode::ByteLevel&, std::size_t at, std::string_view token, State& state, std::string& out) const {
    if (at + 1 == steps_.size()) return byte_level::append_decoded(out, token);
    std::string& held = state.steps[at].held;
    byte_level::append_decoded(held, token);
    std::string text;
    held.erase(0, append_lossy(text, held, false));
    run(at + 1, text, state, out);
  }
  void end(const decode::ByteLevel&, std::size_t at, State& state, std::string& out) const {
    std::string text;
    append_lossy(text, state.steps[at].held, true);
    if (!text.empty()) run(at + 1, text, state, out);
  }

  void step(const decode::Replace& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    std::string& held = state.steps[at].held;  // what came of the one token and may still be the start of a match
    if (!steps_[at].joined || steps_[at].waits) {
      held.clear();
      const auto replaced = steps_[at].matcher->append_replaced(token, spec.content, held, state.scratch);
      run(at + 1, replaced && *replaced ? held : token, state, out);  // a pattern that runs away changes nothing: decoding never fails
      return held.clear();
    }
    held.append(token);
    std::string text;
    std::size_t from = 0;
    for (std::size_t found; (found = held.find(spec.pattern.text, from)) != std::string::npos; from = found + spec.pattern.text.size())
      text.append(held, from, found - from).append(spec.content);
    std::size_t open = std::min(spec.pattern.text.size() - 1, held.size() - from);
    while (!held.ends_with(std::string_view{spec.pattern.text}.substr(0, open))) --open;
    text.append(held, from, held.size() - open - from);
    held.erase(0, held.size() - open);
    run(at + 1, text, state, out);
  }
  void end(const decode::Replace&, std::size_t at, State& state, std::string& out) const {
    if (const std::string rest = std::exchange(state.steps[at].held, {}); !rest.empty()) run(at + 1, rest, state, out);
  }

  void step(const decode::ByteFallback& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    StepState& own = state.steps[at];
    const auto byte = fallback_byte(token);
    if (!byte) {
      if (own.started) end(spec, at, state, out);
      return run(at + 1, token, state, out);
    }
    own.started = true;
    own.held.push_back(static_cast<char>(*byte));
    if (steps_[at].whole_runs) return;
    const Utf8Unit unit = first_unit(own.held);
    if (unit.state == Utf8Unit::invalid) own.damaged = true;
    if (own.damaged) return give_up(at, state, out);
    if (unit.state == Utf8Unit::cut_off) return;
    const std::string character = std::exchange(own.held, {});
    run(at + 1, character, state, out);
  }
  void end(const decode::ByteFallback&, std::size_t at, State& state, std::string& out) const {
    std::string& held = state.steps[at].held;
    if (steps_[at].whole_runs && !held.empty() && is_utf8(held))
      run(at + 1, std::exchange(held, {}), state, out);
    else
      give_up(at, state, out);
    state.steps[at].started = state.steps[at].damaged = false;
  }
  /// One U+FFFD for each byte held.
  void give_up(std::size_t at, State& state, std::string& out) const {
    const std::size_t count = std::exchange(state.steps[at].held, {}).size();
    for (std::size_t i = 0; i < count; ++i) run(at + 1, replacement_character, state, out);
  }

  void step(const decode::Fuse&, std::size_t, std::string_view, State&, std::string&) const {}  // never in the chain

  void step(const decode::Strip& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    StepState& own = state.steps[at];
    if (!steps_[at].joined) own.started = false, own.removed = 0;
    while (!own.started && own.removed < spec.start && !spec.content.empty() && token.starts_with(spec.content)) {
      token.remove_prefix(spec.content.size());
      ++own.removed;
    }
    if (token.empty() && steps_[at].joined) return;
    own.started = true;
    if (spec.stop == 0 || spec.content.empty()) return run(at + 1, token, state, out);
    own.held.append(token);
    std::string_view keep = own.held;
    for (std::uint32_t i = 0; i < spec.stop && keep.ends_with(spec.content); ++i) keep.remove_suffix(spec.content.size());
    run(at + 1, keep, state, out);
    own.held.erase(0, steps_[at].joined ? keep.size() : own.held.size());
  }

  void step(const decode::Metaspace& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    const bool first = steps_[at].joined || !std::exchange(state.steps[at].started, true);
    std::string text;
    for (std::size_t from = 0; from < token.size();) {
      if (!spec.replacement.empty() && token.substr(from).starts_with(spec.replacement)) {
        if (!first || spec.scheme == PrependScheme::never) text += ' ';
        from += spec.replacement.size();
      } else {
        text += token[from++];
      }
    }
    run(at + 1, text, state, out);
  }

  void step(const decode::Blanks&, std::size_t at, std::string_view token, State& state, std::string& out) const {
    if (std::exchange(state.steps[at].started, true)) run(at + 1, " ", state, out);
    run(at + 1, token, state, out);
  }

  void step(const decode::WordPiece& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    const bool first = steps_[at].joined || !std::exchange(state.steps[at].started, true);
    const bool continues = !first && token.starts_with(spec.prefix);
    std::string text{first || continues ? "" : " "};
    text += token.substr(continues ? spec.prefix.size() : 0);
    if (spec.cleanup) clean_up_spaces(text);
    run(at + 1, text, state, out);
  }

  /// Only the next token tells whether this one is the last. What does not depend on that goes on at once, where the next
  /// step takes a token in parts.
  void step(const decode::Bpe& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    StepState& own = state.steps[at];
    if (own.started) flush(spec, " ", at, state, out);
    own.started = true;
    own.held = token;
    if (!steps_[at].joined && (at + 1 == steps_.size() || steps_[at + 1].joined)) {
      const std::string known = own.held.substr(0, own.held.find(spec.suffix));
      own.held.erase(0, known.size());
      run(at + 1, known, state, out);
    }
  }
  void end(const decode::Bpe& spec, std::size_t at, State& state, std::string& out) const {
    if (std::exchange(state.steps[at].started, false)) flush(spec, "", at, state, out);
  }
  void flush(const decode::Bpe& spec, std::string_view blank, std::size_t at, State& state, std::string& out) const {
    std::string text = std::exchange(state.steps[at].held, {});
    replace_all(text, spec.suffix, blank);
    run(at + 1, text, state, out);
  }

  void step(const decode::Ctc& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    StepState& own = state.steps[at];
    if (std::exchange(own.started, true) && own.held == token) return;
    own.held = token;
    std::string text{token};
    replace_all(text, spec.pad, "");
    if (spec.cleanup) {
      clean_up_spaces(text);
      replace_all(text, spec.delimiter, " ");
    }
    if (!text.empty()) run(at + 1, text, state, out);
  }

  void step(const decode::SentencePiece& spec, std::size_t at, std::string_view token, State& state, std::string& out) const {
    StepState& own = state.steps[at];
    if (const auto byte = spec.bytes ? fallback_byte(token) : std::nullopt) {
      own.held.push_back(static_cast<char>(*byte));
      own.started = true;
      for (bool whole = false; !own.held.empty();) {
        const Utf8Unit unit = first_unit(own.held);
        if (unit.state == Utf8Unit::cut_off) break;
        whole = unit.state == Utf8Unit::complete;
        run(at + 1, whole ? std::string_view{own.held}.substr(0, unit.size) : replacement_character, state, out);
        own.held.erase(0, whole ? unit.size : 1);
      }
      return;
    }
    end(spec, at, state, out);
    constexpr std::string_view mark = "▁";
    if (spec.strip_first && !own.started && token.starts_with(mark)) {
      token.remove_prefix(mark.size());
      own.started = !spec.strip_all;
    }
    if (token.empty()) return;
    own.started = true;
    std::string text{token};
    replace_all(text, mark, " ");
    run(at + 1, text, state, out);
  }
  void end(const decode::SentencePiece&, std::size_t at, State& state, std::string& out) const { give_up(at, state, out); }

  std::vector<Step> steps_;
  std::size_t fallback_ = static_cast<std::size_t>(-1);
  bool replacement_alone_ = false;  // see push
};

}  // namespace ingot::text
