// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/scaling_sites.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/open_families.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

struct Listed {
  ModelCheckpoint opened;
  std::vector<WeightRequest> requests;
  std::vector<ScalingSite> sites;
};

Listed list(const std::filesystem::path& path) {
  auto opened = open_checkpoint(path);
  REQUIRE(opened);
  auto requests = list_weights(*opened);
  REQUIRE(requests);
  auto sites = scaling_sites(opened->config, *requests);
  return {*std::move(opened), *std::move(requests), std::move(sites)};
}

std::vector<std::vector<float>> random_factors(const std::vector<ScalingSite>& sites) {
  std::mt19937 random{7};
  std::uniform_real_distribution<float> exponent{-1.5f, 1.5f};
  std::vector<std::vector<float>> factors;
  for (const ScalingSite& site : sites) {
    factors.emplace_back(site.size);
    for (float& factor : factors.back()) factor = std::exp2(exponent(random));
  }
  return factors;
}

}  // namespace

TEST_CASE("random factors folded into any family's weights leave what it computes") {
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    const Listed listed = list(golden.path);
    REQUIRE(!listed.sites.empty());
    const auto scaled = folded(listed.opened, listed.sites, random_factors(listed.sites));
    REQUIRE(scaled);

    const TemporaryDirectory temporary;
    auto writer = quant::PackageWriter::create(temporary.path() / "p", scaled->config.model_type);
    REQUIRE(writer);
    const auto report = export_weights(*scaled, uniform(quant::f32), *writer, {}, nullptr);
    REQUIRE(report);
    REQUIRE(writer->commit());
    const auto model = open_model(temporary.path() / "p", reference_mode);
    const auto rows = rows_of(*model, golden.tokens, at_once, golden.hidden);
    CHECK(largest_difference(rows, golden.logits) <= 1e-4 * std::max(1.0, deviation(golden.logits)));

    // Each tensor of each site has changed, or the factors were none.
    for (const ScalingSite& site : listed.sites)
      for (const auto* axes : {&site.writers, &site.readers})
        for (const ScaledAxis& axis : *axes) {
          const auto* const factors = scaled->files.tensors.find(axis.tensor)->factors.get();
          REQUIRE(factors != nullptr);
          const std::vector<float>& side = axis.rows ? factors->rows : factors->columns;
          CHECK(std::any_of(side.begin(), side.end(), [](float factor) { return factor != 1; }));
        }
  }
}

TEST_CASE("sites are where the graph is linear") {
  const auto readers = [](const ScalingSite& site) {
    std::string names;
    for (const ScaledAxis& axis : site.readers) names += axis.tensor.substr(axis.tensor.find('.', 13) + 1) + " ";
    return names;
  };
  const Listed llama = list(golden_models / "llama");
  const std::size_t layers = llama.opened.config.shape.layers;
  REQUIRE(llama.sites.size() == 4 * layers);
  CHECK(readers(llama.sites[0]) == "self_attn.q_proj.weight self_attn.k_proj.weight self_attn.v_proj.weight ");
  CHECK(readers(llama.sites[1]) == "mlp.gate_proj.weight mlp.up_proj.weight ");
  CHECK(readers(llama.sites[2]) == "self_attn.o_proj.weight ");
  CHECK(readers(llama.sites[3]) == "mlp.down_proj.weight ");
  CHECK(llama.sites[2].size == llama.opened.config.shape.v_width());
  CHECK(llama.sites[2].readers[0].copies == llama.opened.config.shape.group());

  const Listed bert = list(golden_models / "bert");  // norms behind the sum, GELU between up and down
  REQUIRE(bert.sites.size() == bert.opened.config.shape.layers);
  CHECK(readers(bert.sites[0]) == "self_attn.o_proj.weight ");
  const Listed phi = list(golden_models / "phi");  // one norm before both halves, and a bias of it
  CHECK(readers(phi.sites[0]) == "self_attn.q_proj.weight self_attn.k_proj.weight self_attn.v_proj.weight mlp.up_proj.weight ");
  CHECK(phi.sites[0].writers.size() == 2);
  const Listed mobile = list(golden_models / "mobilellm");  // blocks that run twice are scaled once
  CHECK(mobile.sites.size() == 4 * mobile.opened.config.shape.layers / mobile.opened.config.repeats);
}
