// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/sentencepiece.hpp: tokenizers from a tokenizer.model of SentencePiece and the files beside it.

#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_files.hpp>

namespace ingot::text {

/// The tokenizer of a SentencePiece model file and the files beside it. Errors: damaged, unsupported. Compiled in ingot::runtime.
[[nodiscard]] Result<Definition> read_sentencepiece(std::string_view file, const TokenizerFiles& files = {});

}  // namespace ingot::text
