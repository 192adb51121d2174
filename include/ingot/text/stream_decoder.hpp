// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/stream_decoder.hpp: the text of tokens as they come, never half a character.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/tokenizer.hpp>

namespace ingot::text {

/// Turns ids into pieces of text: one piece an id (often empty or several characters) and one at the end. All pieces
/// joined are Tokenizer::decode of all ids; after each id everything is out but an incomplete UTF-8 tail.
class StreamDecoder {
 public:
  explicit StreamDecoder(Tokenizer tokenizer, bool skip_special = false)
      : tokenizer_{std::move(tokenizer)}, state_{tokenizer_.decoder().start()}, skip_special_{skip_special} {}

  /// The piece that `id` adds; valid until the next call. `following` are ids already known to come next. They matter to
  /// one thing: a run of <0x..> tokens that is not UTF-8 as a whole gives one U+FFFD for each byte, even for those that
  /// look like whole characters. Without them such characters are given out as they come.
  [[nodiscard]] std::string_view push(std::int32_t id, std::span<const std::int32_t> following = {}) {
    piece_.clear();
    if (!is_hidden(id)) {
      const Decoder& decoder = tokenizer_.decoder();
      const std::string_view token = tokenizer_.token(id);
      if (!following.empty() && decoder.opens_byte_run(token, state_)) {
        std::string run(1, static_cast<char>(*fallback_byte(token)));
        append_byte_run(following, run);
        if (!is_utf8(run)) decoder.expect_damaged_run(state_);
      }
      decoder.push(token, state_, tail_);
    }
    tail_.erase(0, append_lossy(piece_, tail_, false));
    return piece_;
  }

  /// The rest: U+FFFD for what an incomplete character had so far, usually nothing. Ends the stream.
  [[nodiscard]] std::string_view finish() {
    piece_.clear();
    tokenizer_.decoder().finish(state_, tail_);
    append_lossy(piece_, tail_, true);
    tail_.clear();
    return piece_;
  }

  /// All of `ids` at once, to the end.
  [[nodiscard]] std::string decode(std::span<const std::int32_t> ids) {
    const Decoder& decoder = tokenizer_.decoder();
    std::string bytes, run;
    for (std::size_t at = 0; at < ids.size(); ++at) {
      if (is_hidden(ids[at])) continue;
      const std::string_view token = tokenizer_.token(ids[at]);
      if (!decoder.opens_byte_run(token, state_)) {
        decoder.push(token, state_, bytes);
        continue;
      }
      run.clear();
      at += append_byte_run(ids.subspan(at), run) - 1;
      decoder.push_byte_run(run, state_, bytes);
    }
    decoder.finish(state_, bytes);
    if (is_utf8(bytes)) return bytes;
    std::string text;
    append_lossy(text, bytes, true);
    return text;
  }

 private:
  [[nodiscard]] bool is_hidden(std::int32_t id) const noexcept {
    return !tokenizer_.is_token(id) || (skip_special_ && tokenizer_.is_special(id));
  }

  /// Appends the bytes of the <0x..> tokens that `ids` begin with and returns how many ids that took, hidden ones among them.
  std::size_t append_byte_run(std::span<const std::int32_t> ids, std::string& run) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (is_hidden(ids[i])) continue;
      const auto byte = fallback_byte(tokenizer_.token(ids[i]));
      if (!byte) return i;
      run.push_back(static_cast<char>(*byte));
    }
    return ids.size();
  }

  Tokenizer tokenizer_;
  Decoder::State state_;
  bool skip_special_;
  std::string tail_, piece_;
};

inline std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special) const {
  return StreamDecoder{*this, skip_special}.decode(ids);
}

}  // namespace ingot::text
