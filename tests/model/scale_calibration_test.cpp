// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/scale_calibration.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/kernels/float_product.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/import.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

constexpr quant::Scheme four_bits{.bits = 4, .group = 32, .zero = quant::Zero::min};

/// A llama whose norms make every eighth channel large, as trained models have some.
std::filesystem::path outlier_model(const std::filesystem::path& directory) {
  const TinyModel tiny;
  TinyTensors tensors = tiny.tensors();
  for (auto& [name, tensor] : tensors)
    if (name.find("input_layernorm") != name.npos || name.find("post_attention_layernorm") != name.npos)
      for (std::size_t i = 3; i < tensor.values.size(); i += 8) tensor.values[i] *= 12;
  return write_checkpoint(directory, tiny.config_json(), tensors);
}

ExportOptions scaled(quant::ScaleRule rule, Search search = Search::nearest) {
  ExportOptions options = uniform(four_bits);
  options.head = quant::f32;
  options.scales = quant::ScaleSearch{.rule = rule};
  options.search = search;
  for (std::uint32_t i = 0; i < 4; ++i) options.calibration.sequences.push_back(random_tokens(60, TinyModel{}.shape.vocabulary, 20 + i));
  return options;
}

}  // namespace

TEST_CASE("scales found on a text take a part of what rounding costs, with GPTQ behind them too") {
  const TemporaryDirectory temporary;
  const auto from = outlier_model(temporary.path() / "m");
  const auto tokens = random_tokens(80, TinyModel{}.shape.vocabulary, 1);
  const auto exact = logits_of(*open_model(from, reference_mode), tokens);
  const auto lost = [&](const ExportOptions& options) {
    static_cast<void>(export_model(from, temporary.path() / "p", options));
    return 1 - cosine(logits_of(*open_model(temporary.path() / "p", reference_mode), tokens), exact);
  };
  ExportOptions plain = uniform(four_bits);
  plain.head = quant::f32;
  const double nearest = lost(plain);
  for (const quant::ScaleRule rule : {quant::ScaleRule::activation_aware, quant::ScaleRule::smooth}) {
    CHECK(lost(scaled(rule)) < 0.85 * nearest);
    CHECK(lost(scaled(rule, Search::gptq)) < 0.85 * nearest);
  }
}

TEST_CASE("the package is the same for every number of threads") {
  const TemporaryDirectory temporary;
  const auto from = outlier_model(temporary.path() / "m");
  for (const std::uint32_t threads : {1u, 3u}) {
    ExportOptions options = scaled(quant::ScaleRule::activation_aware);
    options.threads = threads;
    static_cast<void>(export_model(from, temporary.path() / std::to_string(threads), options));
  }
  CHECK(read_file(temporary.path() / "1" / "weights.safetensors") == read_file(temporary.path() / "3" / "weights.safetensors"));
}

TEST_CASE("every family's scales are searched, and its package still computes what it did") {
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    const TemporaryDirectory temporary;
    ExportOptions options = uniform({.bits = 8, .group = 32, .zero = quant::Zero::min});
    options.scales = quant::ScaleSearch{};
    options.calibration = {"", {golden.tokens}};
    static_cast<void>(export_model(golden.path, temporary.path() / "p", options));
    const auto model = open_model(temporary.path() / "p", reference_mode);
    CHECK(cosine(rows_of(*model, golden.tokens, at_once, golden.hidden), golden.logits) > std::min(0.999, 1 - 4 * (1 - golden.rounded[0])));
  }
}

TEST_CASE("the search reports each site and can be stopped") {
  const TemporaryDirectory temporary;
  const auto from = outlier_model(temporary.path() / "m");
  Cancellation cancellation;
  std::vector<std::string> steps;
  const auto stopped = try_export(
      from, temporary.path() / "p", scaled(quant::ScaleRule::smooth),
      [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
        steps.emplace_back(what);
        CHECK((done <= total && total == 8));
        if (done == 3) cancellation.request();
      },
      &cancellation);
  REQUIRE(!stopped);
  CHECK(stopped.error().code == ErrorCode::cancelled);
  CHECK(steps == std::vector<std::string>(3, "scales of layer 0"));
}

TEST_CASE("importance is that of a matrix's own inputs, divided by its factors") {
  const TemporaryDirectory temporary;
  const auto from = outlier_model(temporary.path() / "m");
  const ExportOptions options = scaled(quant::ScaleRule::activation_aware);
  const auto opened = open_checkpoint(from);
  REQUIRE(opened);
  const auto requests = list_weights(*opened);
  REQUIRE(requests);
  std::vector<std::string> notes;
  const auto planned = model::detail::plan(*requests, options, notes);
  Team team{2};
  const quant::Product product = kernels::float_product(kernels::best_functions(), team);
  const auto found = find_scales(*opened, *requests, planned, options.calibration, *options.scales, product, team);
  REQUIRE(found);

  struct Squares final : CalibrationObserver {
    Status observe(const WeightRequest& matrix, Rows<const float> x) override {
      std::vector<double>& sums = means[matrix.tensor->name];
      sums.resize(x.extent(1));
      for (std::size_t r = 0; r < x.extent(0); ++r)
        for (std::size_t i = 0; i < sums.size(); ++i)
          sums[i] += static_cast<double>(x(r, i)) * static_cast<double>(x(r, i)) / static_cast<double>(x.extent(0));
      return {};
    }
    Result<quant::RowSource> weights(const WeightRequest& matrix) override { return quant::row_source(*matrix.tensor); }
    Status end_layer(std::uint32_t) override { return {}; }
    std::map<std::string, std::vector<double>> means;
  } squares;
  REQUIRE(calibrate(*opened, *requests, options.calibration, squares, team));
  for (const char* const name : {"model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.q_proj.weight",
                                 "model.layers.1.mlp.up_proj.weight", "model.layers.1.mlp.down_proj.weight"}) {
    CAPTURE(name);
    std::vector<float> factors(squares.means.at(name).size(), 1.f);
    for (std::size_t s = 0; s < found->sites.size(); ++s)
      for (const ScaledAxis& axis : found->sites[s].readers)
        if (axis.tensor == name && !axis.rows && !found->factors[s].empty())
          for (std::size_t i = 0; i < factors.size(); ++i) factors[i] = found->factors[s][axis.factor(i)];
    const std::vector<float>& importance = found->importance.at(name);
    REQUIRE(importance.size() == factors.size());
    for (std::size_t i = 0; i < factors.size(); ++i) {
      const double expected = squares.means.at(name)[i] / static_cast<double>(factors[i] * factors[i]);
      CHECK(std::abs(static_cast<double>(importance[i]) - expected) <= 1e-4 * expected + 1e-12);
    }
  }
}
