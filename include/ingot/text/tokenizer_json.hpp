// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_json.hpp: reads the tokenizer.json of Hugging Face's tokenizers library.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_config.hpp>
#include <ingot/text/tokenizer_json_components.hpp>
#include <ingot/text/tokenizer_json_model.hpp>
#include <ingot/text/tokenizer_json_post_processor.hpp>

namespace ingot::text {

/// Reads a tokenizer.json and, where it exists (else empty), the tokenizer_config.json beside it.
/// Errors: damaged (malformed; names the key), unsupported (a component this library lacks; names it).
[[nodiscard]] inline Result<Definition> read_tokenizer_json(std::string_view text, std::string_view config_text = {}) {
  INGOT_TRY(const json::Document document, json::Document::parse(text, "tokenizer.json", tokenizer_json::limits));
  const json::Value root = document.root();
  INGOT_TRY(const json::Value model, root.at("model"));
  Definition definition;
  Components& components = definition.components;
  INGOT_CHECK(tokenizer_json::read_model(model, definition));
  const TokenIds ids = token_ids(definition);
  INGOT_TRY(components.normalizers, tokenizer_json::read_normalizers(root.find("normalizer")));
  INGOT_TRY(components.pre_tokenizers, tokenizer_json::read_pre_tokenizers(root.find("pre_tokenizer")));
  INGOT_TRY(components.post_processor, tokenizer_json::read_post_processor(root.find("post_processor")));
  INGOT_TRY(components.decoders, tokenizer_json::read_decoders(root.find("decoder")));

  AddedTokenList added{ids};
  if (const auto list = root.find("added_tokens"))
    INGOT_CHECK(list->each_element([&](const json::Value& value) -> Status {
      INGOT_TRY(AddedToken token, read_added_token(value));
      added.add(std::move(token));
      return {};
    }));
  if (!config_text.empty()) {
    INGOT_TRY(const json::Document config, json::Document::parse(config_text, "tokenizer_config.json", tokenizer_json::limits));
    const auto pre_tokenizer = root.find("pre_tokenizer");
    const bool lone_byte_level = pre_tokenizer && *pre_tokenizer->get<std::string_view>("type") == "ByteLevel";
    INGOT_CHECK(TokenizerConfig(config.root(), definition, added, lone_byte_level).apply());
  }
  definition.added = std::move(added).take();
  return definition;
}

}  // namespace ingot::text
