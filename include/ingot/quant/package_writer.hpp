// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/package_writer.hpp: a package written tensor by tensor, which appears whole or not at all.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/safetensors_writer.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/quant/matrix_view.hpp>
#include <ingot/quant/package_format.hpp>

namespace ingot::quant {

/// Whether `directory` holds a package and nothing that a package never holds (directories), so that it may be replaced.
[[nodiscard]] inline bool is_package(const std::filesystem::path& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error))
    if (!entry->is_regular_file(error)) return false;
  if (error) return false;
  const auto weights = checkpoint::open_safetensors(directory / weights_file);
  return weights && weights->metadata.contains(metadata_key::version);
}

/// Use: create(), then source() and declare_*() for all that will come, then write() each tensor, add_file()
/// at any time, commit(). Destroyed before commit() has succeeded, it leaves nothing behind. Memory: the header; every tensor goes
/// straight to the disk. Errors with code other are mistakes of the caller.
class PackageWriter {
 public:
  /// Errors: usage (something stands at `directory` that is neither a package nor an empty directory), disk.
  [[nodiscard]] static Result<PackageWriter> create(std::filesystem::path directory, std::string family) {
    std::error_code error;
    if (std::filesystem::is_symlink(directory, error)) directory = std::filesystem::weakly_canonical(directory, error);
    PackageWriter writer;
    INGOT_CHECK(check_destination(directory));
    INGOT_TRY(writer.directory_, AtomicDirectory::create(directory));
    writer.metadata_.emplace(metadata_key::version, std::to_string(package_version));
    writer.metadata_.emplace(metadata_key::layout, layout_tag);
    writer.metadata_.emplace(metadata_key::family, std::move(family));
    return writer;
  }

  /// Records the SHA-256 (hexadecimal) of a file that the weights come from.
  void source(std::string_view file, std::string sha256) {
    metadata_.insert_or_assign(std::string{metadata_key::source}.append(file), std::move(sha256));
  }

  /// Errors: unsupported (scheme), damaged (empty or too large), other (declared twice, too late).
  [[nodiscard]] Status declare_matrix(const std::string& name, const Scheme& scheme, std::size_t rows, std::size_t columns) {
    auto layout = checked_layout(scheme, rows, columns);
    if (!layout) return std::move(layout).error().in(name);
    if (!metadata_.emplace(std::string{metadata_key::matrix}.append(name), describe_matrix(*layout)).second)
      return misuse("a matrix is declared twice", name);
    INGOT_CHECK(declare({name, checkpoint::ElementType::u8, quants_shape(*layout)}));
    if (scheme.is_integer()) return declare({name + std::string{scales_suffix}, scales_type(*layout), scales_shape(*layout)});
    return {};
  }
  [[nodiscard]] Status declare_vector(const std::string& name, std::size_t size) {
    return declare({name, checkpoint::ElementType::f32, {size}});
  }

  /// A declared tensor, in any order. Errors: other (not as declared, written twice), disk.
  [[nodiscard]] Status write(std::string_view name, const MatrixView& matrix) {
    const auto described = metadata_.find(std::string{metadata_key::matrix}.append(name));
    if (described == metadata_.end() || described->second != describe_matrix(matrix.layout()))
      return misuse("a matrix was not declared so", name);
    INGOT_CHECK(write_tensor(name, matrix.quants));
    return matrix.scheme.is_integer() ? write_tensor(std::string{name}.append(scales_suffix), matrix.scales) : Status{};
  }
  [[nodiscard]] Status write(std::string_view name, std::span<const float> vector) { return write_tensor(name, std::as_bytes(vector)); }

  /// A file beside the weights, such as `llm_config.json`. Errors: other (a name with a path in it, or used twice), disk.
  [[nodiscard]] Status add_file(std::string_view name, std::string_view contents) {
    INGOT_TRY(const auto path, place_file(name));
    return write_file(path, contents);
  }
  /// Where such a file is to be written by the caller, before commit(). Errors: as add_file().
  [[nodiscard]] Result<std::filesystem::path> place_file(std::string_view name) {
    const bool plain = !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view{"/\0", 2}) == name.npos;
    if (!plain || name == weights_file || !files_.emplace(name).second) return misuse("not a name for another file of the package", name);
    return directory_.temporary_path() / name;
  }

  /// Everything appears under the final name; a package there before is replaced at the same instant. Errors: other (a declared
  /// tensor was not written), usage (as create()), disk. After an Error nothing is left behind.
  [[nodiscard]] Status commit() {
    PackageWriter ending{std::move(*this)};
    return ending.finish();
  }

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_.path(); }
  /// Where it is until commit().
  [[nodiscard]] const std::filesystem::path& temporary_directory() const noexcept { return directory_.temporary_path(); }

 private:
  PackageWriter() = default;

  [[nodiscard]] static Status check_destination(const std::filesystem::path& directory) {
    std::error_code error;
    if (!std::filesystem::exists(directory, error)) return {};
    if (std::filesystem::is_directory(directory, error) && (std::filesystem::is_empty(directory, error) || is_package(directory)))
      return {};
    return Error{ErrorCode::usage, "the destination is neither a package nor an empty directory", directory.string(),
                 "choose another name"};
  }
  [[nodiscard]] Error misuse(std::string what, std::string_view name) const {
    return {ErrorCode::other, std::move(what), directory_.path().string() + ": " + std::string{name}, {}};
  }
  [[nodiscard]] Status declare(checkpoint::TensorDeclaration tensor) {
    if (weights_) return misuse("tensors must be declared before the first is written", tensor.name);
    places_.emplace(tensor.name, tensors_.size());
    tensors_.push_back(std::move(tensor));
    return {};
  }

  /// Writes the header: from here on nothing can be declared.
  [[nodiscard]] Status begin() {
    std::vector<StoredTensor> stored;
    for (const checkpoint::TensorDeclaration& tensor : tensors_) stored.push_back({tensor.name, tensor.type, tensor.shape});
    metadata_.insert_or_assign(std::string{metadata_key::header}, header_digest(metadata_, stored));
    INGOT_TRY(weights_, checkpoint::SafetensorsWriter::create(directory_.temporary_path() / weights_file, tensors_, metadata_));
    return {};
  }
  [[nodiscard]] Status write_tensor(std::string_view name, std::span<const std::byte> bytes) {
    if (!weights_) INGOT_CHECK(begin());
    const auto place = places_.find(name);
    if (place == places_.end()) return misuse("a tensor was not declared, or is written twice", name);
    const checkpoint::TensorDeclaration& tensor = tensors_[place->second];
    if (bytes.size() != checkpoint::stored_bytes(tensor.type, tensor.shape)) return misuse("not the declared size", name);
    INGOT_CHECK(weights_->write(place->second, bytes));
    places_.erase(place);
    return {};
  }
  [[nodiscard]] Status finish() {
    if (!weights_) INGOT_CHECK(begin());
    if (!places_.empty()) return misuse("a declared tensor was not written", places_.begin()->first);
    INGOT_CHECK(weights_->finish());
    INGOT_CHECK(check_destination(directory_.path()));
    return directory_.commit(AtomicDirectory::Existing::replace);
  }

  AtomicDirectory directory_;
  PackageMetadata metadata_;
  std::vector<checkpoint::TensorDeclaration> tensors_;
  std::set<std::string, std::less<>> files_;
  std::optional<checkpoint::SafetensorsWriter> weights_;    // after directory_: its file goes first
  std::map<std::string, std::size_t, std::less<>> places_;  // of the tensors still to be written
};

}  // namespace ingot::quant
