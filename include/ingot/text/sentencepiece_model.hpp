// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/sentencepiece_model.hpp: what a tokenizer.model of SentencePiece says (its ModelProto).

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/protobuf.hpp>

namespace ingot::text {

/// The parts of a ModelProto that decide on ids and texts; the values that the format gives absent fields.
struct SentencePieceModel {
  enum class Kind : std::uint8_t { unigram = 1, bpe = 2, word = 3, character = 4 };
  enum class Type : std::uint8_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };
  struct Piece {
    std::string_view text;
    float score = 0;
    Type type = Type::normal;
  };
  std::vector<Piece> pieces;  ///< by id
  Kind kind = Kind::unigram;
  bool byte_fallback = false, whitespace_as_suffix = false;
  std::string_view bos_piece = "<s>", eos_piece = "</s>";
  std::string_view charsmap, denormalizer_charsmap;
  bool add_dummy_prefix = true, remove_extra_whitespaces = true, escape_whitespaces = true;
  std::uint32_t unknown = no_token;  ///< the piece of that type

  /// The id of the piece of one type and text, or no_token.
  [[nodiscard]] std::uint32_t find(Type type, std::string_view text) const noexcept {
    for (std::size_t id = 0; id < pieces.size(); ++id)
      if (pieces[id].type == type && pieces[id].text == text) return static_cast<std::uint32_t>(id);
    return no_token;
  }
};

namespace sentencepiece {

/// Calls `visit(field)` for each field of `message`.
template <class Visit>
[[nodiscard]] Status each_field(std::string_view message, Visit visit) {
  ProtoReader reader{message};
  while (true) {
    INGOT_TRY(const auto field, reader.next());
    if (!field) return {};
    INGOT_CHECK(visit(*field));
  }
}

[[nodiscard]] inline Status read_piece(std::string_view message, SentencePieceModel& model) {
  SentencePieceModel::Piece piece;
  INGOT_CHECK(each_field(message, [&](const ProtoField& field) -> Status {
    if (field.is_string(1)) piece.text = field.bytes;
    if (field.is_float(2)) piece.score = field.as_float();
    if (field.is_integer(3) && field.value >= 1 && field.value <= 6) piece.type = static_cast<SentencePieceModel::Type>(field.value);
    return {};
  }));
  const auto damaged = [&](std::string what) {
    return Error{ErrorCode::damaged, std::move(what), "piece " + std::to_string(model.pieces.size()), {}};
  };
  if (model.pieces.size() >= max_tokens) return damaged("more pieces than the limit of " + std::to_string(max_tokens));
  if (piece.text.empty() || piece.text.size() > max_token_bytes) return damaged("a piece that is empty or longer than 65536 bytes");
  if (!is_utf8(piece.text)) return damaged("a piece that is not UTF-8");
  if (!std::isfinite(piece.score)) return damaged("a score that is no finite number");
  if (piece.type == SentencePieceModel::Type::unknown) {
    if (model.unknown != no_token) return damaged("a second unknown piece");
    model.unknown = static_cast<std::uint32_t>(model.pieces.size());
  }
  model.pieces.push_back(piece);
  return {};
}

[[nodiscard]] inline Status read_trainer(std::string_view message, SentencePieceModel& model) {
  return each_field(message, [&](const ProtoField& field) -> Status {
    if (field.is_integer(3) && field.value >= 1 && field.value <= 4) model.kind = static_cast<SentencePieceModel::Kind>(field.value);
    if (field.is_integer(24)) model.whitespace_as_suffix = field.value != 0;
    if (field.is_integer(35)) model.byte_fallback = field.value != 0;
    if (field.is_string(46)) model.bos_piece = field.bytes;
    if (field.is_string(47)) model.eos_piece = field.bytes;
    return {};
  });
}

[[nodiscard]] inline Status read_normalizer(std::string_view message, SentencePieceModel& model) {
  return each_field(message, [&](const ProtoField& field) -> Status {
    if (field.is_string(2)) model.charsmap = field.bytes;
    if (field.is_integer(3)) model.add_dummy_prefix = field.value != 0;
    if (field.is_integer(4)) model.remove_extra_whitespaces = field.value != 0;
    if (field.is_integer(5)) model.escape_whitespaces = field.value != 0;
    return {};
  });
}

}  // namespace sentencepiece

/// Views of `file`. Errors: damaged (no such message, or one that libsentencepiece refuses as well).
[[nodiscard]] inline Result<SentencePieceModel> read_sentencepiece_model(std::string_view file) {
  SentencePieceModel model;
  INGOT_CHECK(sentencepiece::each_field(file, [&](const ProtoField& field) -> Status {
    if (field.is_string(1)) return sentencepiece::read_piece(field.bytes, model);
    if (field.is_string(2)) return sentencepiece::read_trainer(field.bytes, model);
    if (field.is_string(3)) return sentencepiece::read_normalizer(field.bytes, model);
    if (field.is_string(5))
      return sentencepiece::each_field(field.bytes, [&](const ProtoField& inner) -> Status {
        if (inner.is_string(2)) model.denormalizer_charsmap = inner.bytes;
        return {};
      });
    return {};
  }));
  if (model.pieces.empty())
    return Error{ErrorCode::damaged, "no pieces", "SentencePiece model", "check that the file is a tokenizer.model"};
  if (model.unknown == no_token && !model.byte_fallback) return Error{ErrorCode::damaged, "no unknown piece", "SentencePiece model", {}};
  return model;
}

}  // namespace ingot::text
