// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/checkpoint/tensor_file.hpp: small float32 safetensors files, and adapters, as text and numbers.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/tensor_index.hpp>

namespace ingot::test {

struct FloatTensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
using FloatTensors = std::map<std::string, FloatTensor>;

inline FloatTensor random_tensor(std::vector<std::size_t> shape, std::uint32_t seed) {
  std::mt19937 engine{seed};
  std::normal_distribution<float> normal;
  FloatTensor tensor{std::move(shape), {}};
  std::size_t size = 1;
  for (const std::size_t extent : tensor.shape) size *= extent;
  for (std::size_t i = 0; i < size; ++i) tensor.values.push_back(normal(engine));
  return tensor;
}

inline void write_tensors(const std::filesystem::path& path, const FloatTensors& tensors) {
  std::string header = "{", data;
  for (const auto& [name, tensor] : tensors) {
    std::string shape;
    for (const std::size_t extent : tensor.shape) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    const std::size_t begin = data.size(), bytes = tensor.values.size() * sizeof(float);
    data.append(reinterpret_cast<const char*>(tensor.values.data()), bytes);
    header += (header.size() == 1 ? "\"" : ",\"") + name + "\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[" +
              std::to_string(begin) + "," + std::to_string(begin + bytes) + "]}";
  }
  header += '}';
  const std::uint64_t size = header.size();
  std::string length(sizeof size, '\0');
  std::memcpy(length.data(), &size, sizeof size);
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << length << header << data;
}

/// `more`: members of config.json with a leading comma.
inline std::filesystem::path write_model(const std::filesystem::path& directory, const FloatTensors& tensors,
                                         const std::string& more = {}) {
  write_tensors(directory / "model.safetensors", tensors);
  std::ofstream{directory / "config.json"} << "{\"model_type\":\"llama\"" << more << "}";
  return directory;
}
inline std::filesystem::path write_adapter(const std::filesystem::path& directory, const FloatTensors& tensors,
                                           const std::string& config = R"({"peft_type":"LORA","r":2,"lora_alpha":3})") {
  write_tensors(directory / "adapter_model.safetensors", tensors);
  std::ofstream{directory / "adapter_config.json"} << config;
  return directory;
}

inline std::vector<float> decoded(const checkpoint::TensorInfo& tensor) {
  std::vector<float> values(tensor.elements());
  REQUIRE(checkpoint::decode_rows(tensor, 0, tensor.rows(), values));
  return values;
}

/// W + scale B A, in double.
inline std::vector<float> merged(const FloatTensor& w, const FloatTensor& b, const FloatTensor& a, double scale) {
  const std::size_t rows = b.shape[0], rank = a.shape[0], columns = a.shape[1];
  std::vector<float> result(rows * columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (std::size_t k = 0; k < rank; ++k) sum += double{b.values[r * rank + k]} * double{a.values[k * columns + c]};
      result[r * columns + c] = static_cast<float>(double{w.values[r * columns + c]} + scale * sum);
    }
  return result;
}

inline bool close(const std::vector<float>& x, const std::vector<float>& y, float by = 1e-5f) {
  bool same = x.size() == y.size();
  for (std::size_t i = 0; same && i < x.size(); ++i) same = std::abs(x[i] - y[i]) <= by;
  return same;
}

}  // namespace ingot::test
