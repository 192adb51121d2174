// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/emit_header_definitions.hpp: the text of an exact-shape header; ingot::runtime compiles it, once.

#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/emit_header.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::model {

namespace detail {

/// The type of a family by its name: hunyuan_v1_dense gives HunyuanV1Dense.
[[nodiscard]] inline std::string type_name(std::string_view family) {
  std::string type;
  bool first = true;
  for (const char c : family) {
    if (c != '_') type += first ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    first = c == '_';
  }
  return type;
}

/// A Shape in the words that write it, what is 0 left out.
[[nodiscard]] inline std::string shape_text(const Shape& s) {
  std::string text;
  const auto add = [&](const char* name, std::uint32_t value) {
    if (value != 0) text += (text.empty() ? "." : ", .") + std::string{name} + " = " + std::to_string(value);
  };
  add("hidden", s.hidden), add("layers", s.layers), add("heads", s.heads), add("kv_heads", s.kv_heads), add("head_dim", s.head_dim);
  add("intermediate", s.intermediate), add("vocabulary", s.vocabulary), add("value_dim", s.value_dim);
  add("experts", s.experts), add("experts_used", s.experts_used), add("expert_width", s.expert_width);
  add("shared_width", s.shared_width), add("query_rank", s.query_rank), add("kv_rank", s.kv_rank), add("rope_dim", s.rope_dim);
  add("delta_key_heads", s.delta_key_heads), add("delta_heads", s.delta_heads), add("delta_key", s.delta_key);
  add("delta_value", s.delta_value), add("taps", s.taps);
  return text;
}

/// A string literal; what is no letter, digit or mark of a name is written by its number, as it may come from a stranger's file.
[[nodiscard]] inline std::string literal(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128 && (std::isalnum(byte) || c == '_' || c == '-' || c == '.'))
      text += c;
    else
      for (const int shift : {6, 3, 0}) text += (shift == 6 ? "\\" : "") + std::to_string(byte >> shift & 7);
  }
  return text + "\"";
}

[[nodiscard]] inline std::string scheme_text(const quant::Scheme& s) {
  if (s == quant::f32) return "quant::f32";
  if (s == quant::f16) return "quant::f16";
  if (s == quant::bf16) return "quant::bf16";
  std::string text = "{.bits = " + std::to_string(s.bits) + ", .group = " + std::to_string(s.group);
  if (s.zero == quant::Zero::min) text += ", .zero = quant::Zero::min";
  if (s.scale == quant::Scale::nested) text += ", .scale = quant::Scale::nested";
  if (s.scale == quant::Scale::single) text += ", .scale = quant::Scale::single";
  if (s.sparsity == quant::Sparsity::two_of_four) text += ", .sparsity = quant::Sparsity::two_of_four";
  return "quant::Scheme" + text + "}";
}

}  // namespace detail

std::string identifier(std::string_view stem) {
  std::string name;
  for (const char c : stem) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) ? "model_" + name : name;
}

Result<std::string> header_text(std::string_view name, const Config& config, const ExportReport& report) {
  std::array<std::optional<quant::Scheme>, role_names.size()> schemes;
  for (const ExportedMatrix& m : report.matrices) {
    auto& scheme = schemes[static_cast<std::size_t>(m.role)];
    if (scheme && *scheme != m.layout.scheme)
      return Error{ErrorCode::unsupported,
                   "layers store their " + std::string{role_names[static_cast<std::size_t>(m.role)]} + " matrices by different schemes",
                   m.name,
                   "an exact-shape model needs one scheme a role: export with --quant-bit, and a --quant-block that divides all widths"};
    scheme = m.layout.scheme;
  }
  auto &head = schemes[static_cast<std::size_t>(Role::head)], &embedding = schemes[static_cast<std::size_t>(Role::embedding)];
  if (!head && config.causal) head = embedding;  // tied
  if (!embedding) embedding = head;

  const std::string family = with_family(config.model_type, []<class F>() { return std::string{F::name}; });
  std::string text =
      "// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<" + std::string{name} + ">.\n#pragma once\n\n";
  text += "#include <ingot/model/families/all.hpp>\n#include <ingot/model/static_model.hpp>\n\nstruct " + std::string{name} + " {\n";
  text += "  static constexpr std::string_view model_type = " + detail::literal(config.model_type) + ";\n";
  text += "  static constexpr ingot::model::Family family = ingot::model::families::" + detail::type_name(family) + "::traits;\n";
  text += "  static constexpr ingot::model::Shape shape{" + detail::shape_text(config.shape) + "};\n";
  if (!config.extents.empty()) {
    text += "  static constexpr ingot::model::Shape extents[] = {\n";
    for (const Shape& layer : config.extents) text += "      {" + detail::shape_text(layer) + "},\n";
    text += "  };\n";
  }
  text += "  static constexpr ingot::Scheme scheme(ingot::model::Role role) {\n    using namespace ingot;\n    switch (role) {\n";
  for (std::size_t r = 0; r < schemes.size(); ++r)
    if (schemes[r])
      text += "      case model::Role::" + std::string{role_names[r]} + ": return " + detail::scheme_text(*schemes[r]) + ";\n";
  text += "      default: return {.bits = 0};  // no such matrix\n    }\n  }\n};\n";
  return text;
}

}  // namespace ingot::model
