// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/vocabulary.hpp: tokenizers from a GGUF file's vocabulary.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>

namespace ingot::text {

/// The `tokenizer.ggml.*` values of a GGUF file; views of the file. An absent list is empty, an absent value nothing.
struct Vocabulary {
  std::string_view model;  ///< gpt2 (byte-level BPE), gemma4, whitespace (BPE), llama (SentencePiece BPE), t5 (Unigram), bert (WordPiece)
  std::string_view pre;    ///< how gpt2 splits text; empty means "default"
  std::string_view name;   ///< general.name, which decides on white space behind phi-3's special tokens
  std::vector<std::string_view> tokens;  ///< by id
  std::vector<std::string_view> merges;  ///< "left right", by falling priority (gpt2)
  std::vector<float> scores;             ///< by id (llama, t5)
  std::vector<std::int32_t> types;       ///< by id, see TokenType; empty means that all are normal
  std::optional<std::uint32_t> bos, eos, unknown;
  std::optional<std::uint32_t> classifier, separator;  ///< bert's [CLS] and [SEP]
  std::optional<bool> add_bos, add_eos, add_space_prefix, remove_extra_whitespaces = {};
  std::string_view charsmap = {};                          ///< precompiled normalization rules (t5)
  std::optional<bool> lowercase = {}, strip_accents = {};  ///< of the text first (bert, whitespace); without the second as the first
  std::string_view architecture = {};                      ///< general.architecture, which decides on white space before <mask>
};

/// `tokenizer.ggml.token_type`.
enum class TokenType : std::int32_t { undefined, normal, unknown, control, user_defined, unused, byte };

/// The tokenizer of a GGUF vocabulary. Errors: damaged (lists that do not fit together), unsupported (model or pre).
/// Compiled in ingot::runtime.
[[nodiscard]] Result<Definition> read_vocabulary(const Vocabulary& vocabulary);

}  // namespace ingot::text
