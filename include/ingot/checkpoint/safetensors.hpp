// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/safetensors.hpp: reading safetensors files, one or sharded, without copying them.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/json.hpp>

namespace ingot::checkpoint {
static_assert(std::endian::native == std::endian::little, "the file formats are little endian and mapped as they are");

/// Largest header, as in the reference library (MAX_HEADER_SIZE); depth of its JSON; most dimensions of a tensor.
inline constexpr std::size_t safetensors_header_limit = 100'000'000, safetensors_depth_limit = 8, rank_limit = 16;

/// A safetensors checkpoint, tensors ordered by their place in the data.
struct Safetensors {
  TensorIndex tensors;
  std::map<std::string, std::string, std::less<>> metadata;  ///< `__metadata__` of the (first) file
};

namespace detail {

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;
  std::map<std::string, std::string, std::less<>> metadata;
};

inline Result<TensorInfo> parse_safetensors_entry(std::string_view name, const json::Value& entry, std::span<const std::byte> data,
                                                  const std::string& file) {
  TensorInfo tensor{.name = std::string{name}, .file = file};
  INGOT_TRY(const auto dtype, entry.get<std::string_view>("dtype"));
  const auto type = element_type_of_safetensors(dtype);
  if (!type) return tensor.problem(ErrorCode::unsupported, "tensors of type " + std::string{dtype} + " cannot be read");
  tensor.type = *type;

  INGOT_TRY(const auto shape, entry.at("shape"));
  INGOT_CHECK(shape.each_element([&](const json::Value& dimension) -> Status {
    if (tensor.shape.size() == rank_limit) return tensor.problem(ErrorCode::damaged, "too many dimensions");
    INGOT_TRY(const auto extent, dimension.as<std::size_t>("shape"));
    tensor.shape.push_back(extent);
    return {};
  }));
  INGOT_TRY(const auto offsets, entry.at("data_offsets"));
  std::vector<std::size_t> range;
  INGOT_CHECK(offsets.each_element([&](const json::Value& offset) -> Status {
    if (range.size() == 2) return tensor.problem(ErrorCode::damaged, "data_offsets must be two numbers");
    INGOT_TRY(const auto value, offset.as<std::size_t>("data_offsets"));
    range.push_back(value);
    return {};
  }));
  if (range.size() != 2) return tensor.problem(ErrorCode::damaged, "data_offsets must be two numbers");
  if (range[0] > range[1] || range[1] > data.size())
    return tensor.problem(ErrorCode::damaged,
                          "data_offsets [" + std::to_string(range[0]) + ", " + std::to_string(range[1]) + "] reach beyond the " +
                              std::to_string(data.size()) + " bytes of data",
                          "the file is truncated: download it again");
  tensor.bytes = data.subspan(range[0], range[1] - range[0]);
  const auto bytes = stored_bytes(tensor.type, tensor.shape);
  if (!bytes) return tensor.problem(ErrorCode::damaged, "the shape overflows");
  if (*bytes != tensor.bytes.size())
    return tensor.problem(ErrorCode::damaged, "shape and type need " + std::to_string(*bytes) + " bytes, data_offsets give " +
                                                  std::to_string(tensor.bytes.size()));
  return tensor;
}

/// The whole of one file. As in the reference library, tensors must tile the data without hole or overlap.
inline Result<SafetensorsHeader> parse_safetensors(std::span<const std::byte> bytes, const std::string& file) {
  const auto damaged = [&](std::string what, std::string hint = {}) {
    return Error{ErrorCode::damaged, std::move(what), file, std::move(hint)};
  };
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) return damaged("shorter than a safetensors header", "the file is truncated: download it again");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > safetensors_header_limit)
    return damaged("a header of " + std::to_string(length) + " bytes is over the limit", "this is no safetensors file");
  if (length > bytes.size() - sizeof length) return damaged("the header reaches past the end", "the file is truncated: download it again");
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()) + sizeof length, static_cast<std::size_t>(length)};
  if (!text.starts_with('{')) return damaged("the header does not begin with {", "this is no safetensors file");

  SafetensorsHeader header;
  const auto data = bytes.subspan(sizeof length + text.size());
  INGOT_TRY(const auto document, json::Document::parse(text, file, {safetensors_header_limit, safetensors_depth_limit}));
  INGOT_CHECK(document.root().each_member([&](std::string_view name, const json::Value& entry) -> Status {
    if (name == "__metadata__")
      return entry.each_member([&](std::string_view key, const json::Value& value) -> Status {
        INGOT_TRY(header.metadata[std::string{key}], value.as<std::string>(key));
        return {};
      });
    INGOT_TRY(auto tensor, parse_safetensors_entry(name, entry, data, file));
    header.tensors.push_back(std::move(tensor));
    return {};
  }));
  std::stable_sort(header.tensors.begin(), header.tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return std::pair{a.bytes.data(), a.bytes.size()} < std::pair{b.bytes.data(), b.bytes.size()};
  });
  const std::byte* next = data.data();
  for (const TensorInfo& tensor : header.tensors) {
    if (tensor.bytes.data() != next)
      return tensor.problem(ErrorCode::damaged, tensor.bytes.data() < next ? "overlaps the tensor before it" : "a hole lies before it");
    next += tensor.bytes.size();
  }
  if (next != data.data() + data.size()) return damaged("data that no tensor covers at the end");
  return header;
}

/// A shard is named by a file of its own directory and nothing else.
inline bool is_plain_file_name(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view{"/\\\0", 3}) == std::string_view::npos;
}

}  // namespace detail

/// One file. Errors: not_found, disk, damaged, unsupported (an element type).
[[nodiscard]] inline Result<Safetensors> open_safetensors(const std::filesystem::path& path) {
  INGOT_TRY(auto file, MappedFile::open(path));
  INGOT_TRY(auto header, detail::parse_safetensors(file.bytes(), path.string()));
  std::vector<MappedFile> files;
  files.push_back(std::move(file));
  INGOT_TRY(auto tensors, TensorIndex::create(std::move(files), std::move(header.tensors)));
  return Safetensors{std::move(tensors), std::move(header.metadata)};
}

/// The shards that `model.safetensors.index.json` names, which are its neighbours. The index is the authority: a tensor is
/// taken from the shard it names, others in the shards are left out. Errors: as open_safetensors(); damaged for a shard name
/// with a path in it and for tensors that their shard lacks; not_found for missing shards.
[[nodiscard]] inline Result<Safetensors> open_sharded_safetensors(const std::filesystem::path& index_path) {
  INGOT_TRY(const auto index_file, MappedFile::open(index_path));
  INGOT_TRY(const auto document, json::Document::parse(index_file.text(), index_path.string(), {safetensors_header_limit, 16}));
  INGOT_TRY(const auto weight_map, document.root().at("weight_map"));
  std::map<std::string, std::vector<std::string>> shards;  // file -> its tensors
  INGOT_CHECK(weight_map.each_member([&](std::string_view tensor, const json::Value& value) -> Status {
    INGOT_TRY(auto shard, value.as<std::string>(tensor));
    if (!detail::is_plain_file_name(shard))
      return value.problem("the shard \"" + shard + "\" is not a plain file name, named for the tensor", tensor);
    shards[std::move(shard)].emplace_back(tensor);
    return {};
  }));
  if (shards.empty()) return document.root().problem("no tensors in", "weight_map");

  Safetensors checkpoint;
  std::vector<MappedFile> files;
  std::vector<TensorInfo> tensors;
  for (auto& [shard, wanted] : shards) {
    const std::filesystem::path path = index_path.parent_path() / shard;
    INGOT_TRY(auto file, MappedFile::open(path));
    INGOT_TRY(auto header, detail::parse_safetensors(file.bytes(), path.string()));
    std::sort(wanted.begin(), wanted.end());
    if (const auto twin = std::adjacent_find(wanted.begin(), wanted.end()); twin != wanted.end())
      return document.root().problem("weight_map repeats the tensor", *twin);
    std::erase_if(header.tensors,
                  [&names = wanted](const TensorInfo& t) { return !std::binary_search(names.begin(), names.end(), t.name); });
    std::vector<std::string_view> present;
    for (const TensorInfo& tensor : header.tensors) present.push_back(tensor.name);
    std::sort(present.begin(), present.end());
    for (const std::string& name : wanted)
      if (!std::binary_search(present.begin(), present.end(), name))
        return Error{ErrorCode::damaged, "the index names a tensor that the shard lacks", path.string() + ": " + name,
                     "download the shards of one revision"};
    std::move(header.tensors.begin(), header.tensors.end(), std::back_inserter(tensors));
    if (files.empty()) checkpoint.metadata = std::move(header.metadata);
    files.push_back(std::move(file));
  }
  INGOT_TRY(checkpoint.tensors, TensorIndex::create(std::move(files), std::move(tensors)));
  return checkpoint;
}

}  // namespace ingot::checkpoint
