// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/bert_vocabulary.hpp: tokenizers from BERT's vocab.txt, one token a line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>

namespace ingot::text {

/// The lines of a vocab.txt by id. Of a token that comes twice the last counts, the other id has none.
[[nodiscard]] Result<std::vector<std::optional<std::string>>> read_vocabulary_lines(std::string_view text);

/// Reads a vocab.txt and, where it exists (else empty), the tokenizer_config.json beside it, as transformers' BertTokenizer and its
/// relatives do. Errors: damaged (malformed), unsupported (another class of tokenizer). Compiled in ingot::runtime.
[[nodiscard]] Result<Definition> read_bert_vocabulary(std::string_view text, std::string_view config_text = {});

}  // namespace ingot::text
