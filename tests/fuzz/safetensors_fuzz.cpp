// SPDX-License-Identifier: Apache-2.0
// Any bytes as a safetensors file: parsed, indexed, decoded, read as quantized; what is accepted must keep the promises of TensorInfo.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/quantized_tensors.hpp>
#include <ingot/checkpoint/safetensors.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::checkpoint;
  auto parsed = detail::parse_safetensors(std::as_bytes(std::span{data, size}), "input");
  if (!parsed) return 0;
  const auto index = TensorIndex::create({}, std::move(parsed->tensors));
  if (!index) return 0;
  std::vector<float> out;
  for (const TensorInfo& tensor : *index) {
    if (tensor.rows() * tensor.row_bytes() != tensor.bytes.size() || index->find(tensor.name) != &tensor) std::abort();
    out.resize(tensor.elements());
    if (static_cast<bool>(decode_rows(tensor, 0, tensor.rows(), out)) != is_decodable(tensor.type)) std::abort();
  }
  using Method = QuantizationConfig::Method;
  for (const Method method : {Method::scaled, Method::mxfp4, Method::gptq, Method::awq, Method::compressed}) {
    auto parts = TensorIndex::create({}, {index->begin(), index->end()});
    const auto whole = put_together(*std::move(parts), {.method = method, .group = 32, .zeros_less_one = true, .block = ScaleBlock{2, 2}});
    if (!whole) continue;
    for (const TensorInfo& tensor : *whole) {
      if (!tensor.values) continue;
      out.resize(tensor.elements());
      if (!decode_rows(tensor, 0, tensor.rows(), out)) std::abort();
      static_cast<void>(tensor.values->symmetric_codes());
    }
  }
  return 0;
}
