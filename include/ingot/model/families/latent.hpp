// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/latent.hpp: extents and names of multi-head latent attention, which three families share.

#include <cmath>
#include <cstdint>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>

namespace ingot::model::families {

/// What transformers assumes where keys are absent. value_dim 0: hidden / heads.
struct LatentDefaults {
  std::uint32_t query_rank = 1536, kv_rank = 512, nope = 128, rope = 64, value_dim = 128;
};

/// The keys of read_config() with the rotated part in place of a head: rope is taken of that alone.
constexpr Dialect latent_dialect(Dialect dialect, const LatentDefaults& defaults) {
  dialect.head_dim = "qk_rope_head_dim";
  dialect.defaults.head_dim = defaults.rope;
  return dialect;
}

/// Extents of latent attention, after read_config() by latent_dialect(), and the scale of its products: 1 / sqrt(head), with YaRN times
/// the square of its mscale (modeling_deepseek_v3.py, yarn_apply_mscale). `q_lora_rank` null: queries are not compressed. Errors:
/// damaged.
inline Status read_latent(const json::Value& root, const LatentDefaults& defaults, Config& config) {
  Shape& shape = config.shape;
  shape.rope_dim = shape.head_dim;
  INGOT_TRY(const auto nope, read_count(root, "qk_nope_head_dim", max_head_dim, defaults.nope));
  shape.head_dim = nope + shape.rope_dim;
  const bool divided = defaults.value_dim == 0 || is_none(root, "v_head_dim");
  INGOT_TRY(shape.value_dim, read_count(root, "v_head_dim", max_head_dim, divided ? shape.hidden / shape.heads : defaults.value_dim));
  INGOT_TRY(shape.kv_rank, read_count(root, "kv_lora_rank", max_width, defaults.kv_rank));
  if (!is_none(root, "q_lora_rank")) {
    INGOT_TRY(shape.query_rank, read_count(root, "q_lora_rank", max_width, defaults.query_rank));
  }
  shape.kv_heads = shape.heads;  // every head has its own part of the compressed row

  config.attention_scale = 1 / std::sqrt(static_cast<float>(shape.head_dim));
  INGOT_TRY(const auto parameters, rope_parameters(root));
  if (!parameters) return {};
  INGOT_TRY(const auto kind, detail::rope_kind(*parameters, {}));
  INGOT_TRY(const double mscale, parameters->get<double>("mscale_all_dim", 0.0));
  if (!std::isfinite(mscale)) return parameters->problem("value out of range for", "mscale_all_dim");
  const double factor = config.ropes[0].factor;
  if (kind == "default" || mscale == 0 || factor <= 1) return {};
  const double scale = 0.1 * mscale * std::log(factor) + 1;
  config.attention_scale *= static_cast<float>(scale * scale);
  return {};
}

/// [key without positions; value] of each head, taken apart so that both work on compressed rows.
inline Arrangement& latent_names(Arrangement& names, const Shape& shape) {
  return names.split_latent("model.layers.#.self_attn.kv_b_proj", shape.heads, shape.head_dim - shape.rope_dim, shape.value_width(),
                            "model.layers.#.self_attn.key_up_proj", "model.layers.#.self_attn.value_up_proj");
}

}  // namespace ingot::model::families
