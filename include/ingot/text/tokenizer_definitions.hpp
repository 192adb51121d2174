// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_definitions.hpp: Tokenizer and StreamDecoder for ingot::runtime: only for its source.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/decoder.hpp>
#include <ingot/text/stream_decoder.hpp>
#include <ingot/text/tokenizer.hpp>
#include <ingot/text/tokenizer_bin.hpp>
#include <ingot/text/tokenizer_state.hpp>

namespace ingot::text {

Result<Tokenizer> Tokenizer::create(const Definition& definition) {
  INGOT_TRY(Buffer<std::byte> image, write_image(definition));
  auto owned = std::make_shared<Buffer<std::byte>>(std::move(image));
  const std::span<const std::byte> bytes{owned->data(), owned->size()};
  return open(bytes, std::move(owned));
}

Result<Tokenizer> Tokenizer::open(std::span<const std::byte> image, std::shared_ptr<const void> owner) {
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
  const PostProcessor around = std::move(components.post_processor);
  return Tokenizer{std::make_shared<const State>(State{.owner = std::move(owner),
                                                       .image = image,
                                                       .parts = std::move(parts),
                                                       .normalizer = std::move(normalizer),
                                                       .pre_tokenizer = std::move(pre_tokenizer),
                                                       .model = std::move(model),
                                                       .decoder = std::move(decoder),
                                                       .prefix = {around.prefix.begin(), around.prefix.end()},
                                                       .suffix = {around.suffix.begin(), around.suffix.end()}})};
}

Result<std::vector<std::int32_t>> Tokenizer::encode(std::string_view text, bool add_special) const {
  std::vector<std::int32_t> ids;
  INGOT_CHECK(state_->encode(text, add_special, ids));
  return ids;
}
Status Tokenizer::encode_to(std::string_view text, bool add_special, std::vector<std::int32_t>& ids) const {
  return state_->encode(text, add_special, ids);
}
std::string_view Tokenizer::token(std::int32_t id) const noexcept { return state_->token(id); }
std::optional<std::int32_t> Tokenizer::id_of(std::string_view token) const noexcept {
  std::uint32_t id = state_->parts.added.find(token);
  if (id == no_token) id = state_->parts.model.tokens.find(token);
  return id == no_token ? std::nullopt : std::optional{static_cast<std::int32_t>(id)};
}
std::size_t Tokenizer::size() const noexcept { return state_->parts.model.tokens.size(); }
bool Tokenizer::is_special(std::int32_t id) const noexcept { return state_->has_flag(id, TokenFlag::special); }
bool Tokenizer::is_token(std::int32_t id) const noexcept { return state_->has_flag(id, TokenFlag::present); }
bool Tokenizer::adds_bos() const noexcept { return bos() && !prefix().empty() && prefix().front() == bos(); }
std::optional<std::int32_t> Tokenizer::bos() const noexcept { return State::as_id(state_->parts.components.bos); }
std::optional<std::int32_t> Tokenizer::eos() const noexcept { return State::as_id(state_->parts.components.eos); }
std::span<const std::int32_t> Tokenizer::prefix() const noexcept { return state_->prefix; }
std::span<const std::int32_t> Tokenizer::suffix() const noexcept { return state_->suffix; }
std::span<const std::byte> Tokenizer::image() const noexcept { return state_->image; }

struct StreamDecoder::State {
  Tokenizer tokenizer;
  Decoder::State decoding;
  bool skip_special;
  std::string tail = {}, piece = {};

  [[nodiscard]] const Tokenizer::State& source() const noexcept { return *tokenizer.state_; }
  [[nodiscard]] bool is_hidden(std::int32_t id) const noexcept {
    return !source().has_flag(id, TokenFlag::present) || (skip_special && source().has_flag(id, TokenFlag::special));
  }

  /// Appends the bytes of the <0x..> tokens that `ids` begin with and returns how many ids that took, hidden ones among them.
  std::size_t append_byte_run(std::span<const std::int32_t> ids, std::string& run) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (is_hidden(ids[i])) continue;
      const auto byte = fallback_byte(source().token(ids[i]));
      if (!byte) return i;
      run.push_back(static_cast<char>(*byte));
    }
    return ids.size();
  }

  void push(std::int32_t id, std::span<const std::int32_t> following) {
    const Decoder& decoder = source().decoder;
    const std::string_view token = source().token(id);
    if (!following.empty() && decoder.opens_byte_run(token, decoding)) {
      std::string run(1, static_cast<char>(*fallback_byte(token)));
      append_byte_run(following, run);
      if (!is_utf8(run)) decoder.expect_damaged_run(decoding);
    }
    decoder.push(token, decoding, tail);
  }

  [[nodiscard]] std::string decode(std::span<const std::int32_t> ids) {
    const Decoder& decoder = source().decoder;
    std::string bytes, run;
    for (std::size_t at = 0; at < ids.size(); ++at) {
      if (is_hidden(ids[at])) continue;
      const std::string_view token = source().token(ids[at]);
      if (!decoder.opens_byte_run(token, decoding)) {
        decoder.push(token, decoding, bytes);
        continue;
      }
      run.clear();
      at += append_byte_run(ids.subspan(at), run) - 1;
      decoder.push_byte_run(run, decoding, bytes);
    }
    decoder.finish(decoding, bytes);
    if (is_utf8(bytes)) return bytes;
    std::string text;
    append_lossy(text, bytes, true);
    return text;
  }
};

StreamDecoder::StreamDecoder(Tokenizer tokenizer, bool skip_special) {
  auto decoding = tokenizer.state_->decoder.start();
  state_ = std::make_unique<State>(State{std::move(tokenizer), std::move(decoding), skip_special});
}
StreamDecoder::StreamDecoder(StreamDecoder&&) noexcept = default;
StreamDecoder& StreamDecoder::operator=(StreamDecoder&&) noexcept = default;
StreamDecoder::~StreamDecoder() = default;

std::string_view StreamDecoder::push(std::int32_t id, std::span<const std::int32_t> following) {
  state_->piece.clear();
  if (!state_->is_hidden(id)) state_->push(id, following);
  state_->tail.erase(0, append_lossy(state_->piece, state_->tail, false));
  return state_->piece;
}

std::string_view StreamDecoder::finish() {
  state_->piece.clear();
  state_->source().decoder.finish(state_->decoding, state_->tail);
  append_lossy(state_->piece, state_->tail, true);
  state_->tail.clear();
  return state_->piece;
}

std::string StreamDecoder::decode(std::span<const std::int32_t> ids) { return state_->decode(ids); }

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special) const {
  return StreamDecoder{*this, skip_special}.decode(ids);
}

}  // namespace ingot::text
