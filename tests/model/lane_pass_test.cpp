// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/lane_pass.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/functions.hpp>
#include <ingot/model/cached_heads.hpp>

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr Shape shape{.hidden = 40, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 24, .intermediate = 70, .vocabulary = 100};

Config three_layers() {
  Config config;
  config.shape = shape;
  config.layers.resize(shape.layers);
  return config;
}
const Config config = three_layers();

Batch batch_of(SequenceId sequence, std::uint32_t position, std::size_t rows) {
  Batch batch;
  batch.add(sequence, position, std::vector<std::int32_t>(rows, 1), Batch::Logits::none);
  return batch;
}

struct Backend {
  template <Role>
  using matrix = kernels::Matrix;
  const kernels::Functions& kernels;
};

}  // namespace

TEST_CASE("lanes quantize a shared input once a form, each its rows") {
  const kernels::Functions& k = kernels::best_functions();
  const Backend backend{k};
  const Weights<Backend> weights;
  KvCache cache{*kv_shape(config, quant::f32), 64};
  const Batch batch = batch_of(SequenceId{0}, 0, 11);
  StepState state;
  state.reserve(StepWidths{config}, batch, 3, true);
  const Step<Backend> step{backend, weights, config, {}, {}, batch, cache, state};
  for (std::size_t r = 0; r < 11; ++r)
    for (std::size_t c = 0; c < 40; ++c) state.lane(0).normed.row(r)[c] = static_cast<float>(r + 1) * (c % 2 == 0 ? 1.0f : -1.0f);
  Team team{3};
  team.run([&](Lane& lane) {
    LanePass<Backend> pass{lane, step};
    pass.feed(pass.normed, 40);
    const kernels::InputForm four = kernels::form_of({{.bits = 4, .group = 32}, 16, 40}),
                             eight = kernels::form_of({{.bits = 8, .group = 0}, 16, 40});
    const kernels::Input first = pass.input(four);
    for (std::size_t r = 0; r < 11; ++r) {
      CHECK(first.codes[r * first.stride] == 127);
      CHECK(first.scales[r] * 127 == doctest::Approx(static_cast<double>(r + 1)));
    }
    const std::uint32_t barriers = lane.barriers();
    CHECK(pass.input(four).codes == first.codes);
    CHECK(lane.barriers() == barriers);
    const kernels::Input second = pass.input(eight);
    CHECK(second.stride == eight.columns);
    for (std::size_t r = 0; r < 11; ++r) CHECK(second.codes[r * second.stride + 1] == -127);
    const kernels::Input floats = pass.input({});
    CHECK(floats.floats == pass.normed.data());
    CHECK(floats.rows == 11);
  });
}
