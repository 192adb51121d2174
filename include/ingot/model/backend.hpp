// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/backend.hpp: where a decoder gets its extents, kernels and matrix types: at run time, or as constants.

#include <cstddef>
#include <cstdint>
#include <string>

#include <ingot/core/result.hpp>
#include <ingot/kernels/cpu.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/kernels/matrix.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/quant/matrix_view.hpp>

namespace ingot::model {

/// Extents from the config, kernels through the table of one instruction set, one matrix type for all schemes.
struct RuntimeBackend : LayerExtents {
  const ::ingot::kernels::Functions& kernels;
  quant::Scheme kv;  ///< one of kernels::kv_schemes

  void attention(const ::ingot::kernels::AttentionTask& task, float* scratch) const noexcept { kernels.cache(kv).attention(task, scratch); }
  void attend_span(const ::ingot::kernels::AttentionTask& task, std::uint32_t span, float* scratch, float* partial) const noexcept {
    kernels.cache(kv).attend_span(task, span, scratch, partial);
  }
  void append(const float* key, const float* value, ::ingot::kernels::HeadShape head, std::uint32_t slot, std::byte* keys,
              std::byte* values) const noexcept {
    kernels.cache(kv).append(key, value, head, slot, keys, values);
  }

  template <Role>
  using matrix = ::ingot::kernels::Matrix;

  template <Role>
  [[nodiscard]] Result<::ingot::kernels::Matrix> bind(const quant::MatrixView& view) const {
    const auto* functions = kernels.matrix(view.scheme);
    if (functions == nullptr)
      return Error{ErrorCode::unsupported, "no kernels for the scheme " + to_string(view.scheme), {}, "export the model again"};
    return ::ingot::kernels::Matrix{{view.layout(), view.quants.data(), view.scales.data()}, functions};
  }
};

/// A matrix whose scheme and extents are constants: the compiler sees every loop bound.
template <quant::Scheme S, std::size_t Rows, std::size_t Columns, class Isa>
struct StaticMatrix {
  static constexpr quant::PackedLayout layout{S, Rows, Columns};
  const std::byte* quants = nullptr;  // [panels, lines, 64]
  const std::byte* scales = nullptr;  // [panels, groups, ...]

  void multiply(const kernels::Input& x, float* y, std::size_t y_stride, Slice panels,
                const kernels::Epilogue& epilogue = {}) const noexcept {
    kernels::Cpu<Isa>::template multiply<S>({layout, quants, scales}, x, y, y_stride, panels, epilogue);
  }
  void row(std::size_t r, float* out) const noexcept { kernels::Cpu<Isa>::template row<S>({layout, quants, scales}, r, out); }
};

/// The backend of an exact-shape model. Spec has `shape` and `scheme(Role)`, as written by `ingot-export --emit-header`.
/// All its layers have the same extents.
template <class Spec, class Isa, quant::Scheme Kv>
struct StaticBackend {
  static constexpr Shape shape = Spec::shape;
  static constexpr ::ingot::kernels::Cpu<Isa> kernels{};
  static constexpr quant::Scheme kv = Kv;

  [[nodiscard]] static constexpr const Shape& extents_of(std::uint32_t) noexcept { return shape; }

  static void attention(const ::ingot::kernels::AttentionTask& task, float* scratch) noexcept {
    kernels.template attention<Kv>(task, scratch);
  }
  static void attend_span(const ::ingot::kernels::AttentionTask& task, std::uint32_t span, float* scratch, float* partial) noexcept {
    kernels.template attend_span<Kv>(task, span, scratch, partial);
  }
  static void append(const float* key, const float* value, ::ingot::kernels::HeadShape head, std::uint32_t slot, std::byte* keys,
                     std::byte* values) noexcept {
    kernels.template append<Kv>(key, value, head, slot, keys, values);
  }

  template <Role R>
  using matrix = StaticMatrix<Spec::scheme(R), model::extents(R, Spec::shape).first, model::extents(R, Spec::shape).second, Isa>;

  template <Role R>
  [[nodiscard]] Result<matrix<R>> bind(const quant::MatrixView& view) const {
    if (view.scheme != Spec::scheme(R) || view.layout().rows != matrix<R>::layout.rows ||
        view.layout().columns != matrix<R>::layout.columns)
      return Error{ErrorCode::damaged,
                   "stored as " + to_string(view.scheme) + ", but the header says " + to_string(Spec::scheme(R)),
                   {},
                   "write the header again with --emit-header"};
    return matrix<R>{view.quants.data(), view.scales.data()};
  }
};

}  // namespace ingot::model
