// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/element_type.hpp: what one stored element, or one block of quantized ones, is.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ingot/core/checked.hpp>

namespace ingot::checkpoint {

/// Storage types of the file formats we read. Values below 128 are the type numbers of GGUF.
enum class ElementType : std::uint8_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q8_1 = 9,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  q8_k = 15,
  iq2_xxs = 16,
  iq2_xs = 17,
  iq3_xxs = 18,
  iq1_s = 19,
  iq4_nl = 20,
  iq3_s = 21,
  iq2_s = 22,
  iq4_xs = 23,
  i8 = 24,
  i16 = 25,
  i32 = 26,
  i64 = 27,
  f64 = 28,
  iq1_m = 29,
  bf16 = 30,
  tq1_0 = 34,
  tq2_0 = 35,
  mxfp4 = 39,
  nvfp4 = 40,
  q1_0 = 41,
  u8 = 128,
  u16,
  u32,
  u64,
  boolean,
  f8_e4m3,
  f8_e5m2,
  f8_e8m0,
};

/// `bytes` hold `elements` consecutive elements of a row; only whole blocks exist.
struct ElementTypeInfo {
  ElementType type;
  std::string_view name;         ///< as ggml spells it; else as safetensors does
  std::string_view safetensors;  ///< dtype in a safetensors header; empty: cannot stand in one
  std::uint16_t elements, bytes;
};

/// Block sizes: the table GGML_QUANT_SIZES of the Python package gguf, and the dtypes of safetensors.
inline constexpr std::array element_types{
    ElementTypeInfo{ElementType::f32, "F32", "F32", 1, 4},
    ElementTypeInfo{ElementType::f16, "F16", "F16", 1, 2},
    ElementTypeInfo{ElementType::q4_0, "Q4_0", "", 32, 18},
    ElementTypeInfo{ElementType::q4_1, "Q4_1", "", 32, 20},
    ElementTypeInfo{ElementType::q5_0, "Q5_0", "", 32, 22},
    ElementTypeInfo{ElementType::q5_1, "Q5_1", "", 32, 24},
    ElementTypeInfo{ElementType::q8_0, "Q8_0", "", 32, 34},
    ElementTypeInfo{ElementType::q8_1, "Q8_1", "", 32, 40},
    ElementTypeInfo{ElementType::q2_k, "Q2_K", "", 256, 84},
    ElementTypeInfo{ElementType::q3_k, "Q3_K", "", 256, 110},
    ElementTypeInfo{ElementType::q4_k, "Q4_K", "", 256, 144},
    ElementTypeInfo{ElementType::q5_k, "Q5_K", "", 256, 176},
    ElementTypeInfo{ElementType::q6_k, "Q6_K", "", 256, 210},
    ElementTypeInfo{ElementType::q8_k, "Q8_K", "", 256, 292},
    ElementTypeInfo{ElementType::iq2_xxs, "IQ2_XXS", "", 256, 66},
    ElementTypeInfo{ElementType::iq2_xs, "IQ2_XS", "", 256, 74},
    ElementTypeInfo{ElementType::iq3_xxs, "IQ3_XXS", "", 256, 98},
    ElementTypeInfo{ElementType::iq1_s, "IQ1_S", "", 256, 50},
    ElementTypeInfo{ElementType::iq4_nl, "IQ4_NL", "", 32, 18},
    ElementTypeInfo{ElementType::iq3_s, "IQ3_S", "", 256, 110},
    ElementTypeInfo{ElementType::iq2_s, "IQ2_S", "", 256, 82},
    ElementTypeInfo{ElementType::iq4_xs, "IQ4_XS", "", 256, 136},
    ElementTypeInfo{ElementType::i8, "I8", "I8", 1, 1},
    ElementTypeInfo{ElementType::i16, "I16", "I16", 1, 2},
    ElementTypeInfo{ElementType::i32, "I32", "I32", 1, 4},
    ElementTypeInfo{ElementType::i64, "I64", "I64", 1, 8},
    ElementTypeInfo{ElementType::f64, "F64", "F64", 1, 8},
    ElementTypeInfo{ElementType::iq1_m, "IQ1_M", "", 256, 56},
    ElementTypeInfo{ElementType::bf16, "BF16", "BF16", 1, 2},
    ElementTypeInfo{ElementType::tq1_0, "TQ1_0", "", 256, 54},
    ElementTypeInfo{ElementType::tq2_0, "TQ2_0", "", 256, 66},
    ElementTypeInfo{ElementType::mxfp4, "MXFP4", "", 32, 17},
    ElementTypeInfo{ElementType::nvfp4, "NVFP4", "", 64, 36},
    ElementTypeInfo{ElementType::q1_0, "Q1_0", "", 128, 18},
    ElementTypeInfo{ElementType::u8, "U8", "U8", 1, 1},
    ElementTypeInfo{ElementType::u16, "U16", "U16", 1, 2},
    ElementTypeInfo{ElementType::u32, "U32", "U32", 1, 4},
    ElementTypeInfo{ElementType::u64, "U64", "U64", 1, 8},
    ElementTypeInfo{ElementType::boolean, "BOOL", "BOOL", 1, 1},
    ElementTypeInfo{ElementType::f8_e4m3, "F8_E4M3", "F8_E4M3", 1, 1},
    ElementTypeInfo{ElementType::f8_e5m2, "F8_E5M2", "F8_E5M2", 1, 1},
    ElementTypeInfo{ElementType::f8_e8m0, "F8_E8M0", "F8_E8M0", 1, 1},
};

[[nodiscard]] constexpr const ElementTypeInfo& info(ElementType type) noexcept {
  return *std::find_if(element_types.begin(), element_types.end(), [=](const auto& t) { return t.type == type; });
}
[[nodiscard]] constexpr std::string_view name(ElementType type) noexcept { return info(type).name; }

/// The type that GGUF numbers so; nothing for numbers that were withdrawn (4, 5, 31 to 33, 36 to 38) or are newer than we are.
[[nodiscard]] constexpr std::optional<ElementType> element_type_of_ggml(std::uint32_t number) noexcept {
  for (const auto& t : element_types)
    if (number < 128 && static_cast<std::uint32_t>(t.type) == number) return t.type;
  return std::nullopt;
}
/// The type that a safetensors header names so.
[[nodiscard]] constexpr std::optional<ElementType> element_type_of_safetensors(std::string_view dtype) noexcept {
  for (const auto& t : element_types)
    if (!dtype.empty() && t.safetensors == dtype) return t.type;
  return std::nullopt;
}

/// Bytes of `elements` consecutive elements; nothing when they are not whole blocks or the size does not fit.
[[nodiscard]] constexpr std::optional<std::size_t> stored_bytes(ElementType type, std::size_t elements) noexcept {
  const ElementTypeInfo& t = info(type);
  if (elements % t.elements != 0) return std::nullopt;
  return checked_mul(elements / t.elements, std::size_t{t.bytes});
}

static_assert(stored_bytes(ElementType::q4_k, 512) == 288 && !stored_bytes(ElementType::q4_k, 255));
static_assert(element_type_of_ggml(30) == ElementType::bf16 && !element_type_of_ggml(4) && !element_type_of_ggml(128));
static_assert(element_type_of_safetensors("F8_E4M3") == ElementType::f8_e4m3 && !element_type_of_safetensors("Q4_0"));

}  // namespace ingot::checkpoint
