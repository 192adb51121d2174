// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/text_assets.hpp: the tokenizer and chat template of a model, and the files they go to.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/tokenizer.hpp>

namespace ingot::generation {

/// How text goes in and out of one model.
struct TextAssets {
  text::Tokenizer tokenizer;
  std::string chat_template;                     ///< Jinja source; empty where the model has none
  std::vector<std::int32_t> end_tokens;          ///< what ends a turn as far as the tokenizer's files say
  std::vector<std::filesystem::path> originals;  ///< the files that all this was read from, without tokenizer.bin and GGUF

  /// The text of BOS and EOS, as templates want them; empty where there is none.
  [[nodiscard]] std::string_view bos_token() const noexcept {
    return tokenizer.bos() ? tokenizer.token(*tokenizer.bos()) : std::string_view{};
  }
  [[nodiscard]] std::string_view eos_token() const noexcept {
    return tokenizer.eos() ? tokenizer.token(*tokenizer.eos()) : std::string_view{};
  }
};

/// Tokenizer and template of `path`: a package (tokenizer.bin), a checkpoint directory (tokenizer.json, tokenizer.model, *.tiktoken,
/// vocab.json and merges.txt, BERT's vocab.txt; the first of these counts), a GGUF file, a config.json in a directory of either kind, or
/// one of those files itself. Errors: not_found (no tokenizer there), disk, damaged, unsupported.
/// Compiled in ingot::runtime.
[[nodiscard]] Result<TextAssets> open_text(const std::filesystem::path& path);

}  // namespace ingot::generation
