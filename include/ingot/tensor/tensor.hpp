// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/tensor/tensor.hpp: a typed view of elements that somebody else owns.

#include <cassert>
#include <concepts>
#include <cstddef>
#include <span>

#include <ingot/tensor/extents.hpp>
#include <ingot/tensor/layout.hpp>

namespace ingot {

/// Does not own its elements; as cheap to copy as a pointer and the dynamic extents.
template <class T, Layout L>
class Tensor {
 public:
  constexpr Tensor() noexcept = default;
  /// `elements` holds at least layout.span_size().
  constexpr Tensor(std::span<T> elements, L layout) noexcept : data_{elements.data()}, layout_{layout} {
    assert(elements.size() >= layout.span_size());
  }
  /// A view that only reads.
  constexpr operator Tensor<const T, L>() const noexcept {  // NOLINT: implicit as T* to const T*
    return {std::span<const T>{data_, layout_.span_size()}, layout_};
  }

  [[nodiscard]] constexpr const L& layout() const noexcept { return layout_; }
  [[nodiscard]] constexpr std::size_t extent(std::size_t dimension) const noexcept { return layout_.extents().extent(dimension); }
  [[nodiscard]] constexpr std::span<T> elements() const noexcept { return {data_, layout_.span_size()}; }

  template <std::convertible_to<std::size_t>... Index>
  [[nodiscard]] constexpr T& operator()(Index... index) const noexcept {
    const std::size_t position = layout_(static_cast<std::size_t>(index)...);
    assert(position < layout_.span_size());
    return data_[position];
  }
  [[nodiscard]] constexpr T* data() const noexcept { return data_; }
  /// The first element of a row of a matrix; the others follow it.
  [[nodiscard]] constexpr T* row(std::size_t index) const noexcept { return data_ + layout_(index, std::size_t{0}); }

 private:
  T* data_ = nullptr;
  [[no_unique_address]] L layout_;
};

/// Rows of activations, each on a cache line of its own.
template <class T>
using Rows = Tensor<T, PaddedRows>;

/// The columns [begin, begin + count) of a matrix that has them.
template <class T>
[[nodiscard]] constexpr Rows<T> columns(const Rows<T>& matrix, std::size_t begin, std::size_t count) noexcept {
  assert(begin + count <= matrix.extent(1));
  const PaddedRows layout{matrix.extent(0), count, matrix.layout().stride()};
  return {{matrix.data() + begin, layout.span_size()}, layout};
}

}  // namespace ingot
