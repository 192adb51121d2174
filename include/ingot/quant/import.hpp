// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/import.hpp: checkpoint tensors into packed matrices; GGUF blocks keep their codes and scales, bit for bit.

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/ggml_blocks.hpp>
#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/quant/codes.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/unpack.hpp>

namespace ingot::quant {

namespace detail {

/// Codes of 4 bits stay 4 bits, others go to 8; blocks of 256 have nested scales.
template <checkpoint::GgmlBlock Block>
inline constexpr Scheme scheme_of_block{.bits = Block::bits == 4 ? std::uint8_t{4} : std::uint8_t{8},
                                        .group = Block::group,
                                        .zero = Block::has_offset ? Zero::min : Zero::none,
                                        .scale = Block::size == nested_columns ? Scale::nested : Scale::half};

}  // namespace detail

/// The scheme that holds values of `type` without rounding: Q4_0 int4-g32, Q4_1 int4-g32-min, Q4_K int4-g32-min-nested; in 8 bits
/// Q5_0, Q8_0 int8-g32, Q5_1 int8-g32-min, Q5_K int8-g32-min-nested, Q3_K, Q6_K int8-g16-nested, Q2_K int8-g16-min-nested;
/// F32, F16, BF16 themselves. Nothing for all other types.
[[nodiscard]] constexpr std::optional<Scheme> native_scheme(checkpoint::ElementType type) noexcept {
  switch (type) {
    case checkpoint::ElementType::f32:
      return f32;
    case checkpoint::ElementType::f16:
      return f16;
    case checkpoint::ElementType::bf16:
      return bf16;
    default:
      std::optional<Scheme> scheme;
      checkpoint::visit_block(type, [&]<class Block>() {
        static_assert(is_shipped(detail::scheme_of_block<Block>));
        scheme = detail::scheme_of_block<Block>;
      });
      return scheme;
  }
}
static_assert(native_scheme(checkpoint::ElementType::q4_k) == Scheme{.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested});
static_assert(!native_scheme(checkpoint::ElementType::i8));

/// The symmetric scheme whose groups take `codes`: theirs, or parts of them.
[[nodiscard]] constexpr std::optional<Scheme> scheme_of_codes(std::uint8_t bits, std::size_t group, std::size_t columns) noexcept {
  if (group >= columns) return Scheme{.bits = bits, .group = 0};
  for (const std::uint16_t part : {std::uint16_t{256}, std::uint16_t{128}, std::uint16_t{64}, std::uint16_t{32}})
    if (group % part == 0) return Scheme{.bits = bits, .group = part};
  return std::nullopt;
}
static_assert(scheme_of_codes(4, 128, 4096) == Scheme{.bits = 4, .group = 128} && scheme_of_codes(8, 64, 64)->group == 0);
static_assert(scheme_of_codes(4, 96, 192)->group == 32 && !scheme_of_codes(4, 16, 64));

/// The scheme that holds the values of `tensor` without rounding; nothing where its view edits them or takes blocks apart.
[[nodiscard]] inline std::optional<Scheme> native_scheme(const checkpoint::TensorInfo& tensor) noexcept {
  if (tensor.plus_one || tensor.unit_rows || tensor.factors || tensor.clamped) return std::nullopt;
  if (tensor.values) {
    const checkpoint::GroupCodes* const codes = tensor.column_step == 0 ? tensor.values->symmetric_codes() : nullptr;
    return codes != nullptr ? scheme_of_codes(codes->bits(), codes->columns(), tensor.columns()) : std::nullopt;
  }
  const auto scheme = native_scheme(tensor.type);
  return scheme && scheme->is_integer() && tensor.column_step != 0 ? std::nullopt : scheme;
}

/// The scheme that keeps the codes of `tensor`: native_scheme(), or one with a minimum where codes have zero points of their own or scales
/// that are no binary16. scale * (code - zero) becomes scale * code + min, in which only scale and min = -scale * zero are rounded to
/// binary16, each by at most 1 / 2048 of itself. Nothing where there are no codes, or these would not be such numbers.
[[nodiscard]] inline std::optional<Scheme> kept_scheme(const checkpoint::TensorInfo& tensor) noexcept {
  if (const auto native = native_scheme(tensor)) return native;
  if (tensor.plus_one || tensor.unit_rows || tensor.factors || tensor.clamped || tensor.column_step != 0 || !tensor.values)
    return std::nullopt;
  const checkpoint::GroupCodes* const codes = tensor.values->group_codes();
  if (codes == nullptr) return std::nullopt;
  auto scheme = scheme_of_codes(codes->bits(), codes->columns(), tensor.columns());
  if (!scheme) return std::nullopt;
  scheme->zero = Zero::min;
  if (!is_shipped(*scheme)) return std::nullopt;
  constexpr float least = 0x1p-14f, most = 65504.0f;  // normal numbers of binary16
  for (std::size_t row = 0; row < tensor.rows(); ++row)
    for (std::size_t column = 0; column < tensor.columns(); column += codes->columns()) {
      const std::size_t stored = tensor.stored(row);
      const float scale = codes->scale(stored, column), min = -scale * static_cast<float>(codes->zero(stored, column));
      const bool normal = scale >= least && scale <= most && std::abs(min) <= most;
      if (!normal && !(is_exact_f16(scale) && is_exact_f16(min))) return std::nullopt;
    }
  return scheme;
}

/// Stored bytes of a row, whole blocks of one type. Called from several threads at once.
using BlockSource = std::function<std::span<const std::byte>(std::size_t row)>;

/// The rows of `tensor` as floats; `tensor` must outlive the result. Errors when called: unsupported (the type).
[[nodiscard]] inline RowSource row_source(const checkpoint::TensorInfo& tensor) {
  return [&tensor](std::size_t begin, std::size_t end, std::span<float> out) { return checkpoint::decode_rows(tensor, begin, end, out); };
}
/// Those of a packed matrix, whose bytes must outlive the result.
[[nodiscard]] inline RowSource row_source(const MatrixView& matrix) {
  return [matrix](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
    for (std::size_t row = begin; row < end; ++row) unpack_row(matrix, row, out.subspan((row - begin) * matrix.columns, matrix.columns));
    return {};
  };
}
[[nodiscard]] inline BlockSource block_source(const checkpoint::TensorInfo& tensor) {
  return [&tensor](std::size_t row) { return tensor.row(row); };
}

namespace detail {

/// Scales of one block to lane `row` of its panel: `scales` is where the panel's begin. False when one is not finite.
template <checkpoint::GgmlBlock Block>
bool store_block_scales(const PackedLayout& layout, const Block& block, std::size_t row, std::size_t first_group,
                        std::byte* scales) noexcept {
  constexpr Scheme scheme = scheme_of_block<Block>;
  if constexpr (scheme.scale == Scale::half) {
    std::byte* at = scales + layout.scale_offset(row, first_group) + row * sizeof(ingot::f16);
    store_half(at, block.d);
    if constexpr (scheme.zero == Zero::min) {
      store_half(at + panel_rows * sizeof(ingot::f16), block.m);
      return is_finite(block.d) && is_finite(block.m);
    }
  } else {
    std::byte* header = scales + layout.nested_header_offset(row, first_group) + row * sizeof(ingot::f16);
    store_half(header, block.d);
    if constexpr (scheme.zero == Zero::min) store_half(header + panel_rows * sizeof(ingot::f16), block.d_min);
    for (std::size_t g = 0; g < Block::size / Block::group; ++g) {
      std::byte* at = scales + layout.scale_offset(row, first_group + g) + row;
      at[0] = static_cast<std::byte>(block.scale_code(g));
      if constexpr (scheme.zero == Zero::min) at[panel_rows] = static_cast<std::byte>(block.min_code(g));
    }
    if constexpr (scheme.zero == Zero::min) return is_finite(block.d) && is_finite(block.d_min);
  }
  return is_finite(block.d);
}

template <checkpoint::GgmlBlock Block>
Status import_panels(const PackedLayout& layout, const BlockSource& source, Slice slice, std::byte* quants, std::byte* scales) {
  constexpr Scheme scheme = scheme_of_block<Block>;
  const std::size_t columns = layout.columns;  // whole blocks, so whole groups: no padding
  Buffer<std::uint8_t> codes{panel_rows * columns};
  for (std::size_t panel = slice.begin; panel < slice.end; ++panel) {
    const std::size_t first = panel * panel_rows, count = std::min(panel_rows, layout.rows - first);
    std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(scheme.zero_point()));
    std::memset(scales, 0, layout.panel_scale_bytes());
    for (std::size_t row = 0; row < count; ++row) {
      const auto bytes = source(first + row);
      assert(bytes.size() == columns / Block::size * sizeof(Block));
      for (std::size_t b = 0; b < columns / Block::size; ++b) {
        const auto block = checkpoint::load_block<Block>(bytes, b);
        std::array<std::int8_t, Block::size> q;
        block.unpack(checkpoint::Codes<Block::size>{q});
        std::uint8_t* to = codes.data() + row * columns + b * Block::size;
        for (std::size_t i = 0; i < Block::size; ++i) to[i] = static_cast<std::uint8_t>(q[i] + scheme.zero_point());
        if (!store_block_scales(layout, block, row, b * (Block::size / Block::group), scales))
          return row_problem(ErrorCode::damaged, "a scale is not finite", first + row, "the checkpoint is damaged");
      }
    }
    store_codes(layout, {codes.data(), codes.size()}, quants);
    quants += layout.panel_quant_bytes();
    scales += layout.panel_scale_bytes();
  }
  return {};
}

/// Panels of a matrix whose values are codes already.
inline Status import_codes(const PackedLayout& layout, const checkpoint::TensorInfo& tensor, const checkpoint::GroupCodes& source,
                           Slice slice, std::byte* quants, std::byte* scales) {
  const bool has_min = layout.scheme.zero == Zero::min;
  const std::size_t padded = layout.padded_columns();
  Buffer<std::uint8_t> codes{panel_rows * padded};
  for (std::size_t panel = slice.begin; panel < slice.end; ++panel) {
    const std::size_t first = panel * panel_rows, count = std::min(panel_rows, layout.rows - first);
    std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(layout.scheme.zero_point()));
    std::memset(scales, 0, layout.panel_scale_bytes());
    for (std::size_t row = 0; row < count; ++row) {
      const std::size_t stored = tensor.stored(first + row);
      source.codes(stored, 0, {codes.data() + row * padded, layout.columns});
      for (std::size_t group = 0; group < layout.filled_groups(); ++group) {
        const std::size_t column = group * layout.group_columns();
        std::byte* const at = scales + layout.scale_offset(row, group) + row * sizeof(ingot::f16);
        const float scale = source.scale(stored, column);
        store_half(at, to_f16(scale));
        if (has_min) store_half(at + panel_rows * sizeof(ingot::f16), to_f16(-scale * static_cast<float>(source.zero(stored, column))));
      }
    }
    store_codes(layout, {codes.data(), codes.size()}, quants);
    quants += layout.panel_quant_bytes();
    scales += layout.panel_scale_bytes();
  }
  return {};
}

}  // namespace detail

/// Packs the panels of `slice` of a matrix stored in blocks of `type` (not a float type: these go through pack()), with `layout` in
/// native_scheme(type) and its columns whole blocks. unpack_row() then gives what decode_rows() gives. `quants` and `scales` as in
/// pack(). Errors, with `row N` as the place: damaged (a scale is not finite).
inline Status import_blocks(const PackedLayout& layout, checkpoint::ElementType type, const BlockSource& source, Slice slice,
                            std::span<std::byte> quants, std::span<std::byte> scales) {
  assert(native_scheme(type) == layout.scheme && slice.end <= layout.panels());
  assert(layout.columns % checkpoint::info(type).elements == 0 && quants.size() == slice.size() * layout.panel_quant_bytes());
  assert(scales.size() == slice.size() * layout.panel_scale_bytes());
  Status status;
  const bool known = checkpoint::visit_block(
      type, [&]<class Block>() { status = detail::import_panels<Block>(layout, source, slice, quants.data(), scales.data()); });
  if (!known) return Error{ErrorCode::unsupported, std::string{checkpoint::name(type)} + " has no blocks to import", {}, {}};
  return status;
}

/// Packs `tensor` (two dimensions or more, rows() x columns()) in its kept_scheme(), its rows those of the view. Errors name the tensor:
/// unsupported (no such scheme), damaged (not finite, empty).
[[nodiscard]] inline Result<PackedStorage> pack_native(const checkpoint::TensorInfo& tensor, Team& team) {
  const auto scheme = kept_scheme(tensor);
  if (!scheme)
    return tensor.problem(ErrorCode::unsupported,
                          "no scheme holds its " + std::string{checkpoint::name(tensor.type)} + " values without rounding",
                          "ask for a quantization");
  const auto named = [&](Error error) { return std::move(error).in(tensor.file + ": " + tensor.name); };
  if (!scheme->is_integer()) {
    auto packed = pack(*scheme, tensor.rows(), tensor.columns(), row_source(tensor), team);
    return packed ? std::move(packed) : named(std::move(packed).error());
  }
  const auto layout = checked_layout(*scheme, tensor.rows(), tensor.columns());
  if (!layout) return named(layout.error());
  PackedStorage storage{*scheme, tensor.rows(), tensor.columns()};
  const BlockSource blocks = block_source(tensor);
  const checkpoint::GroupCodes* const codes = tensor.values ? tensor.values->group_codes() : nullptr;
  auto status = detail::for_each_slice(team, layout->panels(), [&](Slice slice) {
    const auto part = [&](std::span<std::byte> plane, std::size_t size) { return plane.subspan(slice.begin * size, slice.size() * size); };
    const auto quants = part(storage.quants(), layout->panel_quant_bytes()), scales = part(storage.scales(), layout->panel_scale_bytes());
    if (codes != nullptr) return detail::import_codes(*layout, tensor, *codes, slice, quants.data(), scales.data());
    return import_blocks(*layout, tensor.type, blocks, slice, quants, scales);
  });
  if (!status) return named(std::move(status).error());
  return storage;
}

}  // namespace ingot::quant
