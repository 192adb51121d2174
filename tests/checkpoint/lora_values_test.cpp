// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/lora_values.hpp>

#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "checkpoint/tensor_file.hpp"

using namespace ingot;
using namespace ingot::checkpoint;
using namespace ingot::test;

namespace {
constexpr std::size_t rows = 10, columns = 300, rank = 2;

/// Random factors of a random matrix, and lengths 1, 2, 3, ...
struct Example {
  FloatTensor w = random_tensor({rows, columns}, 1), left = random_tensor({rows, rank}, 2), right = random_tensor({columns, rank}, 3);
  std::vector<float> lengths;
  Example() {
    for (std::size_t i = 1; i <= columns; ++i) lengths.push_back(static_cast<float>(i));
  }
  [[nodiscard]] std::shared_ptr<const LoraValues> values(LoraParts::Magnitude magnitude) const {
    const auto bytes = [](const std::vector<float>& v) { return std::as_bytes(std::span{v}); };
    return std::make_shared<const LoraValues>(
        LoraParts{.base = {.name = "w", .shape = {rows, columns}, .bytes = bytes(w.values), .file = "f"},
                  .block_rows = rows,
                  .rank = rank,
                  .scale = 0.25f,
                  .left = {.bytes = bytes(left.values), .step = rank, .ranks = 1},
                  .right = {.bytes = bytes(right.values), .step = rank, .ranks = 1},
                  .magnitude = magnitude,
                  .lengths = {.bytes = bytes(lengths), .step = 1}});
  }
  /// W + scale left right.
  [[nodiscard]] double plain(std::size_t row, std::size_t column) const {
    double sum = 0;
    for (std::size_t k = 0; k < rank; ++k) sum += double{left.values[row * rank + k]} * double{right.values[column * rank + k]};
    return double{w.values[row * columns + column]} + 0.25 * sum;
  }
};
}  // namespace

TEST_CASE("DoRA gives rows or columns their lengths, whichever part is asked for, by several threads at once") {
  const Example example;
  for (const bool by_rows : {true, false}) {
    INFO(by_rows);
    std::vector<double> norms(by_rows ? rows : columns);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t c = 0; c < columns; ++c) norms[by_rows ? row : c] += example.plain(row, c) * example.plain(row, c);
    const auto wanted = [&](std::size_t row, std::size_t c) {
      const std::size_t i = by_rows ? row : c;
      return example.plain(row, c) * static_cast<double>(i + 1) / std::sqrt(norms[i]);
    };
    for (const std::size_t begin : {std::size_t{17}, std::size_t{0}, columns - 1}) {
      const auto values = example.values(by_rows ? LoraParts::Magnitude::rows : LoraParts::Magnitude::columns);
      std::vector<std::vector<float>> parts(rows, std::vector<float>(columns - begin));
      std::vector<std::thread> threads;
      for (std::size_t row = 0; row < rows; ++row) threads.emplace_back([&, row] { values->decode(row, begin, parts[row]); });
      for (std::thread& thread : threads) thread.join();
      double worst = 0;
      for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = 0; i < parts[row].size(); ++i)
          worst = std::max(worst, std::abs(double{parts[row][i]} - wanted(row, begin + i)) / static_cast<double>(by_rows ? rows : columns));
      CHECK(worst < 1e-6);
    }
  }
}

TEST_CASE("parts of a row are those of the whole") {
  const Example example;
  const auto values = example.values(LoraParts::Magnitude::none);
  std::vector<float> whole(columns), part(columns);
  values->decode(3, 0, whole);
  for (std::size_t c = 0; c < columns; ++c) CHECK(std::abs(double{whole[c]} - example.plain(3, c)) < 1e-6);
  for (const std::size_t begin : {1u, 255u, 256u, 257u, 299u})
    for (const std::size_t size : {std::size_t{1}, columns - begin}) {
      const std::span<float> some = std::span{part}.first(size);
      values->decode(3, begin, some);
      CHECK(std::equal(some.begin(), some.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin)));
    }
  CHECK(values->lora() == values.get());
  CHECK(values->symmetric_codes() == nullptr);
  CHECK(!values->is_quantized());
}
