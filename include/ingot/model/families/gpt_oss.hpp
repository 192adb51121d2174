// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/gpt_oss.hpp: GPT-OSS: attention sinks, clamped experts in MXFP4, a window in every second layer.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct GptOss {
  static constexpr std::string_view name = "gpt_oss";
  static constexpr std::string_view model_types[] = {"gpt_oss"};
  static constexpr Family traits{.feed_forward = FeedForward::clamped, .router = Router::top_then_softmax};
  static constexpr Dialect dialect{
      .defaults = {.kv_heads = 8, .head_dim = 64}, .default_eps = 1e-5f, .default_positions = 131072, .rope = {.theta = 150000}};
  static constexpr ExpertKeys experts{
      .experts = "num_local_experts", .width = "intermediate_size", .default_experts = 128, .default_used = 4, .default_width = 2880};

  /// Reads config.json. Errors: see read_config(), read_experts().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_TRY(const auto parameters, rope_parameters(text));
    if (!parameters) {  // configuration_gpt_oss.py
      RopeConfig& rope = config.ropes[0];
      rope.scaling = RopeScaling::yarn;
      rope.factor = 32;
      rope.truncate = false;
      rope.original_positions = 4096;
    }
    INGOT_TRY(const auto window, read_span(text, "sliding_window", 128));
    INGOT_CHECK(read_sliding_layers(text, window, 2, config));
    INGOT_CHECK(read_experts(text, experts, config));
    for (Layer& layer : config.layers) layer.sparse = true;
    INGOT_TRY(config.glu_limit, read_positive(text, "swiglu_limit", 7));
    INGOT_TRY(config.glu_alpha, read_number(text, "swiglu_alpha", 1.702f));
    return config;
  }
  /// Gate and up have every second column of a matrix [experts, in, out], or every second row where it is stored as MXFP4.
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names)
        .experts("model.layers.#.mlp.experts.gate_up_proj_bias",
                 {"model.layers.#.mlp.experts.#.gate_proj.bias", "model.layers.#.mlp.experts.#.up_proj.bias"}, {.interleaved = true})
        .experts("model.layers.#.mlp.experts.down_proj_bias", {"model.layers.#.mlp.experts.#.down_proj.bias"});
    expert_names(names, {.transposed = true, .interleaved = true});
    return {};
  }
};

}  // namespace ingot::model::families
