// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/checkpoint/gguf_builder.hpp: GGUF files byte by byte, so that a test can make any of them wrong.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/checkpoint/gguf.hpp>

namespace ingot::test {

class GgufBuilder {
 public:
  template <class T>
  static std::string number(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  }
  static std::string string(std::string_view text) { return number<std::uint64_t>(text.size()).append(text); }

  /// `value`: its bytes as they stand in the file.
  GgufBuilder& add(std::string_view key, checkpoint::GgufType type, std::string_view value) {
    entries_.append(string(key)).append(number(static_cast<std::uint32_t>(type))).append(value);
    ++entry_count;
    return *this;
  }
  GgufBuilder& add(std::string_view key, std::string_view value) { return add(key, checkpoint::GgufType::string, string(value)); }
  GgufBuilder& add(std::string_view key, std::uint32_t value) { return add(key, checkpoint::GgufType::u32, number(value)); }
  GgufBuilder& add(std::string_view key, float value) { return add(key, checkpoint::GgufType::f32, number(value)); }
  GgufBuilder& add_array(std::string_view key, checkpoint::GgufType element, std::uint64_t count, std::string_view elements) {
    return add(key, checkpoint::GgufType::array, number(static_cast<std::uint32_t>(element)).append(number(count)).append(elements));
  }
  /// `dimensions` innermost first, as in the file.
  GgufBuilder& add_tensor(std::string_view name, std::vector<std::uint64_t> dimensions, std::uint32_t type, std::uint64_t offset) {
    tensors_.append(string(name)).append(number(static_cast<std::uint32_t>(dimensions.size())));
    for (const std::uint64_t extent : dimensions) tensors_.append(number(extent));
    tensors_.append(number(type)).append(number(offset));
    ++tensor_count;
    return *this;
  }

  [[nodiscard]] std::string file(std::size_t data_bytes, std::size_t alignment = 32) const {
    std::string bytes = magic + number(version) + number(tensor_count) + number(entry_count) + entries_ + tensors_;
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    return bytes.append(data_bytes, '\1');
  }

  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::uint64_t tensor_count = 0, entry_count = 0;

 private:
  std::string entries_, tensors_;
};

}  // namespace ingot::test
