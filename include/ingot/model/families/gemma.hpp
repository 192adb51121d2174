// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/gemma.hpp: Gemma 1 to 3, text (arXiv 2403.08295, 2408.00118, 2503.19786).

#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// What all Gemmas share: embeddings times sqrt(hidden), which transformers rounds to the type it computes in: ours is float. Errors:
/// see read_config(); unsupported (the encoder made from it).
inline Result<Config> read_gemma(const json::Value& root, const Dialect& dialect) {
  INGOT_TRY(Config config, read_config(root, dialect));
  INGOT_TRY(const bool encoder, text_config(root).get<bool>("use_bidirectional_attention", false));
  if (encoder) return Error{ErrorCode::unsupported, "Gemma without a causal mask is not supported", "config.json", {}};
  config.embedding_scale = std::sqrt(static_cast<float>(config.shape.hidden));
  return config;
}

/// transformers takes `hidden_act` at its word, though the first configs say "gelu" for the approximation that Gemma was trained with.
struct Gemma {
  static constexpr std::string_view name = "gemma";
  static constexpr std::string_view model_types[] = {"gemma"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{.defaults = {.kv_heads = 16, .head_dim = 256},
                                   .default_positions = 8192,
                                   .default_activation = "gelu_pytorch_tanh",
                                   .default_tied = true};

  /// Reads config.json. Errors: see read_gemma().
  static Result<Config> read(const json::Value& root) { return read_gemma(root, dialect); }
  static Status arrange(const Config&, Arrangement& names) {
    norms_plus_one(plain_names(names));
    return {};
  }
};

/// Norms on both sides of each half, soft caps, every second layer with a window.
struct Gemma2 {
  static constexpr std::string_view name = "gemma2";
  static constexpr std::string_view model_types[] = {"gemma2"};
  static constexpr Family traits{.residual = Residual::sandwich};
  static constexpr Dialect dialect{.activation = "hidden_activation",
                                   .defaults = {.kv_heads = 4, .head_dim = 256},
                                   .default_positions = 8192,
                                   .default_activation = "gelu_pytorch_tanh",
                                   .default_tied = true};

  /// Reads config.json. Errors: see read_gemma().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_gemma(root, dialect));
    const json::Value text = text_config(root);
    INGOT_TRY(const auto window, read_span(text, "sliding_window", 4096));
    INGOT_CHECK(read_sliding_layers(text, window, 2, config));
    INGOT_TRY(const float scalar, read_positive(text, "query_pre_attn_scalar", 256));
    config.attention_scale = 1 / std::sqrt(scalar);
    INGOT_TRY(config.attention_cap, read_cap(text, "attn_logit_softcapping", 50));
    INGOT_TRY(config.logit_cap, read_cap(text, "final_logit_softcapping", 30));
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    norms_plus_one(sandwich_names(plain_names(names)));
    return {};
  }
};

/// Norms of query and key heads, and two ropes: layers with a window turn by a small base. transformers reads no soft cap of the
/// products here.
struct Gemma3 {
  static constexpr std::string_view name = "gemma3";
  static constexpr std::string_view model_types[] = {"gemma3_text", "gemma3"};
  static constexpr Family traits{.residual = Residual::sandwich, .qk_norm = QkNorm::before_rope};
  /// Configs inside the multimodal ones leave out most of this (configuration_gemma3.py).
  static constexpr Dialect dialect{
      .activation = "hidden_activation",
      .defaults = {.hidden = 2304, .layers = 26, .heads = 8, .kv_heads = 4, .head_dim = 256, .intermediate = 9216, .vocabulary = 262208},
      .default_positions = 131072,
      .default_activation = "gelu_pytorch_tanh",
      .default_tied = true,
      .rope = {.theta = 1000000}};
  static constexpr Dialect alone = [] {
    Dialect own = dialect;
    own.defaults = {.kv_heads = 4, .head_dim = 256};
    return own;
  }();

  /// Reads config.json. Errors: see read_gemma().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_gemma(root, root.find("text_config") ? dialect : alone));
    const json::Value text = text_config(root);
    INGOT_TRY(const auto window, read_span(text, "sliding_window", 4096));
    INGOT_TRY(const auto pattern, read_count(text, "sliding_window_pattern", 1u << 30, 6));
    INGOT_TRY(const auto sliding, read_sliding_layers(text, window, pattern, config));
    INGOT_CHECK(read_ropes(text, config));
    for (std::size_t i = 0; i < sliding.size(); ++i) config.layers[i].rope = sliding[i] ? 1 : 0;
    INGOT_TRY(const float scalar, read_positive(text, "query_pre_attn_scalar", 256));
    config.attention_scale = 1 / std::sqrt(scalar);
    INGOT_TRY(config.logit_cap, read_cap(text, "final_logit_softcapping", 0));
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) { return Gemma2::arrange(config, names); }

 private:
  /// {full, sliding}: by layer type in transformers 5; before it `rope_theta` and `rope_scaling` were those of the full layers, and
  /// `rope_local_base_freq` the base of the others.
  static Status read_ropes(const json::Value& text, Config& config) {
    const std::uint32_t head_dim = config.shape.head_dim;
    INGOT_TRY(const double local, detail::positive(text, "rope_local_base_freq", 10000.0));
    const auto typed = text.find("rope_parameters");
    const auto full = typed ? typed->find("full_attention") : std::nullopt;
    const auto sliding = typed ? typed->find("sliding_attention") : std::nullopt;
    const auto scaling = text.find("rope_scaling");
    INGOT_TRY(config.ropes[0], read_rope(text, scaling ? scaling : full, head_dim, config.max_positions, dialect.rope));
    INGOT_TRY(RopeConfig second, read_rope(text, sliding, head_dim, config.max_positions, {.theta = local, .own_theta = true}));
    config.ropes.push_back(std::move(second));
    return {};
  }
};

}  // namespace ingot::model::families
