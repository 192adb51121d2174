// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<mimo_v2_flash_tiny>.
#pragma once

#include <ingot/model/families/all.hpp>
#include <ingot/model/static_model.hpp>

struct mimo_v2_flash_tiny {
  static constexpr std::string_view model_type = "mimo_v2_flash";
  static constexpr ingot::model::Family family = ingot::model::families::MimoV2Flash::traits;
  static constexpr ingot::model::Shape shape{.hidden = 32, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 12, .intermediate = 24, .vocabulary = 51, .value_dim = 8, .experts = 4, .experts_used = 2, .expert_width = 16};
  static constexpr ingot::model::Shape extents[] = {
      {.hidden = 32, .layers = 3, .heads = 4, .kv_heads = 1, .head_dim = 12, .intermediate = 24, .vocabulary = 51, .value_dim = 8, .experts = 4, .experts_used = 2, .expert_width = 16},
      {.hidden = 32, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 12, .intermediate = 24, .vocabulary = 51, .value_dim = 8, .experts = 4, .experts_used = 2, .expert_width = 16},
      {.hidden = 32, .layers = 3, .heads = 4, .kv_heads = 1, .head_dim = 12, .intermediate = 24, .vocabulary = 51, .value_dim = 8, .experts = 4, .experts_used = 2, .expert_width = 16},
  };
  static constexpr ingot::Scheme scheme(ingot::model::Role role) {
    using namespace ingot;
    switch (role) {
      case model::Role::embedding: return quant::bf16;
      case model::Role::query: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::key: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::value: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::head: return quant::Scheme{.bits = 8, .group = 32};
      case model::Role::router: return quant::f32;
      case model::Role::expert_gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::expert_up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::expert_down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      default: return {.bits = 0};  // no such matrix
    }
  }
};
