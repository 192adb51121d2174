// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/latent_attention.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/functions.hpp>
#include <ingot/model/backend.hpp>
#include <ingot/model/cached_heads.hpp>
#include <ingot/quant/pack.hpp>

#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr std::size_t heads = 5, in = 7, stride = 9, rows = 3;

const Config config = test::three_layers();

template <class Matrix>
struct Backend {
  template <Role>
  using matrix = Matrix;
  const kernels::Functions& kernels;
};

std::vector<float> normals(std::size_t count, std::uint32_t seed) {
  std::mt19937 engine{seed};
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& x : values) x = normal(engine);
  return values;
}

/// multiply_by_head() on two lanes against sums in double precision; between the heads of y nothing is written.
template <class Matrix>
void check(const Matrix& matrix, std::span<const float> weights, std::size_t out, std::size_t pitch) {
  const Backend<Matrix> backend{*kernels::find_functions("scalar")};
  const Weights<Backend<Matrix>> none;
  KvCache cache{*kv_shape(config, quant::f32), 64};
  const Batch batch = test::batch_of(SequenceId{0}, 0, rows);
  StepState state;
  state.reserve(StepWidths{config}, batch, 2, true);
  const Step<Backend<Matrix>> step{backend, none, config, {}, {}, batch, cache, state};
  RowBuffer inputs, outputs;
  const Rows<float> x = inputs.reserve(rows, heads * stride), y = outputs.reserve(rows, heads * pitch);
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(normals(heads * stride, static_cast<std::uint32_t>(r)).begin(), heads * stride, x.row(r));
    std::fill_n(y.row(r), heads * pitch, 77.f);
  }
  const Linear<Backend<Matrix>, Role::key_up> linear{matrix, nullptr};
  Team team{2};
  team.run([&](Lane& lane) {
    LanePass<Backend<Matrix>> pass{lane, step};
    multiply_by_head(pass, linear, lane.slice(heads), x, in, stride, y, out, pitch);
  });
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < heads * pitch; ++i) {
      const std::size_t head = i / pitch, row = i % pitch;
      double expected = row < out ? 0 : 77;
      for (std::size_t c = 0; row < out && c < in; ++c)
        expected += static_cast<double>(weights[(head * out + row) * in + c]) * static_cast<double>(x.row(r)[head * stride + c]);
      CHECK(y.row(r)[i] == doctest::Approx(expected).epsilon(1e-5));
    }
}

/// Both kinds of matrices, of heads of `Out` rows.
template <std::size_t Out>
void check_heads(std::size_t pitch) {
  CAPTURE(Out);
  const std::vector<float> weights = normals(heads * Out * in, 99);
  Team team{1};
  const auto packed = quant::pack(
      quant::f32, heads * Out, in,
      [&](std::size_t begin, std::size_t end, std::span<float> to) -> Status {
        std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(begin * in), (end - begin) * in, to.begin());
        return {};
      },
      team);
  REQUIRE(packed);
  const quant::MatrixView view = packed->view();
  check(kernels::Matrix{{view.layout(), view.quants.data(), view.scales.data()}, kernels::find_functions("scalar")->matrix(quant::f32)},
        weights, Out, pitch);
  check(StaticMatrix<quant::f32, heads * Out, in, kernels::isa::scalar>{view.quants.data(), view.scales.data()}, weights, Out, pitch);
}

}  // namespace

TEST_CASE("each head's rows meet inputs of their own, whether or not heads share panels") {
  check_heads<16>(16);
  check_heads<16>(21);
  check_heads<12>(12);
  check_heads<12>(20);
  check_heads<18>(19);
  check_heads<3>(5);
}
