// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer.hpp: text to token ids and back.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/piece_cache.hpp>
#include <ingot/text/tokenizer_bin.hpp>

namespace ingot::text {

/// Immutable, cheap to copy, and usable by several threads at once. It always runs on an image (tokenizer_bin.hpp),
/// so a tokenizer that was read from its source and one that was exported cannot differ.
class Tokenizer {
 public:
  /// Expects the parts to fit together as read_tokenizer_json and read_vocabulary give them. Errors: see write_image.
  [[nodiscard]] static Result<Tokenizer> create(const Definition& definition) {
    INGOT_TRY(Buffer<std::byte> image, write_image(definition));
    auto owned = std::make_shared<Buffer<std::byte>>(std::move(image));
    const std::span<const std::byte> bytes{owned->data(), owned->size()};
    return open(bytes, std::move(owned));
  }

  /// Runs on a tokenizer.bin where it lies; `owner` (a MappedFile, say) is kept until the last copy is gone. Without an
  /// owner the caller keeps the bytes. Errors: damaged, unsupported.
  [[nodiscard]] static Result<Tokenizer> open(std::span<const std::byte> image, std::shared_ptr<const void> owner = {}) {
    if (reinterpret_cast<std::uintptr_t>(image.data()) % alignof(std::uint64_t) != 0) {
      auto copy = std::make_shared<Buffer<std::byte>>(image.size());
      std::copy(image.begin(), image.end(), copy->begin());
      image = {copy->data(), copy->size()};
      owner = std::move(copy);
    }
    INGOT_TRY(Image parts, read_image(image));
    Components& components = parts.components;
    INGOT_TRY(Normalizer normalizer, Normalizer::compile(std::move(components.normalizers)));
    INGOT_TRY(PreTokenizer pre_tokenizer, PreTokenizer::compile(std::move(components.pre_tokenizers), !takes_raw_bytes(components.model)));
    INGOT_TRY(Decoder decoder, Decoder::compile(std::move(components.decoders)));
    Model model = make_model(std::move(components.model), parts.model, pre_tokenizer.raw_bytes());
    Tokenizer tokenizer;
    tokenizer.state_ = std::make_shared<const State>(State{std::move(owner),
                                                           image,
                                                           std::move(parts),
                                                           std::move(normalizer),
                                                           std::move(pre_tokenizer),
                                                           std::move(model),
                                                           std::move(decoder),
                                                           {}});
    return tokenizer;
  }

  /// Token ids of `text`, with BOS and EOS as the tokenizer adds them if `add_special`. Added tokens written in the text
  /// are recognised either way. Invalid UTF-8 counts as U+FFFD. Errors: unsupported (text over 2 GiB, or a regex that
  /// backtracks beyond its limit).
  [[nodiscard]] Result<std::vector<std::int32_t>> encode(std::string_view text, bool add_special = true) const {
    std::vector<std::int32_t> ids;
    INGOT_CHECK(encode_to(text, add_special, ids));
    return ids;
  }

  /// The same, appended to `ids`.
  [[nodiscard]] Status encode_to(std::string_view text, bool add_special, std::vector<std::int32_t>& ids) const {
    if (text.size() > max_text_bytes) return Error{ErrorCode::unsupported, "text longer than 2 GiB", "tokenizer", "encode it in parts"};
    std::string repaired;
    if (!is_utf8(text)) {
      append_lossy(repaired, text, true);
      text = repaired;
    }
    const PostProcessor& around = state_->parts.components.post_processor;
    if (add_special) ids.insert(ids.end(), around.prefix.begin(), around.prefix.end());
    std::unique_ptr<Scratch> scratch = state_->scratch.take();
    const Status status = encode_fragments(text, *scratch, ids);
    state_->scratch.give(std::move(scratch));
    if (status && add_special) ids.insert(ids.end(), around.suffix.begin(), around.suffix.end());
    return status;
  }

  /// The text of `ids`; ids outside the vocabulary count as nothing. `skip_special` leaves special tokens out.
  [[nodiscard]] std::string decode(std::span<const std::int32_t> ids, bool skip_special = false) const;

  /// A token as the vocabulary spells it (byte-level ones in the byte alphabet); empty where the id has none.
  [[nodiscard]] std::string_view token(std::int32_t id) const noexcept {
    return state_->parts.model.tokens.text(static_cast<std::uint32_t>(id));
  }
  /// The id of a token, added or of the model, spelled as token() spells it.
  [[nodiscard]] std::optional<std::int32_t> id_of(std::string_view token) const noexcept {
    std::uint32_t id = state_->parts.added.find(token);
    if (id == no_token) id = state_->parts.model.tokens.find(token);
    return id == no_token ? std::nullopt : std::optional{static_cast<std::int32_t>(id)};
  }
  /// Highest id + 1, added tokens included.
  [[nodiscard]] std::size_t size() const noexcept { return state_->parts.model.tokens.size(); }
  /// True for added tokens that decode(…, skip_special) leaves out.
  [[nodiscard]] bool is_special(std::int32_t id) const noexcept { return has_flag(id, TokenFlag::special); }
  /// True when encode puts BOS in front.
  [[nodiscard]] bool adds_bos() const noexcept {
    const auto& prefix = added_around().prefix;
    return bos() && !prefix.empty() && as_id(prefix.front()) == bos();
  }
  [[nodiscard]] bool is_token(std::int32_t id) const noexcept { return has_flag(id, TokenFlag::present); }
  [[nodiscard]] std::optional<std::int32_t> bos() const noexcept { return as_id(state_->parts.components.bos); }
  [[nodiscard]] std::optional<std::int32_t> eos() const noexcept { return as_id(state_->parts.components.eos); }
  /// The tokens that encode puts around a text.
  [[nodiscard]] const PostProcessor& added_around() const noexcept { return state_->parts.components.post_processor; }

  [[nodiscard]] const Decoder& decoder() const noexcept { return state_->decoder; }
  /// The bytes of tokenizer.bin.
  [[nodiscard]] std::span<const std::byte> image() const noexcept { return state_->image; }

 private:
  static constexpr std::size_t max_text_bytes = std::size_t{1} << 31;

  /// What one encode() works with.
  struct Scratch {
    RegexScratch regex;
    ModelScratch model;
    PieceCache cache;
    PreTokenized pieces;
    std::vector<Fragment> raw, normalized;
    std::string normal_text;
  };
  /// Idle scratches; each running encode() holds one, so threads neither wait for each other nor share a cache.
  class Pool {
   public:
    Pool() = default;
    Pool(Pool&&) noexcept {}
    [[nodiscard]] std::unique_ptr<Scratch> take() {
      const std::scoped_lock lock{mutex_};
      if (idle_.empty()) return std::make_unique<Scratch>();
      auto scratch = std::move(idle_.back());
      idle_.pop_back();
      return scratch;
    }
    void give(std::unique_ptr<Scratch> scratch) {
      const std::scoped_lock lock{mutex_};
      idle_.push_back(std::move(scratch));
    }

   private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Scratch>> idle_;
  };
  struct State {
    std::shared_ptr<const void> owner;
    std::span<const std::byte> image;
    Image parts;
    Normalizer normalizer;
    PreTokenizer pre_tokenizer;
    Model model;
    Decoder decoder;
    mutable Pool scratch;
  };

  Tokenizer() = default;
  [[nodiscard]] bool has_flag(std::int32_t id, std::uint8_t flag) const noexcept {
    return static_cast<std::uint32_t>(id) < state_->parts.flags.size() && (state_->parts.flags[static_cast<std::uint32_t>(id)] & flag) != 0;
  }
  static std::optional<std::int32_t> as_id(std::optional<std::uint32_t> id) noexcept {
    return id ? std::optional{static_cast<std::int32_t>(*id)} : std::nullopt;
  }

  [[nodiscard]] Status encode_fragments(std::string_view text, Scratch& scratch, std::vector<std::int32_t>& ids) const {
    state_->parts.raw.split(text, scratch.raw);
    for (const Fragment& fragment : scratch.raw) {
      if (fragment.is_token) {
        ids.push_back(static_cast<std::int32_t>(fragment.id));
        continue;
      }
      const bool starts_input = fragment.span.begin == 0;
      std::size_t lead = starts_input ? code_point_size(text[0]) : 0;
      INGOT_TRY(const std::string_view normal,
                state_->normalizer.apply(fragment.span.of(text), scratch.normal_text, scratch.regex, starts_input,
                                         starts_input && state_->pre_tokenizer.asks_lead() ? &lead : nullptr));
      state_->parts.normalized.split(normal, scratch.normalized);
      for (const Fragment& part : scratch.normalized) {
        if (part.is_token)
          ids.push_back(static_cast<std::int32_t>(part.id));
        else
          INGOT_CHECK(encode_text(part.span.of(normal), lead - std::min(lead, part.span.begin), scratch, ids));
      }
    }
    return {};
  }
  [[nodiscard]] Status encode_text(std::string_view text, std::size_t lead, Scratch& scratch, std::vector<std::int32_t>& ids) const {
    scratch.pieces.reset(text, lead);
    INGOT_CHECK(state_->pre_tokenizer.apply(scratch.pieces, scratch.regex));
    std::visit([&](const auto& model) { encode_pieces(model, scratch, ids); }, state_->model);
    return {};
  }
  template <class M>
  static void encode_pieces(const M& model, Scratch& scratch, std::vector<std::int32_t>& ids) {
    for (const Span span : scratch.pieces.pieces) {
      const std::string_view piece = span.of(scratch.pieces.text);
      if constexpr (requires { model.part_end(piece, std::size_t{}); }) {
        for (std::size_t at = 0, end = 0; at < piece.size(); at = end) {
          end = model.part_end(piece, at);
          encode_piece(model, piece.substr(at, end - at), scratch, ids);
        }
      } else {
        encode_piece(model, piece, scratch, ids);
      }
    }
  }
  template <class M>
  static void encode_piece(const M& model, std::string_view piece, Scratch& scratch, std::vector<std::int32_t>& ids) {
    if (scratch.cache.find(piece, ids)) return;
    const std::size_t before = ids.size();
    model.encode(piece, std::get<typename M::Scratch>(scratch.model), ids);
    scratch.cache.insert(piece, std::span{ids}.subspan(before));
  }

  std::shared_ptr<const State> state_;
};

}  // namespace ingot::text

#include <ingot/text/stream_decoder.hpp>  // Tokenizer::decode is a stream taken to its end
