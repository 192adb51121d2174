// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_json_post_processor.hpp: the post-processor of tokenizer.json, as what it puts around a text.

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_json_components.hpp>

namespace ingot::text::tokenizer_json {

/// The ids around a text on their way through a chain of post-processors. Each step of the chain sees the parts that the one before
/// it has left; no_token stands for the text.
using FrameParts = std::vector<std::vector<std::uint32_t>>;

/// A TemplateProcessing makes a part of each of its items.
[[nodiscard]] inline Status apply_template(const json::Value& v, FrameParts& parts) {
  if (parts.size() != 1) return unknown_component("post-processor", "TemplateProcessing behind another one");
  FrameParts framed;
  bool text_seen = false;
  INGOT_TRY(const json::Value single, v.at("single"));
  INGOT_CHECK(single.each_element([&](const json::Value& item) -> Status {
    if (const auto sequence = item.find("Sequence")) {
      INGOT_TRY(const std::string_view name, sequence->get<std::string_view>("id"));
      if (name != "A" || std::exchange(text_seen, true))
        return unknown_component("post-processor", "TemplateProcessing with more than the text once");
      framed.push_back(parts.front());
      return {};
    }
    INGOT_TRY(const json::Value special, item.at("SpecialToken"));
    INGOT_TRY(const std::string_view name, special.get<std::string_view>("id"));
    INGOT_TRY(const json::Value tokens, v.at("special_tokens"));
    INGOT_TRY(const json::Value token, tokens.at(name));
    INGOT_TRY(const json::Value ids, token.at("ids"));
    framed.emplace_back();
    return ids.each_element([&](const json::Value& id) -> Status {
      INGOT_TRY(const std::uint32_t value, id.as<std::uint32_t>("ids"));
      if (value >= max_tokens) return id.problem("token id beyond the limit", "ids");
      framed.back().push_back(value);
      return {};
    });
  }));
  if (!text_seen) return unknown_component("post-processor", "TemplateProcessing without the text");
  parts = std::move(framed);
  return {};
}

/// BERT puts "cls" before the first part and "sep" behind each; RoBERTa also puts "sep" before all but the first.
[[nodiscard]] inline Status apply_bert(const json::Value& v, bool roberta, FrameParts& parts) {
  const auto read_id = [&](std::string_view key) -> Result<std::uint32_t> {  // ["[CLS]", 101]
    std::uint32_t found = no_token;
    INGOT_TRY(const json::Value pair, v.at(key));
    INGOT_CHECK(pair.each_element([&](const json::Value& item) -> Status {
      if (item.is_string()) return {};
      INGOT_TRY(found, item.as<std::uint32_t>(key));
      return {};
    }));
    if (found >= max_tokens) return v.problem("no token id, or one beyond the limit, in", key);
    return found;
  };
  INGOT_TRY(const std::uint32_t first, read_id("cls"));
  INGOT_TRY(const std::uint32_t last, read_id("sep"));
  for (auto& part : parts) {
    if (&part == parts.data() || roberta) part.insert(part.begin(), &part == parts.data() ? first : last);
    part.push_back(last);
  }
  return {};
}

[[nodiscard]] inline Result<PostProcessor> read_post_processor(const std::optional<json::Value>& value) {
  FrameParts parts{{no_token}};
  auto read = [&](std::string_view type, const json::Value& v) -> Status {
    if (type == "ByteLevel") return {};  // concerns offsets only
    if (type == "TemplateProcessing") return apply_template(v, parts);
    if (type == "BertProcessing" || type == "RobertaProcessing") return apply_bert(v, type == "RobertaProcessing", parts);
    return unknown_component("post-processor", type);
  };
  if (value) INGOT_CHECK(each_component(*value, "processors", read));
  PostProcessor around;
  bool text_seen = false;
  for (const auto& part : parts)
    for (const std::uint32_t id : part)
      if (id == no_token)
        text_seen = true;
      else
        (text_seen ? around.suffix : around.prefix).push_back(id);
  return around;
}

}  // namespace ingot::text::tokenizer_json
