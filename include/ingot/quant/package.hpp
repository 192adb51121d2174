// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/package.hpp: reading a package: one mmap of the weights, nothing copied, nothing trusted.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/safetensors_writer.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/quant/activation_blocks.hpp>
#include <ingot/quant/matrix_view.hpp>
#include <ingot/quant/package_format.hpp>

namespace ingot::quant {

/// Largest text file of a package that is read whole.
inline constexpr std::size_t package_text_limit = std::size_t{64} << 20;

/// An opened package. Views that it hands out live as long as it (or the one it was moved to) does.
class Package {
 public:
  /// Reads and checks the header; the weights themselves are only mapped. `directory` may also name a file in it.
  /// Errors: not_found, disk, damaged (any contradiction), unsupported (written by a newer version, unknown scheme or layout).
  [[nodiscard]] static Result<Package> open(std::filesystem::path directory) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(directory, ignored)) directory = directory.has_parent_path() ? directory.parent_path() : ".";
    Package package;
    package.directory_ = std::move(directory);
    INGOT_TRY(package.weights_, checkpoint::open_safetensors(package.directory_ / weights_file));
    INGOT_CHECK(package.check_version());
    INGOT_CHECK(package.bind());
    INGOT_CHECK(package.read_blocks());
    return package;
  }

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  /// The model family, as its export named it.
  [[nodiscard]] std::string_view family() const noexcept { return find_metadata(metadata_key::family); }
  /// All of `__metadata__`; keys are in package_format.hpp.
  [[nodiscard]] const PackageMetadata& metadata() const noexcept { return weights_.metadata; }

  [[nodiscard]] const std::map<std::string, MatrixView, std::less<>>& matrices() const noexcept { return matrices_; }
  [[nodiscard]] const std::map<std::string, std::span<const float>, std::less<>>& vectors() const noexcept { return vectors_; }

  /// Errors: damaged (the package has no such matrix).
  [[nodiscard]] Result<MatrixView> matrix(std::string_view name) const {
    const auto found = matrices_.find(name);
    if (found == matrices_.end()) return problem(ErrorCode::damaged, "the package lacks a matrix", name, "export it again");
    return found->second;
  }
  /// A norm's weight or a bias. Errors: damaged (the package has no such vector).
  [[nodiscard]] Result<std::span<const float>> vector(std::string_view name) const {
    const auto found = vectors_.find(name);
    if (found == vectors_.end()) return problem(ErrorCode::damaged, "the package lacks a vector", name, "export it again");
    return found->second;
  }
  /// A text file of the package, such as `llm_config.json`. Errors: not_found, disk, damaged (over package_text_limit).
  [[nodiscard]] Result<std::string> text(std::string_view file) const {
    INGOT_TRY(const auto mapped, MappedFile::open(directory_ / file));
    if (mapped.bytes().size() > package_text_limit)
      return Error{
          ErrorCode::damaged, "larger than the limit of " + std::to_string(package_text_limit) + " bytes", mapped.path().string(), {}};
    return std::string{mapped.text()};
  }

 private:
  [[nodiscard]] Error problem(ErrorCode code, std::string what, std::string_view name = {}, std::string hint = {}) const {
    std::string where = (directory_ / weights_file).string();
    if (!name.empty()) where.append(": ").append(name);
    return {code, std::move(what), std::move(where), std::move(hint)};
  }
  [[nodiscard]] std::string_view find_metadata(std::string_view key) const noexcept {
    const auto found = weights_.metadata.find(key);
    return found == weights_.metadata.end() ? std::string_view{} : found->second;
  }

  [[nodiscard]] Status check_version() const {
    const std::string_view text = find_metadata(metadata_key::version);
    if (text.empty())
      return problem(ErrorCode::damaged, "this is no package: its metadata lacks", metadata_key::version, "export the model first");
    std::uint32_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || end != text.data() + text.size() || version == 0)
      return problem(ErrorCode::damaged, "not a version", metadata_key::version);
    if (version > package_version)
      return problem(ErrorCode::unsupported, "written by a newer ingot (format " + std::to_string(version) + ")", {}, "update ingot");
    std::vector<StoredTensor> tensors;
    for (const checkpoint::TensorInfo& tensor : weights_.tensors)
      if (!tensor.name.starts_with(checkpoint::padding_prefix)) tensors.push_back({tensor.name, tensor.type, tensor.shape});
    if (header_digest(weights_.metadata, tensors) != find_metadata(metadata_key::header))
      return problem(ErrorCode::damaged, "the header is not as it was written", {}, "copy or export the package again");
    if (const auto layout = find_metadata(metadata_key::layout); layout != layout_tag)
      return problem(ErrorCode::unsupported, "unknown layout \"" + std::string{layout.substr(0, 40)} + "\"", {}, "update ingot");
    return {};
  }

  /// The bytes of a tensor that must be exactly so.
  [[nodiscard]] Result<std::span<const std::byte>> bytes_of(std::string_view name, checkpoint::ElementType type,
                                                            std::span<const std::size_t> shape) const {
    const checkpoint::TensorInfo* tensor = weights_.tensors.find(name);
    if (tensor == nullptr) return problem(ErrorCode::damaged, "a tensor is missing", name);
    if (tensor->type != type || !std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end()))
      return problem(ErrorCode::damaged, "type or shape contradict the matrix's description", name);
    if (!is_aligned(*tensor)) return problem(ErrorCode::damaged, "not aligned to 64 bytes", name);
    return tensor->bytes;
  }
  [[nodiscard]] static bool is_aligned(const checkpoint::TensorInfo& tensor) noexcept {
    return reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % line_bytes == 0;  // mappings begin at pages
  }

  /// Every tensor becomes a matrix's plane, a vector, or an Error.
  [[nodiscard]] Status bind() {
    std::size_t planes = 0, padding = 0;
    for (const auto& [key, value] : weights_.metadata) {
      if (!std::string_view{key}.starts_with(metadata_key::matrix)) continue;
      const std::string name = key.substr(metadata_key::matrix.size());
      auto layout = parse_matrix(value);
      if (!layout) return std::move(layout).error().in(problem(ErrorCode::damaged, {}, name).where);
      MatrixView view{.scheme = layout->scheme, .rows = layout->rows, .columns = layout->columns, .quants = {}, .scales = {}};
      INGOT_TRY(view.quants, bytes_of(name, checkpoint::ElementType::u8, quants_shape(*layout)));
      ++planes;
      if (view.scheme.is_integer()) {
        INGOT_TRY(view.scales, bytes_of(name + std::string{scales_suffix}, scales_type(*layout), scales_shape(*layout)));
        ++planes;
      }
      matrices_.emplace(name, view);
    }
    for (const checkpoint::TensorInfo& tensor : weights_.tensors) {
      if (tensor.name.starts_with(checkpoint::padding_prefix)) {
        ++padding;
      } else if (tensor.type == checkpoint::ElementType::f32 && tensor.shape.size() == 1 && is_aligned(tensor)) {
        vectors_.emplace(tensor.name, std::span{reinterpret_cast<const float*>(tensor.bytes.data()), tensor.shape[0]});
      }
    }
    if (planes + padding + vectors_.size() != weights_.tensors.size())
      return problem(ErrorCode::damaged, "it holds tensors that are neither vectors nor described matrices");
    return {};
  }

  /// Errors: damaged (also: a matrix that is not there).
  [[nodiscard]] Status read_blocks() {
    const auto file = text(activations_file);
    if (!file) return file.error().code == ErrorCode::not_found ? Status{} : Status{file.error()};
    INGOT_TRY(const auto blocks, read_activation_blocks(*file, (directory_ / activations_file).string()));
    for (const auto& [name, block] : blocks) {
      const auto matrix = matrices_.find(name);
      if (matrix == matrices_.end())
        return Error{ErrorCode::damaged, "the package has no such matrix", (directory_ / activations_file).string() + ": " + name, {}};
      matrix->second.input_block = block;
    }
    return {};
  }

  std::filesystem::path directory_;
  checkpoint::Safetensors weights_;
  std::map<std::string, MatrixView, std::less<>> matrices_;
  std::map<std::string, std::span<const float>, std::less<>> vectors_;
};

}  // namespace ingot::quant
