// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_names.hpp: what a tensor of an adapter belongs to, by its name.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ingot::checkpoint {

/// What an adapter stores for a module.
enum class LoraPart : std::uint8_t {
  a,            ///< [rank, in]
  b,            ///< [out, rank]
  b_bias,       ///< [out]
  embedding_a,  ///< [rank, tokens]
  embedding_b,  ///< [width, rank]
  magnitude,    ///< [out], of DoRA
  whole,        ///< takes the place of the base's tensor
  copy,         ///< the base's own tensor once more
};
inline constexpr std::size_t lora_parts = 6;  ///< those that change a module together: the first of them

struct LoraName {
  std::string module;  ///< of the base; with `whole` the tensor
  LoraPart part{};
  std::string adapter;  ///< the name the adapter had while it was trained; newer files leave it out
};

/// Takes the name of an adapter's tensor apart: `base_model.model.MODULE.lora_A[.ADAPTER].weight` and its kin. Nothing for parts that
/// other adapters have.
[[nodiscard]] inline std::optional<LoraName> parse_lora_name(std::string_view name) {
  struct Form {
    std::string_view stem;
    LoraPart part;
  };
  constexpr std::array<Form, 5> forms{{{".lora_A", LoraPart::a},
                                       {".lora_B", LoraPart::b},
                                       {".lora_embedding_A", LoraPart::embedding_a},
                                       {".lora_embedding_B", LoraPart::embedding_b},
                                       {".lora_magnitude_vector", LoraPart::magnitude}}};
  if (constexpr std::string_view prefix = "base_model.model."; name.starts_with(prefix)) name.remove_prefix(prefix.size());
  for (const auto& [stem, part] : forms) {
    const std::size_t at = name.rfind(stem);
    if (at == name.npos || at == 0) continue;
    std::string_view rest = name.substr(at + stem.size());
    if (!rest.empty() && rest.front() != '.') continue;
    LoraName parsed{.module = std::string{name.substr(0, at)}, .part = part, .adapter = {}};
    if (part == LoraPart::b && rest.ends_with(".bias"))
      parsed.part = LoraPart::b_bias, rest.remove_suffix(5);
    else if (rest.ends_with(".weight"))
      rest.remove_suffix(7);
    if (!rest.empty()) parsed.adapter = rest.substr(1);
    return parsed;
  }
  for (const std::string_view other : {".lora_", ".token_adapter.", ".ia3_", ".hada_", ".lokr_", ".oft_", ".boft_", ".vera_"})
    if (name.find(other) != name.npos) return std::nullopt;

  std::string module{name};
  LoraName whole{.module = {}, .part = LoraPart::whole, .adapter = {}};
  if (constexpr std::string_view kept = ".original_module."; module.find(kept) != module.npos) {
    whole.part = LoraPart::copy;
  } else if (constexpr std::string_view saved = ".modules_to_save."; module.find(saved) != module.npos) {
    const std::size_t at = module.find(saved), end = module.find('.', at + saved.size());
    if (end != module.npos) whole.adapter = module.substr(at + saved.size(), end - at - saved.size());  // else the tensor's own name
    module.erase(at, (end == module.npos ? at + saved.size() - 1 : end) - at);
  }
  for (constexpr std::string_view layer = ".base_layer."; module.find(layer) != module.npos;)
    module.erase(module.find(layer), layer.size() - 1);
  whole.module = std::move(module);
  return whole;
}

}  // namespace ingot::checkpoint
