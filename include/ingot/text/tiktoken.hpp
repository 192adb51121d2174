// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tiktoken.hpp: tokenizers from a tiktoken file (a token in base64 and its rank a line).

#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_files.hpp>

namespace ingot::text {

/// The tokenizer of a tiktoken file. Its name without extension, or the class that the files beside it name, decides on the pattern and
/// special tokens. Errors: damaged. Compiled in ingot::runtime.
[[nodiscard]] Result<Definition> read_tiktoken(std::string_view file, std::string_view stem, const TokenizerFiles& files = {});

}  // namespace ingot::text
