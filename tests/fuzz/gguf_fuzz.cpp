// SPDX-License-Identifier: Apache-2.0
// Any bytes as a GGUF file: parsed, every value visited, translated to Hugging Face names and configuration, decoded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/gguf.hpp>
#include <ingot/checkpoint/gguf_config.hpp>
#include <ingot/core/json.hpp>

namespace {
using namespace ingot::checkpoint;

/// Touches every byte that the value promises; returns how many there are.
std::size_t walk(const GgufValue& value) {
  std::size_t bytes = 0;
  if (const auto strings = value.strings()) {
    std::size_t count = 0;
    for (const std::string_view text : *strings) {
      for (const char c : text) bytes += static_cast<std::size_t>(c == 'x') + 1;
      ++count;
    }
    if (count != strings->size()) std::abort();
  }
  if (const auto text = value.as<std::string_view>()) bytes += text->size();
  bytes += static_cast<std::size_t>(value.as<double>().has_value()) + static_cast<std::size_t>(value.as<std::int16_t>().has_value());
  if (const auto numbers = value.numbers<float>()) bytes += numbers->size();
  value.each_element([&](const GgufValue& element) { bytes += walk(element); });
  return bytes;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parsed = detail::parse_gguf(std::as_bytes(std::span{data, size}), "input");
  if (!parsed) return 0;
  for (const auto& [key, value] : parsed->metadata.entries()) walk(value);
  auto index = TensorIndex::create({}, std::move(parsed->tensors));
  if (!index) return 0;
  Gguf gguf{*std::move(index), std::move(parsed->metadata)};
  if (const auto config = gguf_config_json(gguf); config && !ingot::json::Document::parse(*config, "config")) std::abort();
  const auto renamed = with_hugging_face_names(std::move(gguf.tensors), gguf.metadata);
  if (!renamed) return 0;
  std::vector<float> out;
  for (const TensorInfo& tensor : *renamed) {
    if (tensor.rows() * tensor.row_bytes() != tensor.bytes.size()) std::abort();
    out.resize(tensor.elements());
    if (static_cast<bool>(decode_rows(tensor, 0, tensor.rows(), out)) != is_decodable(tensor.type)) std::abort();
  }
  return 0;
}
