// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/tensor_index.hpp: the named tensors of a checkpoint, as views into its mapped files.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/element_type.hpp>
#include <ingot/checkpoint/factors.hpp>
#include <ingot/checkpoint/row_order.hpp>
#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// One tensor as a view of what is stored. Invariant (its reader checked it): `bytes` has exactly the size of the stored shape in
/// `type`, stored rows are whole blocks, and whatever `shape` and the fields below it reach is stored. As its reader leaves it, a
/// tensor is all that is stored, in order; an Arrangement makes views of other forms.
struct TensorInfo {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::size_t> shape = {};    ///< outermost first: a linear weight is [out, in]; empty for a scalar
  std::span<const std::byte> bytes = {};  ///< row-major; not aligned to the element
  std::string file = {};                  ///< for messages
  RowSelection selection = {};            ///< logical row (element of a vector) -> row of the stored tensor
  RowPermutation permutation = {};        ///< and that one -> row in `bytes`
  /// Not 0: the matrix is stored transposed. Its rows begin at the stored elements `selection` names, their columns lie this far apart,
  /// which is the width of the stored rows.
  std::size_t column_step = 0;
  bool plus_one = false;                            ///< 1 is added to every value: norms that store their weight less 1
  bool unit_rows = false;                           ///< rows are divided by their Euclidean norm, 1e-12 at least
  bool clamped = false;                             ///< NaN becomes 0, an infinity the largest finite magnitude of its row
  std::shared_ptr<const Factors> factors = {};      ///< set: values are multiplied by them, after all else
  std::shared_ptr<const StoredValues> values = {};  ///< set: they say what is stored, `type` only what it is closest to

  [[nodiscard]] std::size_t columns() const noexcept { return shape.empty() ? 1 : shape.back(); }
  /// Product of all dimensions but the last; 1 for vectors and scalars.
  [[nodiscard]] std::size_t rows() const noexcept {
    if (shape.size() < 2) return 1;
    return std::accumulate(shape.begin(), shape.end() - 1, std::size_t{1}, std::multiplies<>{});
  }
  [[nodiscard]] std::size_t elements() const noexcept { return rows() * columns(); }
  [[nodiscard]] std::size_t row_bytes() const noexcept { return *stored_bytes(type, columns()); }
  /// Where logical row `row` of a matrix (element of a vector) is stored: its row, or its first element where it is transposed.
  [[nodiscard]] std::size_t stored(std::size_t row) const noexcept { return permutation(selection(row)); }
  /// Stored bytes of logical row `row` of a matrix that is not transposed nor held by `values`. A vector is one row, as it is stored.
  [[nodiscard]] std::span<const std::byte> row(std::size_t row) const noexcept {
    return bytes.subspan((shape.size() < 2 ? row : stored(row)) * row_bytes(), row_bytes());
  }

  [[nodiscard]] Error problem(ErrorCode code, std::string what, std::string hint = {}) const {
    return {code, std::move(what), file + ": " + name, std::move(hint)};
  }
};

/// Bytes of a tensor of `shape`; nothing when the product overflows (empty tensors included) or rows are not whole blocks.
[[nodiscard]] inline std::optional<std::size_t> stored_bytes(ElementType type, std::span<const std::size_t> shape) noexcept {
  std::optional<std::size_t> rows = 1;
  for (std::size_t i = 0; rows && i + 1 < shape.size(); ++i) rows = checked_mul(*rows, shape[i]);
  const std::size_t columns = shape.empty() ? 1 : shape.back();
  const auto row_bytes = stored_bytes(type, columns);
  if (!rows || !row_bytes || !checked_mul(*rows, columns)) return std::nullopt;
  return checked_mul(*rows, *row_bytes);
}

/// Tensors by name and in file order. Owns the mapped files; views stay valid when it is moved.
class TensorIndex {
 public:
  TensorIndex() = default;

  /// Errors: damaged (two tensors of one name).
  [[nodiscard]] static Result<TensorIndex> create(std::vector<MappedFile> files, std::vector<TensorInfo> tensors) {
    TensorIndex index;
    index.files_ = std::move(files);
    index.tensors_ = std::move(tensors);
    index.by_name_.resize(index.tensors_.size());
    std::iota(index.by_name_.begin(), index.by_name_.end(), std::size_t{0});
    const auto name_of = [&](std::size_t i) -> const std::string& { return index.tensors_[i].name; };
    std::sort(index.by_name_.begin(), index.by_name_.end(), [&](std::size_t a, std::size_t b) { return name_of(a) < name_of(b); });
    const auto twin = std::adjacent_find(index.by_name_.begin(), index.by_name_.end(),
                                         [&](std::size_t a, std::size_t b) { return name_of(a) == name_of(b); });
    if (twin != index.by_name_.end()) return index.tensors_[*twin].problem(ErrorCode::damaged, "two tensors have this name");
    return index;
  }

  [[nodiscard]] const TensorInfo* find(std::string_view name) const noexcept {
    const auto at_least = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                           [&](std::size_t i, std::string_view wanted) { return tensors_[i].name < wanted; });
    return at_least != by_name_.end() && tensors_[*at_least].name == name ? &tensors_[*at_least] : nullptr;
  }
  /// The tensor named `name`; the pointer lives as long as this index. Errors: damaged (the checkpoint lacks it).
  [[nodiscard]] Result<const TensorInfo*> at(std::string_view name) const {
    if (const TensorInfo* tensor = find(name)) return tensor;
    const std::string place = files_.empty() ? std::string{} : files_.front().path().string() + ": ";
    return Error{ErrorCode::damaged, "the checkpoint lacks a tensor", place + std::string{name}, "download it again or convert it again"};
  }

  [[nodiscard]] std::size_t size() const noexcept { return tensors_.size(); }
  [[nodiscard]] auto begin() const noexcept { return tensors_.begin(); }
  [[nodiscard]] auto end() const noexcept { return tensors_.end(); }
  [[nodiscard]] std::span<const MappedFile> files() const noexcept { return files_; }

  /// Its parts, to build another index of them.
  [[nodiscard]] std::pair<std::vector<MappedFile>, std::vector<TensorInfo>> release() && {
    by_name_.clear();
    return {std::move(files_), std::move(tensors_)};
  }

  /// The same tensors after `edit(TensorInfo&)`, which may rename and permute. Errors: as create().
  template <class Edit>
  [[nodiscard]] Result<TensorIndex> edited(Edit&& edit) && {
    for (TensorInfo& tensor : tensors_) edit(tensor);
    return create(std::move(files_), std::move(tensors_));
  }

 private:
  std::vector<MappedFile> files_;
  std::vector<TensorInfo> tensors_;
  std::vector<std::size_t> by_name_;
};

}  // namespace ingot::checkpoint
