// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<deepseek_v3_tiny>.
#pragma once

#include <ingot/model/families/all.hpp>
#include <ingot/model/static_model.hpp>

struct deepseek_v3_tiny {
  static constexpr std::string_view model_type = "deepseek_v3";
  static constexpr ingot::model::Family family = ingot::model::families::DeepseekV3::traits;
  static constexpr ingot::model::Shape shape{.hidden = 32, .layers = 2, .heads = 4, .kv_heads = 4, .head_dim = 16, .intermediate = 24, .vocabulary = 51, .value_dim = 16, .experts = 6, .experts_used = 3, .expert_width = 8, .shared_width = 8, .kv_rank = 16, .rope_dim = 8};
  static constexpr ingot::Scheme scheme(ingot::model::Role role) {
    using namespace ingot;
    switch (role) {
      case model::Role::embedding: return quant::bf16;
      case model::Role::query: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::head: return quant::Scheme{.bits = 8, .group = 32};
      case model::Role::kv_down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::key_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::value_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::router: return quant::f32;
      case model::Role::expert_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::expert_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::expert_down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::shared_down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      default: return {.bits = 0};  // no such matrix
    }
  }
};
