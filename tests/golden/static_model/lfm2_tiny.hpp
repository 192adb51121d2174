// Written by ingot-export: the exact shape of one package. Use: ingot::StaticModel<lfm2_tiny>.
#pragma once

#include <ingot/model/families/all.hpp>
#include <ingot/model/static_model.hpp>

struct lfm2_tiny {
  static constexpr std::string_view model_type = "lfm2";
  static constexpr ingot::model::Family family = ingot::model::families::Lfm2::traits;
  static constexpr ingot::model::Shape shape{.hidden = 32, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 8, .intermediate = 24, .vocabulary = 51, .taps = 3};
  static constexpr ingot::Scheme scheme(ingot::model::Role role) {
    using namespace ingot;
    switch (role) {
      case model::Role::embedding: return quant::Scheme{.bits = 8, .group = 32};
      case model::Role::query: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::key: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::value: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::gate: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::up: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::down: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      case model::Role::head: return quant::Scheme{.bits = 8, .group = 32};
      case model::Role::convolution_input: return quant::Scheme{.bits = 8, .group = 32, .zero = quant::Zero::min};
      case model::Role::convolution_output: return quant::Scheme{.bits = 4, .group = 32, .zero = quant::Zero::min};
      default: return {.bits = 0};  // no such matrix
    }
  }
};
