// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_state.hpp: what copies of a Tokenizer share, and the loops that encode.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/decoder.hpp>
#include <ingot/text/model.hpp>
#include <ingot/text/normalizer.hpp>
#include <ingot/text/piece_cache.hpp>
#include <ingot/text/pre_tokenizer.hpp>
#include <ingot/text/tokenizer.hpp>
#include <ingot/text/tokenizer_bin.hpp>

namespace ingot::text {

namespace detail {

/// What one encode() works with.
struct EncodeScratch {
  RegexScratch regex;
  ModelScratch model;
  PieceCache cache;
  PreTokenized pieces;
  std::vector<Fragment> raw, normalized;
  std::string normal_text;
};

/// Idle scratches; each running encode() holds one, so threads neither wait for each other nor share a cache.
class EncodeScratches {
 public:
  EncodeScratches() = default;
  EncodeScratches(EncodeScratches&&) noexcept {}
  [[nodiscard]] std::unique_ptr<EncodeScratch> take() {
    const std::scoped_lock lock{mutex_};
    if (idle_.empty()) return std::make_unique<EncodeScratch>();
    auto scratch = std::move(idle_.back());
    idle_.pop_back();
    return scratch;
  }
  void give(std::unique_ptr<EncodeScratch> scratch) {
    const std::scoped_lock lock{mutex_};
    idle_.push_back(std::move(scratch));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<EncodeScratch>> idle_;
};

}  // namespace detail

/// Its functions stand in the class, which makes them inline: others the compiler keeps apart in position-independent code, as whoever
/// loads a shared library may replace them.
struct Tokenizer::State {
  using Scratch = detail::EncodeScratch;
  static constexpr std::size_t max_text_bytes = std::size_t{1} << 31;

  std::shared_ptr<const void> owner;
  std::span<const std::byte> image;
  Image parts;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Model model;
  Decoder decoder;
  std::vector<std::int32_t> prefix, suffix;
  mutable detail::EncodeScratches scratches = {};

  [[nodiscard]] bool has_flag(std::int32_t id, std::uint8_t flag) const noexcept {
    return static_cast<std::uint32_t>(id) < parts.flags.size() && (parts.flags[static_cast<std::uint32_t>(id)] & flag) != 0;
  }
  [[nodiscard]] std::string_view token(std::int32_t id) const noexcept { return parts.model.tokens.text(static_cast<std::uint32_t>(id)); }
  [[nodiscard]] static std::optional<std::int32_t> as_id(std::optional<std::uint32_t> id) noexcept {
    return id ? std::optional{static_cast<std::int32_t>(*id)} : std::nullopt;
  }

  [[nodiscard]] Status encode(std::string_view text, bool add_special, std::vector<std::int32_t>& ids) const {
    if (text.size() > max_text_bytes) return Error{ErrorCode::unsupported, "text longer than 2 GiB", "tokenizer", "encode it in parts"};
    std::string repaired;
    if (!is_utf8(text)) {
      append_lossy(repaired, text, true);
      text = repaired;
    }
    if (add_special) ids.insert(ids.end(), prefix.begin(), prefix.end());
    std::unique_ptr<Scratch> scratch = scratches.take();
    const Status status = encode_fragments(text, *scratch, ids);
    scratches.give(std::move(scratch));
    if (status && add_special) ids.insert(ids.end(), suffix.begin(), suffix.end());
    return status;
  }

  [[nodiscard]] Status encode_fragments(std::string_view text, Scratch& scratch, std::vector<std::int32_t>& ids) const {
    parts.raw.split(text, scratch.raw);
    for (const Fragment& fragment : scratch.raw) {
      if (fragment.is_token) {
        ids.push_back(static_cast<std::int32_t>(fragment.id));
        continue;
      }
      const bool starts_input = fragment.span.begin == 0;
      std::size_t lead = starts_input ? code_point_size(text[0]) : 0;
      INGOT_TRY(const std::string_view normal, normalizer.apply(fragment.span.of(text), scratch.normal_text, scratch.regex, starts_input,
                                                                starts_input && pre_tokenizer.asks_lead() ? &lead : nullptr));
      parts.normalized.split(normal, scratch.normalized);
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
    INGOT_CHECK(pre_tokenizer.apply(scratch.pieces, scratch.regex));
    std::visit([&](const auto& chosen) { encode_pieces(chosen, scratch, ids); }, model);
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
};

}  // namespace ingot::text
