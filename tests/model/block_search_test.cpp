// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/block_search.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/kernels/float_product.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/model/open_families.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

constexpr quant::Scheme three_bits{.bits = 3, .group = 32, .zero = quant::Zero::min};

ExportOptions learned(Search search = Search::nearest) {
  ExportOptions options = uniform(three_bits);
  options.head = options.embedding = quant::f32;
  options.separate_embedding = true;
  options.scales = quant::ScaleSearch{.rule = quant::ScaleRule::learned, .epochs = 4};
  options.search = search;
  for (std::uint32_t i = 0; i < 4; ++i) options.calibration.sequences.push_back(random_tokens(60, TinyModel{}.shape.vocabulary, 20 + i));
  return options;
}

/// A checkpoint, and what is searched in it.
struct Searched {
  explicit Searched(const std::filesystem::path& from, const ExportOptions& asked, std::uint32_t threads = 2)
      : options{asked}, team{threads}, product{kernels::float_product(kernels::best_functions(), team)} {
    auto found = open_checkpoint(from);
    REQUIRE(found);
    opened = *std::move(found);
    auto listed = list_weights(opened);
    REQUIRE(listed);
    requests = *std::move(listed);
    std::vector<std::string> notes;
    plan = model::detail::plan(requests, options, notes);
  }
  [[nodiscard]] EquivalentScales scales() {
    auto found = find_scales(opened, requests, plan, options.calibration, *options.scales, product, team);
    REQUIRE(found);
    return *std::move(found);
  }

  ExportOptions options;
  Team team;
  quant::Product product;
  ModelCheckpoint opened;
  std::vector<WeightRequest> requests;
  std::vector<model::detail::PlannedMatrix> plan;
};

/// The residual streams of the calibration text behind each layer.
std::vector<std::vector<float>> streams(const std::filesystem::path& from, const model::Options& options, const CalibrationText& text) {
  const auto opened = open_model(from, options);
  std::vector<std::vector<float>> all;
  std::vector<float> stream(text.tokens() * opened->config().shape.hidden);
  for (std::size_t layer = 0; layer < opened->config().shape.layers; ++layer) {
    Batch batch;
    for (const auto& sequence : text.sequences) batch.add(opened->cache().create(), 0, sequence, Batch::Logits::none);
    REQUIRE(opened->advance(batch, {layer, layer + 1}, stream));
    all.push_back(stream);
  }
  return all;
}

}  // namespace

TEST_CASE("blocks lose less than with what their sites wanted, and the package is what was judged") {
  const TemporaryDirectory temporary;
  const auto from = write_checkpoint(temporary.path() / "m", TinyModel{});
  Searched searched{from, learned()};
  const EquivalentScales found = searched.scales();
  REQUIRE(found.blocks.size() == 2);
  CHECK(!found.clips.empty());
  for (const BlockLoss& loss : found.blocks) CHECK(loss.after < 0.97 * loss.before);

  static_cast<void>(export_model(from, temporary.path() / "p", searched.options));
  const CalibrationText& text = searched.options.calibration;
  const auto exact = streams(from, {.threads = 1, .positions = 2048, .kv = quant::f32, .float_weights = true}, text);
  const auto rounded = streams(temporary.path() / "p", {.threads = 1, .positions = 2048, .kv = quant::f32}, text);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    double sum = 0;
    const std::size_t hidden = exact[layer].size() / text.tokens();
    for (std::size_t t = 0; t < text.tokens(); ++t) {
      double lost = 0, all = 0;
      for (std::size_t i = t * hidden; i < (t + 1) * hidden; ++i) {
        lost += std::pow(static_cast<double>(rounded[layer][i]) - static_cast<double>(exact[layer][i]), 2);
        all += std::pow(static_cast<double>(exact[layer][i]), 2);
      }
      sum += lost / (lost + all);
    }
    CHECK(sum / static_cast<double>(text.tokens()) == doctest::Approx(found.blocks[layer].after).epsilon(1e-4));
  }
}

TEST_CASE("the search is the same for every number of threads") {
  const TemporaryDirectory temporary;
  const auto from = write_checkpoint(temporary.path() / "m", TinyModel{});
  const EquivalentScales one = Searched{from, learned(), 1}.scales(), three = Searched{from, learned(), 3}.scales();
  CHECK(one.factors == three.factors);
  CHECK(one.clips == three.clips);
}

TEST_CASE("every family's blocks are searched, and none gets worse") {
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    ExportOptions options = learned();
    options.layers = {.bits = 4, .group = 32, .zero = quant::Zero::min};
    options.calibration = {"", {golden.tokens}};
    options.scales->epochs = 2;
    const EquivalentScales found = Searched{golden.path, options}.scales();
    REQUIRE(!found.blocks.empty());
    for (const BlockLoss& loss : found.blocks) {
      CHECK(loss.after <= loss.before);
      CHECK(loss.after < 0.2);
    }
  }
}

TEST_CASE("a search of codes takes the factors, not the clips") {
  const TemporaryDirectory temporary;
  const auto from = write_checkpoint(temporary.path() / "m", TinyModel{});
  for (const Search search : {Search::gptq, Search::hqq}) {
    ExportOptions options = learned(search);
    options.scales->clips = false;
    static_cast<void>(export_model(from, temporary.path() / "without", options));
    options.scales->clips = true;
    static_cast<void>(export_model(from, temporary.path() / "with", options));
    CHECK(read_file(temporary.path() / "with" / quant::weights_file) == read_file(temporary.path() / "without" / quant::weights_file));
  }
}
