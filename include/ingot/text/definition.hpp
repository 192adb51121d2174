// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/definition.hpp: everything a tokenizer is, as plain data that every source format is read into.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ingot/text/added_tokens.hpp>
#include <ingot/text/decoder_spec.hpp>
#include <ingot/text/model.hpp>
#include <ingot/text/normalizer_spec.hpp>
#include <ingot/text/post_processor.hpp>
#include <ingot/text/pre_tokenizer.hpp>

namespace ingot::text {

/// The parts that are small: stored as one archive, compiled when a tokenizer is opened.
struct Components {
  std::vector<NormalizerSpec> normalizers;
  std::vector<PreTokenizerSpec> pre_tokenizers;
  ModelOptions model;
  PostProcessor post_processor;
  std::vector<DecoderSpec> decoders;
  std::optional<std::uint32_t> bos, eos;
  static void fields(auto& self, auto& archive) {
    archive(self.normalizers, self.pre_tokenizers, self.model, self.post_processor, self.decoders, self.bos, self.eos);
  }
};

/// The parts that are large besides: texts by id, merges, added tokens.
struct Definition {
  Components components;
  std::vector<std::optional<std::string>> vocabulary;  ///< the model's own tokens by id; holes have no token
  std::vector<Merge> merges;                           ///< of a BPE model
  std::vector<double> scores;                          ///< of a Unigram model, one for each of the vocabulary; NaN: not to be chosen
  std::vector<AddedToken> added;                       ///< one for each content; their ids may lie within or behind the vocabulary
};

/// Most tokens a vocabulary may have; the largest in circulation have 262 144.
inline constexpr std::size_t max_tokens = std::size_t{1} << 24;
/// Longest token text in bytes.
inline constexpr std::size_t max_token_bytes = std::size_t{1} << 16;

}  // namespace ingot::text
