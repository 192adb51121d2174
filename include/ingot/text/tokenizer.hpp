// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer.hpp: text to token ids and back.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>

namespace ingot::text {

struct Definition;

/// Immutable, cheap to copy, and usable by several threads at once. It always runs on an image (tokenizer_bin.hpp),
/// so a tokenizer that was read from its source and one that was exported cannot differ. Compiled in ingot::runtime.
class Tokenizer {
 public:
  /// Expects the parts to fit together as read_tokenizer_json and read_vocabulary give them. Errors: see write_image.
  [[nodiscard]] static Result<Tokenizer> create(const Definition& definition);

  /// Runs on a tokenizer.bin where it lies; `owner` (a MappedFile, say) is kept until the last copy is gone. Without an
  /// owner the caller keeps the bytes. Errors: damaged, unsupported.
  [[nodiscard]] static Result<Tokenizer> open(std::span<const std::byte> image, std::shared_ptr<const void> owner = {});

  /// Token ids of `text`, with BOS and EOS as the tokenizer adds them if `add_special`. Added tokens written in the text
  /// are recognised either way. Invalid UTF-8 counts as U+FFFD. Errors: unsupported (text over 2 GiB, or a regex that
  /// backtracks beyond its limit).
  [[nodiscard]] Result<std::vector<std::int32_t>> encode(std::string_view text, bool add_special = true) const;

  /// The same, appended to `ids`.
  [[nodiscard]] Status encode_to(std::string_view text, bool add_special, std::vector<std::int32_t>& ids) const;

  /// The text of `ids`; ids outside the vocabulary count as nothing. `skip_special` leaves special tokens out.
  [[nodiscard]] std::string decode(std::span<const std::int32_t> ids, bool skip_special = false) const;

  /// A token as the vocabulary spells it (byte-level ones in the byte alphabet); empty where the id has none.
  [[nodiscard]] std::string_view token(std::int32_t id) const noexcept;
  /// The id of a token, added or of the model, spelled as token() spells it.
  [[nodiscard]] std::optional<std::int32_t> id_of(std::string_view token) const noexcept;
  /// Highest id + 1, added tokens included.
  [[nodiscard]] std::size_t size() const noexcept;
  /// True for added tokens that decode(…, skip_special) leaves out.
  [[nodiscard]] bool is_special(std::int32_t id) const noexcept;
  [[nodiscard]] bool is_token(std::int32_t id) const noexcept;
  /// True when encode puts BOS in front.
  [[nodiscard]] bool adds_bos() const noexcept;
  [[nodiscard]] std::optional<std::int32_t> bos() const noexcept;
  [[nodiscard]] std::optional<std::int32_t> eos() const noexcept;
  /// The tokens that encode puts before a text.
  [[nodiscard]] std::span<const std::int32_t> prefix() const noexcept;
  /// The tokens that encode puts behind a text.
  [[nodiscard]] std::span<const std::int32_t> suffix() const noexcept;
  /// The bytes of tokenizer.bin.
  [[nodiscard]] std::span<const std::byte> image() const noexcept;

 private:
  friend class StreamDecoder;
  struct State;
  explicit Tokenizer(std::shared_ptr<const State> state) noexcept : state_{std::move(state)} {}
  std::shared_ptr<const State> state_;
};

}  // namespace ingot::text
