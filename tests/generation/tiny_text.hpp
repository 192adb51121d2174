// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/generation/tiny_text.hpp: a tokenizer of single bytes with its template, and a model that recites.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/json_text.hpp>
#include <ingot/text/byte_level.hpp>

#include "model/tiny_model.hpp"

namespace ingot::test {

/// Ids: 0 to 255 the bytes, 256 "he", then the special tokens.
inline constexpr std::int32_t im_start = 257, im_end = 258, end_of_text = 259;
inline constexpr std::uint32_t tiny_vocabulary = 270;  // the model's; ten rows beyond the tokenizer's

inline constexpr std::string_view chat_ml =
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

inline std::string tiny_tokenizer_json() {
  const auto spelled = [](std::string_view raw) {
    std::string spelling;
    text::byte_level::append_encoded(spelling, raw);
    return json::quoted(spelling);
  };
  std::string vocabulary;
  for (int byte = 0; byte < 256; ++byte) vocabulary += spelled(std::string(1, static_cast<char>(byte))) + ":" + std::to_string(byte) + ",";
  std::string added;
  for (const auto& [id, content] :
       std::map<std::int32_t, const char*>{{im_start, "<|im_start|>"}, {im_end, "<|im_end|>"}, {end_of_text, "<|endoftext|>"}})
    added += (added.empty() ? "" : ",") + ("{\"id\":" + std::to_string(id)) + ",\"content\":" + json::quoted(content) +
             R"(,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true})";
  const std::string byte_level = R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true})";
  return R"({"version":"1.0","added_tokens":[)" + added + R"(],"normalizer":null,"pre_tokenizer":)" + byte_level +
         R"(,"post_processor":null,"decoder":)" + byte_level + R"(,"model":{"type":"BPE","vocab":{)" + vocabulary +
         R"("he":256},"merges":["h e"]}})";
}

inline void write_text(const std::filesystem::path& path, std::string_view bytes) { std::ofstream{path, std::ios::binary} << bytes; }

/// tokenizer.json and tokenizer_config.json.
inline void write_tiny_tokenizer(const std::filesystem::path& directory, std::string_view chat_template = chat_ml) {
  write_text(directory / "tokenizer.json", tiny_tokenizer_json());
  json::ObjectText config;
  config.add("eos_token", "<|endoftext|>");
  if (!chat_template.empty()) config.add("chat_template", chat_template);
  write_text(directory / "tokenizer_config.json", std::move(config).str());
}

/// A checkpoint whose next token depends on the last one alone: `next`, or im_end for tokens that are not in it.
inline std::filesystem::path write_reciter(const std::filesystem::path& directory, const std::map<std::int32_t, std::int32_t>& next,
                                           std::string_view chat_template = chat_ml) {
  TinyModel tiny;
  tiny.shape = {
      .hidden = tiny_vocabulary, .layers = 1, .heads = 2, .kv_heads = 1, .head_dim = 16, .intermediate = 16, .vocabulary = tiny_vocabulary};
  TinyTensors tensors = tiny.tensors();
  for (auto& [name, tensor] : tensors)
    for (float& x : tensor.values) x = tensor.shape.size() == 1 ? 1.0f : 0.0f;
  for (std::int32_t token = 0; token < static_cast<std::int32_t>(tiny_vocabulary); ++token) {
    const auto at = static_cast<std::size_t>(token);
    const auto follower = static_cast<std::size_t>(next.contains(token) ? next.at(token) : im_end);
    tensors["model.embed_tokens.weight"].values[at * tiny_vocabulary + at] = 1;
    tensors["lm_head.weight"].values[follower * tiny_vocabulary + at] = 1;
  }
  write_checkpoint(directory, tiny.config_json(), tensors);
  write_tiny_tokenizer(directory, chat_template);
  return directory;
}

/// The steps that recite `words` after `first`, one byte after the other; each byte may come once.
inline std::map<std::int32_t, std::int32_t> reciting(char first, std::string_view words) {
  std::map<std::int32_t, std::int32_t> next;
  auto last = static_cast<std::int32_t>(static_cast<unsigned char>(first));
  for (const char c : words) {
    const auto token = static_cast<std::int32_t>(static_cast<unsigned char>(c));
    next[last] = token;
    last = token;
  }
  return next;
}

}  // namespace ingot::test
