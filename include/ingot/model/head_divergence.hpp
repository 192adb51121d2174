// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/head_divergence.hpp: how far hidden states, or a head, move the prediction of the next token.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model::detail {

/// KL divergence of predictions from those of reference states, a block of the vocabulary after the other: no row of logits is kept.
class HeadDivergence {
 public:
  /// hidden: [tokens, hidden], as the head takes them
  HeadDivergence(const WeightRequest& head, const Config& config, const Buffer<float>& hidden, Team& team)
      : head_{head}, config_{config}, hidden_{hidden}, team_{team} {}

  /// The mean over tokens of KL(reference || changed), in nats; `change` alters rows of the head, [any, hidden], for the changed logits.
  [[nodiscard]] Result<double> measure(const Buffer<float>& hidden, const std::function<void(std::span<float>)>& change) const {
    const std::size_t rows = head_.tensor->rows(), columns = head_.tensor->columns(), tokens = hidden_.size() / columns;
    const quant::RowSource source = quant::row_source(*head_.tensor);
    std::vector<Sums> sums(tokens);
    Buffer<float> reference{tokens * block}, changed{tokens * block};
    for (std::size_t first = 0; first < rows; first += block) {
      const std::size_t count = std::min(block, rows - first);
      const auto part = [&](bool is_changed) {
        return [&, is_changed](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
          INGOT_CHECK(source(first + begin, first + end, out));
          if (is_changed && change) change(out);
          return {};
        };
      };
      INGOT_CHECK(multiply(hidden_, part(false), count, columns, reference));
      INGOT_CHECK(multiply(hidden, part(true), count, columns, changed));
      team_.run([&](Lane& lane) {
        const Slice mine = lane.slice(tokens);
        for (std::size_t t = mine.begin; t < mine.end; ++t)
          sums[t].add({reference.data() + t * block, count}, {changed.data() + t * block, count}, config_);
      });
    }
    double total = 0;
    for (const Sums& sum : sums) total += sum.divergence();
    return total / static_cast<double>(tokens);
  }

 private:
  static constexpr std::size_t block = 4096;

  /// What the logits of one token have come to so far: those of the reference are a, the changed ones b.
  struct Sums {
    double top_a = -std::numeric_limits<double>::infinity(), top_b = top_a;
    double sum_a = 0, sum_b = 0, weighted = 0;  // of e^(a - top_a), e^(b - top_b), e^(a - top_a) (a - b)

    void add(std::span<const float> a, std::span<const float> b, const Config& config) {
      const double highest_a = std::max(top_a, logit(*std::max_element(a.begin(), a.end()), config));
      const double highest_b = std::max(top_b, logit(*std::max_element(b.begin(), b.end()), config));
      const double shrink = std::exp(top_a - highest_a);
      sum_a *= shrink, weighted *= shrink, sum_b *= std::exp(top_b - highest_b);
      top_a = highest_a, top_b = highest_b;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double at = logit(a[i], config), bt = logit(b[i], config), p = std::exp(at - top_a);
        sum_a += p, weighted += p * (at - bt), sum_b += std::exp(bt - top_b);
      }
    }
    [[nodiscard]] double divergence() const {
      return std::max(0.0, weighted / sum_a - (top_a + std::log(sum_a)) + top_b + std::log(sum_b));
    }
    /// As Decoder::head() scales and bounds them.
    [[nodiscard]] static double logit(float x, const Config& config) {
      const double scaled = static_cast<double>(x) * static_cast<double>(config.logit_scale), cap = static_cast<double>(config.logit_cap);
      return cap != 0 ? cap * std::tanh(scaled / cap) : scaled;
    }
  };

  /// y [tokens, block] = x [tokens, columns] WT of `count` rows.
  Status multiply(const Buffer<float>& x, const quant::RowSource& weights, std::size_t count, std::size_t columns, Buffer<float>& y) const {
    INGOT_TRY(const auto packed, quant::pack(quant::f32, count, columns, weights, team_));
    const quant::PackedLayout layout = packed.layout();
    const kernels::Matrix matrix{{layout, packed.view().quants.data(), nullptr}, kernels::best_functions().matrix(quant::f32)};
    const kernels::Input input{.floats = x.data(), .stride = columns, .rows = x.size() / columns};
    team_.run([&](Lane& lane) {
      const Slice mine = lane.slice(layout.panels());
      if (!mine.empty()) matrix.multiply(input, y.data(), block, mine, {});
    });
    return {};
  }

  const WeightRequest& head_;
  const Config& config_;
  const Buffer<float>& hidden_;
  Team& team_;
};

}  // namespace ingot::model::detail
