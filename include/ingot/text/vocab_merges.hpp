// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/vocab_merges.hpp: tokenizers from GPT-2's pair of files, vocab.json and merges.txt.

#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_files.hpp>

namespace ingot::text {

/// The tokenizer of a vocab.json, its merges.txt and the files beside them. Errors: damaged, names the file.
/// Compiled in ingot::runtime.
[[nodiscard]] Result<Definition> read_vocab_merges(std::string_view vocabulary, std::string_view merges, const TokenizerFiles& files = {});

}  // namespace ingot::text
