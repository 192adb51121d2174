// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<qwen3_next_tiny>.
#pragma once

#include <ingot/model/families/all.hpp>
#include <ingot/model/static_model.hpp>

struct qwen3_next_tiny {
  static constexpr std::string_view model_type = "qwen3_next";
  static constexpr ingot::model::Family family = ingot::model::families::Qwen3Next::traits;
  static constexpr ingot::model::Shape shape{.hidden = 32, .layers = 3, .heads = 4, .kv_heads = 1, .head_dim = 16, .intermediate = 24, .vocabulary = 51, .experts = 3, .experts_used = 2, .expert_width = 8, .shared_width = 16, .delta_key_heads = 2, .delta_heads = 4, .delta_key = 8, .delta_value = 8, .taps = 4};
  static constexpr ingot::Scheme scheme(ingot::model::Role role) {
    using namespace ingot;
    switch (role) {
      case model::Role::embedding: return quant::bf16;
      case model::Role::query: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::key: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::value: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::head: return quant::Scheme{.bits = 8, .group = 32};
      case model::Role::attention_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::router: return quant::f32;
      case model::Role::expert_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::expert_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::expert_down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_switch: return quant::f32;
      case model::Role::delta_query: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::delta_key: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::delta_value: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::delta_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::delta_beta: return quant::f32;
      case model::Role::delta_decay: return quant::f32;
      case model::Role::delta_output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      default: return {.bits = 0};  // no such matrix
    }
  }
};
