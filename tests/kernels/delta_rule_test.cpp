// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/delta_rule.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;
using kernels::DeltaTask;
using kernels::HeadShape;

static_assert(kernels::state_columns({128, 128}) == 128 && kernels::state_columns({16, 17}) == 32);
static_assert(kernels::delta_state_floats({16, 17}) == 16 * 32);

namespace {

constexpr float untouched = -777.0f;

/// One key head's rows with what lies between them, and the state of its value heads.
struct Fixture {
  std::size_t rows, heads;
  HeadShape head;
  std::size_t stride, output_stride, gate_stride;
  std::vector<float> mixed, output, gates, a_log, a_bias, state;  // mixed: query, key, values, and 3 floats that stay

  Fixture(std::size_t row_count, std::size_t head_count, HeadShape shape, Random& random)
      : rows{row_count},
        heads{head_count},
        head{shape},
        stride{2 * shape.key + head_count * shape.value + 3},
        output_stride{head_count * shape.value + 5},
        gate_stride{2 * head_count + 1},
        mixed{random.normals(rows * stride)},
        output(rows * output_stride, untouched),
        gates{random.normals(rows * gate_stride)},
        a_log{random.normals(heads)},
        a_bias{random.normals(heads)},
        state(heads * kernels::delta_state_floats(shape), 0.f) {
    for (std::size_t i = 0; i < state.size(); ++i)
      if (i % kernels::state_columns(head) < head.value) state[i] = random.normal();
  }
  [[nodiscard]] DeltaTask task(std::size_t first, std::size_t count) {
    return {.queries = &mixed[first * stride],
            .keys = &mixed[first * stride + head.key],
            .values = &mixed[first * stride + 2 * head.key],
            .output = &output[first * output_stride],
            .a = &gates[first * gate_stride],
            .b = &gates[first * gate_stride + heads],
            .stride = stride,
            .output_stride = output_stride,
            .gate_stride = gate_stride,
            .a_log = a_log.data(),
            .a_bias = a_bias.data(),
            .state = state.data(),
            .rows = static_cast<std::uint32_t>(count),
            .heads = static_cast<std::uint32_t>(heads),
            .head = head};
  }

  /// Outputs [rows][heads][value], then the states [heads][key][value], as the rule is written in the paper.
  [[nodiscard]] std::vector<double> expected() const {
    std::vector<double> out(rows * heads * head.value), last;
    for (std::size_t h = 0; h < heads; ++h) {
      std::vector<std::vector<double>> s(head.key, std::vector<double>(head.value));
      for (std::size_t i = 0; i < head.key; ++i)
        for (std::size_t j = 0; j < head.value; ++j) s[i][j] = state[(h * head.key + i) * kernels::state_columns(head) + j];
      for (std::size_t r = 0; r < rows; ++r) {
        const float* row = &mixed[r * stride];
        double q_square = 1e-6, k_square = 1e-6;
        for (std::size_t i = 0; i < head.key; ++i)
          q_square += double{row[i]} * row[i], k_square += double{row[head.key + i]} * row[head.key + i];
        const double a = double{gates[r * gate_stride + h]} + a_bias[h], b = gates[r * gate_stride + heads + h];
        const double decay = std::exp(-std::exp(double{a_log[h]}) * std::log1p(std::exp(a))), beta = 1 / (1 + std::exp(-b));
        for (std::size_t j = 0; j < head.value; ++j) {
          double memory = 0, o = 0;
          for (std::size_t i = 0; i < head.key; ++i) memory += (s[i][j] *= decay) * row[head.key + i] / std::sqrt(k_square);
          const double u = beta * (row[2 * head.key + h * head.value + j] - memory);
          for (std::size_t i = 0; i < head.key; ++i) {
            s[i][j] += row[head.key + i] / std::sqrt(k_square) * u;
            o += s[i][j] * row[i] / std::sqrt(q_square) / std::sqrt(double(head.key));
          }
          out[(r * heads + h) * head.value + j] = o;
        }
      }
      for (const auto& line : s) last.insert(last.end(), line.begin(), line.end());
    }
    out.insert(out.end(), last.begin(), last.end());
    return out;
  }
  [[nodiscard]] std::vector<float> results() const {
    std::vector<float> found;
    for (std::size_t r = 0; r < rows; ++r)
      found.insert(found.end(), &output[r * output_stride], &output[r * output_stride] + heads * head.value);
    for (std::size_t i = 0; i < state.size(); ++i)
      if (i % kernels::state_columns(head) < head.value) found.push_back(state[i]);
    return found;
  }
};

}  // namespace

TEST_CASE("the gated delta rule") {
  for (const Functions* f : runnable())
    for (const HeadShape head : {HeadShape{1, 1}, {3, 5}, {16, 16}, {17, 31}, {33, 70}, {64, 128}, {128, 128}})
      for (const std::size_t rows : {1u, 2u, 7u, 16u, 17u, 40u}) {
        CAPTURE(f->isa);
        CAPTURE(head.key);
        CAPTURE(head.value);
        CAPTURE(rows);
        Random random{5};
        const Fixture given(rows, 3, head, random);
        Fixture together = given, split = given;
        f->delta_rule(together.task(0, rows));
        const auto expected = given.expected();
        const auto found = together.results();
        double worst = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs(found[i] - expected[i]));
        CHECK(worst < 1e-5);

        for (std::size_t r = 0; r < rows; r += 3) f->delta_rule(split.task(r, std::min<std::size_t>(3, rows - r)));
        CHECK(split.output == together.output);
        CHECK(split.state == together.state);
        CHECK(split.mixed == together.mixed);

        for (std::size_t r = 0; r < rows; ++r) {  // what is not the task's
          for (std::size_t i = 0; i < 5; ++i) CHECK(together.output[(r + 1) * together.output_stride - 1 - i] == untouched);
          for (std::size_t i = 2 * head.key; i < given.stride; ++i)
            if (together.mixed[r * given.stride + i] != given.mixed[r * given.stride + i]) FAIL("values were written");
        }
        for (std::size_t i = 0; i < given.state.size(); ++i)
          if (i % kernels::state_columns(head) >= head.value && together.state[i] != 0.f) FAIL("the padding was written");
      }
}

TEST_CASE("gates far from zero: nothing fades, everything fades, nothing is written") {
  for (const Functions* f : runnable()) {
    CAPTURE(f->isa);
    Random random{6};
    const Fixture given(1, 1, {16, 16}, random);
    const auto run = [&](float a, float a_log, float b) {
      Fixture x = given;
      x.gates = {a, b, 0};
      x.a_log = {a_log};
      x.a_bias = {0};
      f->delta_rule(x.task(0, 1));
      for (const float v : x.results()) CHECK(std::isfinite(v));
      return x.state;
    };
    CHECK(run(-200, 0, -200) == given.state);               // softplus 0, beta 0
    CHECK(run(-200, -1000, -200) == given.state);           // exp(a_log) 0
    for (const float v : run(200, 0, -200)) CHECK(v == 0);  // a softplus of 200, where e^a is no float
    for (const float v : run(1, 1000, -200)) CHECK(v == 0);
    CHECK(run(-200, 0, 200) != given.state);
  }
}

TEST_CASE("rows of zeros have no length to divide by") {
  for (const Functions* f : runnable()) {
    Random random{7};
    Fixture x(2, 2, {16, 24}, random);
    std::fill(x.mixed.begin(), x.mixed.end(), 0.f);
    f->delta_rule(x.task(0, 2));
    for (const float v : x.results()) CHECK(std::isfinite(v));
    for (std::size_t i = 0; i < 2 * 24; ++i) CHECK(x.output[i] == 0);
  }
}
