// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/matrix.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <ingot/kernels/fields.hpp>

#include "fixtures.hpp"

using namespace fixtures;

namespace {

constexpr float unwritten = -12345.0f;

/// y[t][n] in double precision, and the sum of the magnitudes that float rounding is relative to.
struct Reference {
  std::vector<double> y, magnitude;
  Reference(const PackedRandom& w, const Activations& x) : y(x.rows * w.layout.rows), magnitude(y.size()) {
    std::vector<PackedRandom::Terms> row(w.layout.columns);
    for (std::size_t n = 0; n < w.layout.rows; ++n) {
      for (std::size_t k = 0; k < row.size(); ++k) row[k] = w.terms(n, k);
      for (std::size_t t = 0; t < x.rows; ++t) {
        double sum = 0, size = 0;
        for (std::size_t k = 0; k < row.size(); ++k) {
          const double value = x.value(t, k), magnitude_of_weight = std::fabs(row[k].product) + std::fabs(row[k].min);
          sum += (row[k].product + row[k].min) * value, size += magnitude_of_weight * std::fabs(value);
        }
        y[t * w.layout.rows + n] = sum;
        magnitude[t * w.layout.rows + n] = size;
      }
    }
  }
};

std::vector<float> multiply(const Functions& f, const PackedRandom& w, const kernels::Input& x, std::size_t unit,
                            const kernels::Epilogue& epilogue = {}) {
  const std::size_t stride = w.layout.rows + 3;
  std::vector<float> y(x.rows * stride, unwritten);
  kernels::Matrix matrix{w.bytes(), f.matrix(w.layout.scheme)};
  REQUIRE(matrix.functions != nullptr);
  for (std::size_t panel = 0; panel < w.layout.panels(); panel += unit) {
    const Slice slice{panel, std::min(panel + unit, w.layout.panels())};
    matrix.multiply(x, y.data(), stride, slice, epilogue);
  }
  return y;
}

void check(const Scheme& scheme, std::size_t rows, std::size_t columns, std::size_t tokens, Random& random, std::uint32_t block = 0) {
  CAPTURE(to_string(scheme));
  CAPTURE(rows);
  CAPTURE(columns);
  CAPTURE(tokens);
  PackedRandom w{scheme, rows, columns, random};
  w.input_block = block;
  const auto values = random.normals(tokens * columns), bias = random.normals(rows);
  const Activations x{*kernels::find_functions("scalar"), w.layout, values, block};
  const Reference reference{w, x};
  const std::size_t stride = rows + 3;
  for (const Functions* f : runnable()) {
    CAPTURE(f->isa);
    const Activations own{*f, w.layout, values, block};
    REQUIRE(own.codes == x.codes);
    REQUIRE(own.scales == x.scales);
    REQUIRE(own.corrections == x.corrections);
    const auto y = multiply(*f, w, x.input(), w.layout.panels());
    double worst = 0;
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t n = 0; n < rows; ++n) {
        const std::size_t i = t * rows + n;
        worst = std::max(worst, std::fabs(y[t * stride + n] - reference.y[i]) / (reference.magnitude[i] + 1e-30));
      }
      for (std::size_t n = rows; n < stride; ++n) REQUIRE(y[t * stride + n] == unwritten);
    }
    REQUIRE(worst < 1e-6);
    REQUIRE(multiply(*f, w, x.input(), 1) == y);  // one panel at a time: the same bits
    for (const std::size_t t : {std::size_t{0}, tokens / 2, tokens - 1}) {
      const auto single = multiply(*f, w, x.input(t, 1), w.layout.panels());
      REQUIRE(std::equal(single.begin(), single.begin() + static_cast<std::ptrdiff_t>(rows),
                         y.begin() + static_cast<std::ptrdiff_t>(t * stride)));
    }
    const auto sum = multiply(*f, w, x.input(), 2, {kernels::Update::add, bias.data()});
    const auto biased = multiply(*f, w, x.input(), 3, {kernels::Update::store, bias.data()});
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t n = 0; n < rows; ++n) {
        REQUIRE(biased[t * stride + n] == y[t * stride + n] + bias[n]);
        REQUIRE(sum[t * stride + n] == unwritten + biased[t * stride + n]);
      }

    kernels::Matrix matrix{w.bytes(), f->matrix(scheme)};
    std::vector<float> row(columns + 1, unwritten);
    matrix.row(rows - 1, row.data());
    REQUIRE(row[columns] == unwritten);
    for (std::size_t k = 0; k < columns; ++k) {
      const double expected = w.weight(rows - 1, k);
      REQUIRE(std::fabs(row[k] - expected) <= 1e-6 * std::fabs(expected) + (scheme.zero == Zero::min ? 1e-5 : 0));
    }
  }
}

}  // namespace

TEST_CASE("blocks of activations of every size") {
  Random random{31};
  for (const Scheme& scheme :
       {Scheme{.bits = 4, .group = 32}, Scheme{.bits = 4, .group = 64, .zero = Zero::min}, Scheme{.bits = 8, .group = 32},
        Scheme{.bits = 4, .group = 32, .zero = Zero::min, .scale = quant::Scale::nested}, Scheme{.bits = 8, .group = 0}})
    for (const std::uint32_t block : {32u, 64u, 256u, 1024u}) check(scheme, 40, 600, 7, random, block);
}

namespace {

/// Every shipped scheme of `sparsity`, in shapes with every remainder.
void check_shipped(quant::Sparsity sparsity) {
  Random random{1};
  constexpr std::size_t row_counts[] = {1, 16, 17, 40, 33}, column_counts[] = {1, 5, 63, 64, 100, 256, 300, 520};
  constexpr std::size_t token_counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 33};
  std::size_t turn = 0;
  for (const Scheme& scheme : quant::shipped)
    for (const std::size_t columns : column_counts)  // shared kernels are met again with the next group
      for (int repeat = kernels::shares_kernels(scheme) ? 4 : 0; scheme.sparsity == sparsity && repeat < 5; ++repeat, ++turn)
        check(scheme, row_counts[turn % std::size(row_counts)], columns, token_counts[turn % std::size(token_counts)], random);
}

}  // namespace

TEST_CASE("every shipped scheme on every ISA agrees with double precision on the same bytes") { check_shipped(quant::Sparsity::dense); }

TEST_CASE("so does every 2:4 scheme, whatever bytes name its places") { check_shipped(quant::Sparsity::two_of_four); }

TEST_CASE("activations beyond one cache chunk are multiplied in several passes") {
  Random random{2};
  check({.bits = 4, .group = 64}, 32, 8192, 60, random);
  check(quant::f32, 20, 8192, 30, random);
}

TEST_CASE("no panels or no rows: nothing is written; planes at odd addresses are read all the same") {
  Random random{4};
  for (const Scheme scheme : {Scheme{.bits = 4, .group = 32}, Scheme{.bits = 8, .group = 0}, Scheme{.bits = 3, .group = 16},
                              Scheme{.bits = 4, .sparsity = quant::Sparsity::two_of_four}, quant::bf16}) {
    const PackedRandom w{scheme, 40, 70, random};
    const auto values = random.normals(3 * 70);
    Buffer<std::byte> quants{w.quants.size() + 1}, scales{w.scales.size() + 1};
    std::copy(w.quants.begin(), w.quants.end(), quants.begin() + 1);
    std::copy(w.scales.begin(), w.scales.end(), scales.begin() + 1);
    for (const Functions* f : runnable()) {
      const Activations x{*f, w.layout, values};
      std::vector<float> y(3 * 40, unwritten), z(y);
      const kernels::Matrix m{w.bytes(), f->matrix(scheme)}, odd{{w.layout, quants.data() + 1, scales.data() + 1}, m.functions};
      m.multiply(x.input(), y.data(), 40, {1, 1});
      m.multiply(x.input(), y.data(), 40, {3, 3});
      m.multiply(x.input(0, 0), y.data(), 40, {0, 3});
      CHECK(std::all_of(y.begin(), y.end(), [](float v) { return v == unwritten; }));
      m.multiply(x.input(), y.data(), 40, {0, 3});
      odd.multiply(x.input(), z.data(), 40, {0, 3});
      CHECK(y == z);
    }
  }
}

TEST_CASE("the extreme codes do not overflow on any ISA") {
  for (const Scheme scheme :
       {Scheme{.bits = 4, .group = 256}, Scheme{.bits = 8, .group = 0}, Scheme{.bits = 8, .group = 32, .zero = Zero::min},
        Scheme{.bits = 2, .group = 256}, Scheme{.bits = 3, .group = 0}, Scheme{.bits = 4, .group = 16}, Scheme{.bits = 5, .group = 256},
        Scheme{.bits = 4, .group = 0, .sparsity = quant::Sparsity::two_of_four},
        Scheme{.bits = 8, .group = 256, .sparsity = quant::Sparsity::two_of_four}, Scheme{.bits = 6, .group = 256, .zero = Zero::min},
        Scheme{.bits = 8, .group = 16, .zero = Zero::min}}) {
    Random random{3};
    PackedRandom w{scheme, 16, 4096, random};
    for (const auto& [fill, sign] : {std::pair{255, 1.0f}, std::pair{255, -1.0f}, std::pair{0, 1.0f}, std::pair{0, -1.0f}}) {
      for (std::byte& b : w.quants) b = static_cast<std::byte>(fill);
      const Activations x{*kernels::find_functions("scalar"), w.layout, std::vector<float>(4096, sign)};
      REQUIRE(std::abs(x.codes[17]) == 127);
      const Reference reference{w, x};
      for (const Functions* f : runnable()) {
        const auto y = multiply(*f, w, x.input(), 1);
        for (std::size_t n = 0; n < 16; ++n) CHECK(y[n] == doctest::Approx(reference.y[n]).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("a scheme that is not shipped has no kernels") {
  for (const Functions* f : runnable()) CHECK(f->matrix({.bits = 4, .group = 48}) == nullptr);
  CHECK(kernels::find_functions("avx9") == nullptr);
  CHECK(kernels::find_functions("") == nullptr);
}
