// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/safetensors_writer.hpp: a safetensors file streamed tensor by tensor, every tensor aligned.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/core/json_text.hpp>

namespace ingot::checkpoint {

/// Every tensor of a written file begins at a multiple of this: a cache line, a 512-bit load.
inline constexpr std::size_t safetensors_alignment = 64;

/// The format allows no holes, so the bytes between tensors are U8 tensors of their own, named with this prefix. Readers that
/// look tensors up by name never see them.
inline constexpr std::string_view padding_prefix = "__pad__";

/// A tensor to be written.
struct TensorDeclaration {
  std::string name;
  ElementType type = ElementType::u8;
  std::vector<std::size_t> shape = {};
};

/// Declare all tensors first, then give the bytes of each, in any order; the file appears at finish(). Memory: the header.
class SafetensorsWriter {
 public:
  using Metadata = std::map<std::string, std::string, std::less<>>;

  /// Errors: other (a type that safetensors lacks, a name twice or reserved, overflow), not_found, disk.
  [[nodiscard]] static Result<SafetensorsWriter> create(const std::filesystem::path& path, std::span<const TensorDeclaration> tensors,
                                                        const Metadata& metadata) {
    SafetensorsWriter writer;
    std::string header = "{";
    if (!metadata.empty()) {
      json::ObjectText object;
      for (const auto& [key, value] : metadata) object.add(key, value);
      header.append("\"__metadata__\":").append(std::move(object).str());
    }
    std::set<std::string_view> names;
    std::vector<std::pair<std::size_t, std::size_t>> gaps;  // offset, size
    std::size_t offset = 0;
    for (const TensorDeclaration& tensor : tensors) {
      const auto refuse = [&](std::string what) {
        return Error{ErrorCode::other, std::move(what), path.string() + ": " + tensor.name, {}};
      };
      const bool reserved = tensor.name == "__metadata__" || tensor.name.starts_with(padding_prefix);
      if (reserved || !names.insert(tensor.name).second) return refuse("a tensor name is reserved or used twice");
      if (info(tensor.type).safetensors.empty()) return refuse("safetensors cannot hold " + std::string{name(tensor.type)});
      const auto size = stored_bytes(tensor.type, tensor.shape);
      if (!size || *size > static_cast<std::size_t>(PTRDIFF_MAX) - offset - safetensors_alignment) return refuse("the shape overflows");
      if (const std::size_t padding = round_up(offset, safetensors_alignment) - offset; padding != 0) {
        declare(header, {std::string{padding_prefix} + std::to_string(offset), ElementType::u8, {padding}}, offset, offset + padding);
        gaps.emplace_back(offset, padding);
        offset += padding;
      }
      declare(header, tensor, offset, offset + *size);
      writer.tensors_.push_back({.name = tensor.name, .offset = offset, .size = *size});
      offset += *size;
    }
    header += '}';
    const std::uint64_t length = round_up(sizeof(std::uint64_t) + header.size(), safetensors_alignment) - sizeof(std::uint64_t);
    header.resize(static_cast<std::size_t>(length), ' ');
    std::array<char, sizeof length> prefix;
    std::memcpy(prefix.data(), &length, sizeof length);

    INGOT_TRY(writer.file_, AtomicFile::create(path));
    INGOT_CHECK(writer.file_.write(std::string_view{prefix.data(), prefix.size()}));
    INGOT_CHECK(writer.file_.write(header));
    writer.data_ = sizeof length + header.size();
    INGOT_CHECK(writer.file_.reserve(writer.data_ + offset));
    constexpr std::array<std::byte, safetensors_alignment> zeros{};
    for (const auto& [begin, size] : gaps) INGOT_CHECK(writer.file_.write_at(writer.data_ + begin, std::span{zeros}.first(size)));
    return writer;
  }

  /// The next bytes of declared tensor number `tensor`; it may come in pieces. Errors: other (too many bytes), disk.
  [[nodiscard]] Status write(std::size_t tensor, std::span<const std::byte> bytes) {
    if (tensor >= tensors_.size()) return misuse("there is no such tensor", tensor);
    Place& place = tensors_[tensor];
    if (bytes.size() > place.size - place.written) return misuse("more bytes than were declared", tensor);
    INGOT_CHECK(file_.write_at(data_ + place.offset + place.written, bytes));
    place.written += bytes.size();
    return {};
  }

  /// Errors: other (bytes are missing), disk. On failure no file appears.
  [[nodiscard]] Status finish() {
    for (std::size_t i = 0; i < tensors_.size(); ++i)
      if (tensors_[i].written != tensors_[i].size) return misuse("fewer bytes than were declared", i);
    return file_.commit();
  }

 private:
  struct Place {
    std::string name;
    std::size_t offset = 0, size = 0, written = 0;  // offset: in the data, behind the header
  };

  static void declare(std::string& header, const TensorDeclaration& tensor, std::size_t begin, std::size_t end) {
    std::string shape;
    for (const std::size_t extent : tensor.shape) shape.append(shape.empty() ? "" : ",").append(std::to_string(extent));
    json::ObjectText entry;
    entry.add("dtype", info(tensor.type).safetensors).add_raw("shape", "[" + shape + "]");
    entry.add_raw("data_offsets", "[" + std::to_string(begin) + "," + std::to_string(end) + "]");
    header.append(header.size() > 1 ? "," : "").append(json::quoted(tensor.name)).append(":").append(std::move(entry).str());
  }

  Error misuse(std::string what, std::size_t tensor) const {
    return {
        ErrorCode::other, std::move(what), file_.path().string() + ": " + (tensor < tensors_.size() ? tensors_[tensor].name : "end"), {}};
  }

  AtomicFile file_;
  std::vector<Place> tensors_;
  std::size_t data_ = 0;  // where the data begins in the file
};

}  // namespace ingot::checkpoint
