// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/backend.hpp: where a decoder gets its extents, kernels and matrix types: at run time, or as constants.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
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
    return ::ingot::kernels::Matrix{{view.layout(), view.quants.data(), view.scales.data(), view.input_block}, functions};
  }
};

/// A matrix whose scheme and extents are constants: the compiler sees every loop bound.
template <quant::Scheme S, std::size_t Rows, std::size_t Columns, class Isa>
struct StaticMatrix {
  static constexpr quant::PackedLayout layout{S, Rows, Columns};
  const std::byte* quants = nullptr;  // [panels, lines, 64]
  const std::byte* scales = nullptr;  // [panels, groups, ...]
  std::uint32_t input_block = 0;

  [[nodiscard]] constexpr kernels::InputForm form() const noexcept { return kernels::form_of(layout, input_block); }
  void multiply(const kernels::Input& x, float* y, std::size_t y_stride, Slice panels,
                const kernels::Epilogue& epilogue = {}) const noexcept {
    kernels::Cpu<Isa>::template multiply<S>({layout, quants, scales, input_block}, x, y, y_stride, panels, epilogue);
  }
  void row(std::size_t r, float* out) const noexcept { kernels::Cpu<Isa>::template row<S>({layout, quants, scales}, r, out); }
  /// Of a layer that has no such matrix the extents are those of the others.
  INGOT_INLINE void ask_for(Slice panels) const noexcept {
    if (quants != nullptr) kernels::MatrixBytes{layout, quants, scales, input_block}.ask_for(panels);
  }
  [[nodiscard]] constexpr kernels::StaticMatrix<Isa, S> part(Slice panels) const noexcept {
    return kernels::StaticMatrix<Isa, S>{kernels::MatrixBytes{layout, quants, scales, input_block}.part(panels)};
  }
};

/// The matrix of a role that a model does not have: no kernel is compiled for it.
struct AbsentMatrix {
  static constexpr quant::PackedLayout layout{quant::f32, 0, 0};

  [[nodiscard]] static constexpr kernels::InputForm form() noexcept { return kernels::form_of(layout); }
  void multiply(const kernels::Input&, float*, std::size_t, Slice, const kernels::Epilogue& = {}) const noexcept {}
  void row(std::size_t, float*) const noexcept {}
  void ask_for(Slice) const noexcept {}
  [[nodiscard]] constexpr AbsentMatrix part(Slice) const noexcept { return {}; }
};

/// The extents of a Spec's layers: its `extents` [layers] where they differ, else its `shape`.
template <class Spec>
[[nodiscard]] constexpr std::span<const Shape> layer_extents() noexcept {
  if constexpr (requires { Spec::extents; })
    return Spec::extents;
  else
    return {&Spec::shape, 1};
}

namespace detail {

/// Whether all layers agree in the extents of `role`; those of the tables by position and type are not among a Shape's numbers.
template <class Spec>
[[nodiscard]] constexpr bool has_fixed_extents(Role role) noexcept {
  const std::span<const Shape> layers = layer_extents<Spec>();
  const auto same = [&](const Shape& layer) { return extents(role, layer) == extents(role, layers.front()); };
  return role != Role::positions && role != Role::token_types && std::all_of(layers.begin(), layers.end(), same);
}

/// The matrix of a role, before it is bound: what its type is chosen by.
template <class Spec, class Isa, Role R>
[[nodiscard]] constexpr auto unbound_matrix() noexcept {
  constexpr quant::Scheme scheme = Spec::scheme(R);
  constexpr auto rows_and_columns = extents(R, layer_extents<Spec>().front());
  if constexpr (scheme.bits == 0)
    return AbsentMatrix{};
  else if constexpr (has_fixed_extents<Spec>(R))
    return StaticMatrix<scheme, rows_and_columns.first, rows_and_columns.second, Isa>{};
  else
    return kernels::StaticMatrix<Isa, scheme>{};
}

}  // namespace detail

/// The backend of an exact-shape model. Spec has `shape`, `scheme(Role)` (of 0 bits: no such matrix) and, where its layers differ,
/// `extents`, as written by `ingot-export --emit-header`. A matrix has constant extents where all layers agree in them.
template <class Spec, class Isa, quant::Scheme Kv>
struct StaticBackend {
  static constexpr Shape shape = Spec::shape;
  static constexpr ::ingot::kernels::Cpu<Isa> kernels{};
  static constexpr quant::Scheme kv = Kv;

  [[nodiscard]] static constexpr const Shape& extents_of(std::uint32_t layer) noexcept {
    constexpr std::span<const Shape> layers = layer_extents<Spec>();
    return layers[layers.size() == 1 ? 0 : layer];
  }

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
  using matrix = decltype(detail::unbound_matrix<Spec, Isa, R>());

  template <Role R>
  [[nodiscard]] Result<matrix<R>> bind(const quant::MatrixView& view) const {
    constexpr quant::Scheme scheme = Spec::scheme(R);
    const auto refuse = [&](const std::string& expected) {
      return Error{ErrorCode::damaged,
                   "stored as " + to_string(view.scheme) + ", but the header says " + expected,
                   {},
                   "write the header again with --emit-header"};
    };
    if constexpr (scheme.bits == 0) {
      return refuse("that there is none");
    } else {
      if (view.scheme != scheme) return refuse(to_string(scheme));
      if constexpr (detail::has_fixed_extents<Spec>(R)) {
        constexpr quant::PackedLayout layout = matrix<R>::layout;
        if (view.rows != layout.rows || view.columns != layout.columns)
          return refuse(std::to_string(layout.rows) + " rows of " + std::to_string(layout.columns));
        return matrix<R>{view.quants.data(), view.scales.data(), view.input_block};
      } else {
        return matrix<R>{kernels::MatrixBytes{view.layout(), view.quants.data(), view.scales.data(), view.input_block}};
      }
    }
  }
};

}  // namespace ingot::model
