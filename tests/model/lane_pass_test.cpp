// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/lane_pass.hpp>

#include <cstddef>
#include <cstdint>

#include <doctest/doctest.h>

#include <ingot/kernels/functions.hpp>
#include <ingot/model/cached_heads.hpp>

#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

const Config config = test::three_layers();

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
  const Batch batch = test::batch_of(SequenceId{0}, 0, 11);
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
