// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/layer_state.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/cached_heads.hpp>

using namespace ingot;

namespace {
constexpr model::Shape delta() {
  model::Shape shape{.hidden = 40};
  shape.delta_key_heads = 2, shape.delta_heads = 6, shape.delta_key = 10, shape.delta_value = 21, shape.taps = 4;
  return shape;
}
}  // namespace

TEST_CASE("the state of a layer holds the inputs of its convolution and the matrices of its heads") {
  constexpr model::DeltaState state{delta()};
  constexpr std::size_t channels = 2 * 2 * 10 + 6 * 21;
  CHECK((state.heads >= 3 * channels && state.heads < 3 * channels + 16 && state.heads % 16 == 0));
  CHECK(state.head_floats == 10 * 32);
  CHECK(model::state_floats(delta(), model::Mixer::delta) == state.heads + 6 * 10 * 32);
  CHECK(model::state_floats(delta(), model::Mixer::convolution) == 3 * 40);
  CHECK(model::state_floats(delta(), model::Mixer::attention) == 0);
  constexpr model::Shape widest{.hidden = 1, .delta_heads = 1u << 12, .delta_key = 1u << 12, .delta_value = 1u << 12};
  CHECK(model::state_floats(widest, model::Mixer::delta) == std::size_t{1} << 36);  // no 32-bit product
}

TEST_CASE("a config may not ask for more memory than models have") {
  model::Config config;
  config.shape = {.hidden = 64, .layers = 64, .heads = 4, .kv_heads = 2, .head_dim = 16};
  config.shape.delta_key_heads = 16, config.shape.delta_heads = 64, config.shape.delta_key = config.shape.delta_value = 128;
  config.layers.assign(config.shape.layers, {.mixer = model::Mixer::delta});
  CHECK(model::kv_shape(config, quant::f32));
  config.shape.delta_heads = 1u << 10;
  CHECK(!model::kv_shape(config, quant::f32));
}

TEST_CASE("projections of a delta layer do not overlap") {
  constexpr model::DeltaColumns at{delta()};
  CHECK((at.query == 0 && at.key == 20 && at.value == 40));  // channels of the convolution: side by side
  CHECK((at.gate >= 40 + 126 && at.beta >= at.gate + 126 && at.decay >= at.beta + 6 && at.width == at.decay + 6));
}

TEST_CASE("runs are cut at multiples of the snapshots' distance") {
  using Cut = std::vector<std::vector<std::uint32_t>>;
  const auto cuts = [](std::uint32_t position, std::uint32_t rows) {
    Cut found;
    model::each_stretch({.row = 5, .rows = rows, .position = position}, [&](std::uint32_t row, std::uint32_t count, std::uint32_t end) {
      found.push_back({row, count, end});
    });
    return found;
  };
  CHECK(cuts(0, 0) == Cut{});
  CHECK(cuts(0, 1) == Cut{{5, 1, 1}});
  CHECK(cuts(0, 64) == Cut{{5, 64, 64}});
  CHECK(cuts(63, 1) == Cut{{5, 1, 64}});
  CHECK(cuts(63, 2) == Cut{{5, 1, 64}, {6, 1, 65}});
  CHECK(cuts(10, 130) == Cut{{5, 54, 64}, {59, 64, 128}, {123, 12, 140}});
}
