// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/gguf.hpp: reading GGUF v2 and v3 files, without copying them.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/gguf_metadata.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/utf8.hpp>

namespace ingot::checkpoint {
static_assert(std::endian::native == std::endian::little, "GGUF is little endian and mapped as it is");

inline constexpr std::string_view gguf_magic = "GGUF";
inline constexpr std::uint32_t gguf_dimension_limit = 8;  ///< ggml itself stops at 4
inline constexpr std::uint32_t gguf_nesting_limit = 4;    ///< arrays in arrays; ggml itself reads none
inline constexpr std::uint64_t gguf_default_alignment = 32;

/// A GGUF file. Tensor names are the file's; shapes are outermost first, the reverse of the file's order.
struct Gguf {
  TensorIndex tensors;
  GgufMetadata metadata;
};

namespace detail {

/// Reads forward through a file and never past its end. Counts from the file cost nothing until their elements were read.
class GgufReader {
 public:
  GgufReader(std::span<const std::byte> file, const std::string& path) noexcept : file_{file}, path_{&path} {}

  [[nodiscard]] Error damaged(std::string what) const {
    return {ErrorCode::damaged, std::move(what), *path_ + ": byte " + std::to_string(offset_), "download the file again"};
  }
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

  [[nodiscard]] Result<std::span<const std::byte>> take(std::uint64_t size) {
    if (size > file_.size() - offset_) return damaged("the file ends too early");
    const auto taken = file_.subspan(offset_, static_cast<std::size_t>(size));
    offset_ += taken.size();
    return taken;
  }
  template <class T>
  [[nodiscard]] Result<T> number() {
    INGOT_TRY(const auto bytes, take(sizeof(T)));
    return load<T>(bytes.data());
  }
  [[nodiscard]] Result<std::string_view> string() {
    INGOT_TRY(const auto length, number<std::uint64_t>());
    INGOT_TRY(const auto bytes, take(length));
    return std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// A string that names something, and so ends up in messages and in JSON.
  [[nodiscard]] Result<std::string_view> name() {
    INGOT_TRY(const auto text, string());
    if (text.empty() || !is_utf8(text)) return damaged("a name is empty or no UTF-8");
    return text;
  }

  [[nodiscard]] Result<GgufValue> value(GgufType type, std::uint32_t nesting = 0) {
    GgufValue value{.type = type, .element = type, .bytes = {}};
    const std::size_t begin = offset_;
    if (const std::size_t size = fixed_size(type); size != 0) {
      INGOT_TRY(value.bytes, take(size));
    } else if (type == GgufType::string) {
      INGOT_CHECK(string());
      value.bytes = file_.subspan(begin, offset_ - begin);
    } else if (type == GgufType::array) {
      if (nesting == gguf_nesting_limit) return damaged("arrays are nested too deeply");
      INGOT_TRY(const auto element, number<std::uint32_t>());
      INGOT_TRY(const auto count, number<std::uint64_t>());
      value.element = static_cast<GgufType>(element);
      const std::size_t elements_begin = offset_, element_size = fixed_size(value.element);
      if (element_size != 0) {
        if (count > (file_.size() - offset_) / element_size) return damaged("an array reaches past the end");
        offset_ += static_cast<std::size_t>(count) * element_size;
      } else {
        if (count > (file_.size() - offset_) / sizeof(std::uint64_t)) return damaged("an array reaches past the end");
        for (std::uint64_t i = 0; i < count; ++i) INGOT_CHECK(this->value(value.element, nesting + 1));
        if (count == 0 && value.element != GgufType::string && value.element != GgufType::array) return damaged("unknown value type");
      }
      value.count = static_cast<std::size_t>(count);
      value.bytes = file_.subspan(elements_begin, offset_ - elements_begin);
    } else {
      return damaged("unknown value type " + std::to_string(static_cast<std::uint32_t>(type)));
    }
    return value;
  }

 private:
  std::span<const std::byte> file_;
  const std::string* path_;
  std::size_t offset_ = 0;
};

/// A tensor and its place: `offset` counts from the start of the data section.
struct GgufTensor {
  TensorInfo info;
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

inline Result<GgufTensor> read_gguf_tensor(GgufReader& reader, const std::string& file) {
  GgufTensor tensor;
  INGOT_TRY(tensor.info.name, reader.name());
  tensor.info.file = file;
  INGOT_TRY(const auto dimensions, reader.number<std::uint32_t>());
  if (dimensions > gguf_dimension_limit)
    return tensor.info.problem(ErrorCode::damaged, std::to_string(dimensions) + " dimensions are over the limit");
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    INGOT_TRY(const auto extent, reader.number<std::uint64_t>());
    if (!std::in_range<std::size_t>(extent)) return tensor.info.problem(ErrorCode::damaged, "the shape overflows");
    tensor.info.shape.push_back(static_cast<std::size_t>(extent));
  }
  std::reverse(tensor.info.shape.begin(), tensor.info.shape.end());
  INGOT_TRY(const auto number, reader.number<std::uint32_t>());
  INGOT_TRY(tensor.offset, reader.number<std::uint64_t>());
  const auto type = element_type_of_ggml(number);
  if (!type) return tensor.info.problem(ErrorCode::unsupported, "unknown ggml type " + std::to_string(number));
  tensor.info.type = *type;
  const auto size = stored_bytes(*type, tensor.info.shape);
  if (!size)
    return tensor.info.problem(ErrorCode::damaged, "the shape overflows, or its rows are no whole blocks of " + std::string{name(*type)});
  tensor.size = *size;
  return tensor;
}

struct GgufContents {
  std::vector<TensorInfo> tensors;
  GgufMetadata metadata;
};

inline Result<GgufContents> parse_gguf(std::span<const std::byte> file, const std::string& path) {
  GgufReader reader{file, path};
  INGOT_TRY(const auto magic, reader.take(gguf_magic.size()));
  if (std::string_view{reinterpret_cast<const char*>(magic.data()), magic.size()} != gguf_magic)
    return Error{ErrorCode::damaged, "this is no GGUF file", path, {}};
  INGOT_TRY(const auto version, reader.number<std::uint32_t>());
  if (version != 2 && version != 3)
    return Error{ErrorCode::unsupported, (version & 0xffffu) == 0 ? "big-endian GGUF" : "GGUF version " + std::to_string(version), path,
                 "convert it to GGUF version 3"};
  INGOT_TRY(const auto tensor_count, reader.number<std::uint64_t>());
  INGOT_TRY(const auto entry_count, reader.number<std::uint64_t>());

  std::vector<GgufMetadata::Entry> entries;
  for (std::uint64_t i = 0; i < entry_count; ++i) {
    INGOT_TRY(const auto key, reader.name());
    INGOT_TRY(const auto type, reader.number<std::uint32_t>());
    INGOT_TRY(const auto value, reader.value(static_cast<GgufType>(type)));
    entries.emplace_back(key, value);
  }
  GgufContents contents;
  INGOT_TRY(contents.metadata, GgufMetadata::create(std::move(entries), path));
  INGOT_TRY(const auto alignment, contents.metadata.get<std::uint64_t>("general.alignment", gguf_default_alignment));
  if (!std::has_single_bit(alignment)) return contents.metadata.problem("not a power of two", "general.alignment");

  std::vector<GgufTensor> tensors;
  for (std::uint64_t i = 0; i < tensor_count; ++i) {
    INGOT_TRY(auto tensor, read_gguf_tensor(reader, path));
    tensors.push_back(std::move(tensor));
  }
  const std::uint64_t padding = (alignment - reader.offset() % alignment) % alignment;
  const auto data =
      file.subspan(padding > file.size() - reader.offset() ? file.size() : reader.offset() + static_cast<std::size_t>(padding));
  std::stable_sort(tensors.begin(), tensors.end(), [](const GgufTensor& a, const GgufTensor& b) { return a.offset < b.offset; });
  std::uint64_t end = 0;
  for (GgufTensor& tensor : tensors) {
    if (tensor.offset % alignment != 0) return tensor.info.problem(ErrorCode::damaged, "not aligned as general.alignment says");
    if (tensor.offset > data.size() || tensor.size > data.size() - tensor.offset)
      return tensor.info.problem(ErrorCode::damaged, "reaches past the end of the file", "the file is truncated: download it again");
    if (tensor.size != 0 && tensor.offset < end) return tensor.info.problem(ErrorCode::damaged, "overlaps the tensor before it");
    end = std::max(end, tensor.offset + tensor.size);
    tensor.info.bytes = data.subspan(static_cast<std::size_t>(tensor.offset), tensor.size);
    contents.tensors.push_back(std::move(tensor.info));
  }
  return contents;
}

}  // namespace detail

/// Errors: not_found, disk, damaged, unsupported (version, byte order, unknown tensor type).
[[nodiscard]] inline Result<Gguf> open_gguf(const std::filesystem::path& path) {
  INGOT_TRY(auto file, MappedFile::open(path));
  INGOT_TRY(auto contents, detail::parse_gguf(file.bytes(), path.string()));
  std::vector<MappedFile> files;
  files.push_back(std::move(file));
  INGOT_TRY(auto tensors, TensorIndex::create(std::move(files), std::move(contents.tensors)));
  return Gguf{std::move(tensors), std::move(contents.metadata)};
}

}  // namespace ingot::checkpoint
