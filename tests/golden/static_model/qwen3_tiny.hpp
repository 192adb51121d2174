// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<qwen3_tiny>.
#pragma once

#include <ingot/model/families/all.hpp>
#include <ingot/model/static_model.hpp>

struct qwen3_tiny {
  static constexpr std::string_view model_type = "qwen3";
  static constexpr ingot::model::Family family = ingot::model::families::Qwen3::traits;
  static constexpr ingot::model::Shape shape{.hidden = 48, .layers = 2, .heads = 3, .kv_heads = 1, .head_dim = 32, .intermediate = 80, .vocabulary = 107};
  static constexpr ingot::Scheme scheme(ingot::model::Role role) {
    using namespace ingot;
    switch (role) {
      case model::Role::embedding: return quant::f16;
      case model::Role::query: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::key: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::value: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::head: return quant::Scheme{.bits = 8, .group = 32};
      default: return {.bits = 0};  // no such matrix
    }
  }
};
