// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/embedding_config.hpp: how a model embeds texts.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/generation/pooling.hpp>

namespace ingot::generation {

/// What stands around the model itself: prompts and the cut before it, pooling and normalization behind it.
struct EmbeddingConfig {
  std::vector<Pooling> poolings{Pooling::last};  ///< one or more, in the order of their values
  bool normalize = true;                         ///< vectors have length 1
  bool pool_prompt = true;                       ///< the rows of a prompt count for means and the maximum
  bool lower_case = false;                       ///< texts are read in lower case
  std::uint32_t max_tokens = 0;                  ///< longer texts are cut, special tokens included; 0: as the model's positions allow
  std::string default_prompt;                    ///< name of the prompt that stands before a text by itself; empty: none does
  std::vector<std::pair<std::string, std::string>> prompts;  ///< by name: query, document, ...; of two alike the later counts

  [[nodiscard]] const std::string* prompt(std::string_view name) const noexcept {
    const auto found = std::find_if(prompts.rbegin(), prompts.rend(), [&](const auto& prompt) { return prompt.first == name; });
    return found == prompts.rend() ? nullptr : &found->second;
  }
};

}  // namespace ingot::generation
