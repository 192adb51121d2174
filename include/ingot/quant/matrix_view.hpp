// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/matrix_view.hpp: a packed matrix whose scheme is known at run time, owned or not.

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <ingot/core/buffer.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::quant {

static_assert(std::endian::native == std::endian::little, "packages are little-endian and used in place");

/// A matrix [rows, columns] packed as PackedLayout says; does not own its bytes. Both planes are aligned to 64 bytes.
struct MatrixView {
  Scheme scheme = f32;
  std::size_t rows = 0, columns = 0;
  std::span<const std::byte> quants;  // layout().quant_bytes()
  std::span<const std::byte> scales;  // layout().scale_bytes()
  std::uint32_t input_block = 0;      // columns of the rows it multiplies under one scale; 0: as usual for the scheme

  [[nodiscard]] constexpr PackedLayout layout() const noexcept { return {scheme, rows, columns}; }

  /// The same matrix with its scheme in the type; inside `visit`, where S == scheme.
  template <Scheme S>
  [[nodiscard]] constexpr PackedMatrix<S> as() const noexcept {
    assert(S == scheme);
    return {quants.data(), scales.data(), rows, columns};
  }
};

/// Owns the two planes of a packed matrix. Move-only.
class PackedStorage {
 public:
  PackedStorage() noexcept = default;
  /// All bytes zero. The caller has checked that the layout's sizes do not overflow.
  PackedStorage(const Scheme& scheme, std::size_t rows, std::size_t columns)
      : layout_{scheme, rows, columns}, quants_{layout_.quant_bytes()}, scales_{layout_.scale_bytes()} {}

  [[nodiscard]] const PackedLayout& layout() const noexcept { return layout_; }
  [[nodiscard]] std::span<std::byte> quants() noexcept { return {quants_.data(), quants_.size()}; }
  [[nodiscard]] std::span<std::byte> scales() noexcept { return {scales_.data(), scales_.size()}; }
  /// Valid while this object (or the one it is moved to) lives.
  [[nodiscard]] MatrixView view() const noexcept {
    return {layout_.scheme, layout_.rows, layout_.columns, {quants_.data(), quants_.size()}, {scales_.data(), scales_.size()}, 0};
  }

 private:
  PackedLayout layout_{f32, 0, 0};
  Buffer<std::byte> quants_, scales_;
};

}  // namespace ingot::quant
