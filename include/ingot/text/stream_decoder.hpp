// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/stream_decoder.hpp: the text of tokens as they come, never half a character.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <ingot/text/tokenizer.hpp>

namespace ingot::text {

/// Turns ids into pieces of text: one piece an id (often empty or several characters) and one at the end. All pieces
/// joined are Tokenizer::decode of all ids; after each id everything is out but an incomplete UTF-8 tail.
class StreamDecoder {
 public:
  explicit StreamDecoder(Tokenizer tokenizer, bool skip_special = false);
  StreamDecoder(StreamDecoder&& other) noexcept;
  StreamDecoder& operator=(StreamDecoder&& other) noexcept;
  ~StreamDecoder();

  /// The piece that `id` adds; valid until the next call. `following` are ids already known to come next. They matter to
  /// one thing: a run of <0x..> tokens that is not UTF-8 as a whole gives one U+FFFD for each byte, even for those that
  /// look like whole characters. Without them such characters are given out as they come.
  [[nodiscard]] std::string_view push(std::int32_t id, std::span<const std::int32_t> following = {});

  /// The rest: U+FFFD for what an incomplete character had so far, usually nothing. Ends the stream.
  [[nodiscard]] std::string_view finish();

  /// All of `ids` at once, to the end.
  [[nodiscard]] std::string decode(std::span<const std::int32_t> ids);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ingot::text
