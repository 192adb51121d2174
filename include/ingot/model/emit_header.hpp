// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/emit_header.hpp: writes the C++ header that makes a package an exact-shape model.

#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include <ingot/model/config.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/open.hpp>

namespace ingot::model {

namespace detail {

/// The role of a matrix by its Hugging Face name.
[[nodiscard]] inline std::optional<Role> role_of(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, Role>, 9> ends{{{"embed_tokens.weight", Role::embedding},
                                                                   {"q_proj.weight", Role::query},
                                                                   {"k_proj.weight", Role::key},
                                                                   {"v_proj.weight", Role::value},
                                                                   {"o_proj.weight", Role::output},
                                                                   {"gate_proj.weight", Role::gate},
                                                                   {"up_proj.weight", Role::up},
                                                                   {"down_proj.weight", Role::down},
                                                                   {"lm_head.weight", Role::head}}};
  for (const auto& [end, role] : ends)
    if (name.ends_with(end)) return role;
  return std::nullopt;
}

[[nodiscard]] inline std::string scheme_text(const quant::Scheme& s) {
  if (s == quant::f32) return "quant::f32";
  if (s == quant::f16) return "quant::f16";
  if (s == quant::bf16) return "quant::bf16";
  std::string text = "{.bits = " + std::to_string(s.bits) + ", .group = " + std::to_string(s.group);
  if (s.zero == quant::Zero::min) text += ", .zero = quant::Zero::min";
  if (s.scale == quant::Scale::nested) text += ", .scale = quant::Scale::nested";
  return "quant::Scheme" + text + "}";
}

}  // namespace detail

/// `stem` of a file name as a C++ identifier: qwen3-0.6b gives qwen3_0_6b.
[[nodiscard]] inline std::string identifier(std::string_view stem) {
  std::string name;
  for (const char c : stem) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) ? "model_" + name : name;
}

/// The header's text for a struct `name`. Errors: unsupported (layers differ in their schemes, so that a role has no one type).
inline Result<std::string> header_text(std::string_view name, const Config& config, const ExportReport& report) {
  constexpr std::array roles{"embedding", "query", "key", "value", "output", "gate", "up", "down", "head"};
  std::array<std::optional<quant::Scheme>, roles.size()> schemes;
  for (const ExportedMatrix& m : report.matrices) {
    const auto role = detail::role_of(m.name);
    if (!role) continue;
    auto& scheme = schemes[static_cast<std::size_t>(*role)];
    if (scheme && *scheme != m.layout.scheme)
      return Error{ErrorCode::unsupported,
                   "layers store their " + std::string{roles[static_cast<std::size_t>(*role)]} + " matrices by different schemes", m.name,
                   "an exact-shape model needs one scheme a role: export with --quant-bit"};
    scheme = m.layout.scheme;
  }
  auto& head = schemes[static_cast<std::size_t>(Role::head)];
  if (!head) head = schemes[static_cast<std::size_t>(Role::embedding)];  // tied

  INGOT_TRY(const std::string family, with_family(config.model_type, [&]<class F>() { return Result<std::string>{std::string{F::name}}; }));
  const auto type = [&] {
    std::string t = family;
    t.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(t.front())));
    return t;
  }();
  const Shape& s = config.shape;
  std::string text =
      "// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<" + std::string{name} + ">.\n#pragma once\n\n";
  text += "#include <ingot/model/static_model.hpp>\n\nstruct " + std::string{name} + " {\n";
  text += "  static constexpr std::string_view model_type = \"" + config.model_type + "\";\n";
  text += "  static constexpr ingot::model::Family family = ingot::model::families::" + type + "::traits;\n";
  text += "  static constexpr ingot::model::Shape shape{.hidden = " + std::to_string(s.hidden) + ", .layers = " + std::to_string(s.layers) +
          ", .heads = " + std::to_string(s.heads) + ", .kv_heads = " + std::to_string(s.kv_heads) +
          ", .head_dim = " + std::to_string(s.head_dim) + ", .intermediate = " + std::to_string(s.intermediate) +
          ", .vocabulary = " + std::to_string(s.vocabulary) + "};\n";
  text += "  static constexpr ingot::Scheme scheme(ingot::model::Role role) {\n    using namespace ingot;\n    switch (role) {\n";
  for (std::size_t r = 0; r < roles.size(); ++r)
    if (schemes[r]) text += "      case model::Role::" + std::string{roles[r]} + ": return " + detail::scheme_text(*schemes[r]) + ";\n";
  text += "    }\n    return quant::f32;\n  }\n};\n";
  return text;
}

}  // namespace ingot::model
