// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_json.hpp: reads the tokenizer.json of Hugging Face's tokenizers library.

#include <cstddef>
#include <string_view>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>

namespace ingot::text {

namespace tokenizer_json {
/// The largest in circulation (262 144 tokens, 514 906 merges) takes 33 MB.
inline constexpr json::Limits limits{.bytes = std::size_t{512} << 20, .depth = 64};
}  // namespace tokenizer_json

/// Reads a tokenizer.json and, where it exists (else empty), the tokenizer_config.json beside it. Compiled in ingot::runtime.
/// Errors: damaged (malformed; names the key), unsupported (a component this library lacks; names it).
[[nodiscard]] Result<Definition> read_tokenizer_json(std::string_view text, std::string_view config_text = {});

}  // namespace ingot::text
