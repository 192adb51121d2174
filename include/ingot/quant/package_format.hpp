// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/package_format.hpp: the names, keys and version that the package writer and reader agree on.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/checkpoint/element_type.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/visit.hpp>

namespace ingot::quant {

/// The packed matrices and float vectors: a safetensors file. A matrix NAME is the U8 tensor NAME [panels, bytes of a panel] and,
/// for integer schemes, NAME.scales [panels, elements of a panel], F16, F32 or, where nested, U8. A vector is an F32 tensor [size].
inline constexpr std::string_view weights_file = "weights.safetensors";
/// Version of all that this header describes. Older readers refuse newer packages.
inline constexpr std::uint32_t package_version = 1;
inline constexpr std::string_view layout_tag = "N16K8";  // PackedLayout

/// Keys of `__metadata__`, whose values are strings.
namespace metadata_key {
inline constexpr std::string_view version = "ingot.format", layout = "ingot.layout", family = "ingot.family";
inline constexpr std::string_view header = "ingot.header";   ///< header_digest() of all the rest
inline constexpr std::string_view matrix = "ingot.matrix.";  ///< + NAME: `SCHEME ROWS COLUMNS`
inline constexpr std::string_view source = "ingot.source.";  ///< + file name: its SHA-256, hexadecimal
}  // namespace metadata_key

inline constexpr std::string_view scales_suffix = ".scales";

using PackageMetadata = std::map<std::string, std::string, std::less<>>;

/// One tensor of the file, as its header declares it.
struct StoredTensor {
  std::string_view name;
  checkpoint::ElementType type;
  std::span<const std::size_t> shape;
};

/// The shape of the tensor that holds a matrix's quants (U8), and that of its scales.
[[nodiscard]] inline std::vector<std::size_t> quants_shape(const PackedLayout& layout) {
  return {layout.panels(), layout.panel_quant_bytes()};
}
[[nodiscard]] constexpr checkpoint::ElementType scales_type(const PackedLayout& layout) noexcept {
  using checkpoint::ElementType;
  return layout.scheme.scale == Scale::nested ? ElementType::u8 : layout.scheme.scale == Scale::half ? ElementType::f16 : ElementType::f32;
}
[[nodiscard]] inline std::vector<std::size_t> scales_shape(const PackedLayout& layout) {
  return {layout.panels(), layout.panel_scale_bytes() / checkpoint::info(scales_type(layout)).bytes};
}

/// The value under metadata_key::matrix.
[[nodiscard]] inline std::string describe_matrix(const PackedLayout& layout) {
  return to_string(layout.scheme) + " " + std::to_string(layout.rows) + " " + std::to_string(layout.columns);
}
/// The inverse. Errors: damaged (not of this form, sizes over the limits), unsupported (an unknown scheme).
[[nodiscard]] inline Result<PackedLayout> parse_matrix(std::string_view text) {
  const std::size_t first = text.find(' '), second = first == text.npos ? text.npos : text.find(' ', first + 1);
  const auto number = [](std::string_view digits, std::size_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  std::size_t rows = 0, columns = 0;
  if (second == text.npos || !number(text.substr(first + 1, second - first - 1), rows) || !number(text.substr(second + 1), columns))
    return Error{ErrorCode::damaged, "a matrix is not described as SCHEME ROWS COLUMNS", {}, {}};
  INGOT_TRY(const Scheme scheme, parse_scheme(text.substr(0, first)));
  return checked_layout(scheme, rows, columns);
}

/// 16 hexadecimal digits over what a header says: all metadata but metadata_key::header itself, then the tensors in the order of
/// their data, padding left out. FNV-1a (64 bits) over length-prefixed parts: it is there to notice damage, not malice, and a
/// header is the only part of a package whose damage could go unnoticed and yet change shapes.
[[nodiscard]] inline std::string header_digest(const PackageMetadata& metadata, std::span<const StoredTensor> tensors) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add_byte = [&](std::uint64_t byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  const auto add_number = [&](std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) add_byte((value >> shift) & 255u);
  };
  const auto add_text = [&](std::string_view text) {
    add_number(text.size());
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  };
  for (const auto& [key, value] : metadata) {
    if (key == metadata_key::header) continue;
    add_text(key);
    add_text(value);
  }
  for (const StoredTensor& tensor : tensors) {
    add_text(tensor.name);
    add_text(checkpoint::name(tensor.type));
    add_number(tensor.shape.size());
    for (const std::size_t extent : tensor.shape) add_number(extent);
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text.push_back(digits[(hash >> shift) & 15u]);
  return text;
}

}  // namespace ingot::quant
