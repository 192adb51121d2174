// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/rotation.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/open_families.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

TEST_CASE("a rotated stream leaves what any family computes whose norms are plain; the others are refused by name") {
  std::size_t turned = 0, refused = 0;
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    auto opened = open_checkpoint(golden.path);
    REQUIRE(opened);
    const Family traits = with_family(opened->config.model_type, []<class F>() { return F::traits; });
    const bool plain = traits.norm == Norm::rms && (traits.residual == Residual::pre || traits.residual == Residual::parallel);
    const std::size_t files = opened->files.tensors.files().size();
    const auto rotated = model::rotated(*std::move(opened), 7);
    if (!plain) {
      CHECK(rotated.error().code == ErrorCode::unsupported);
      CHECK(rotated.error().what.find("cannot be rotated") != std::string::npos);
      ++refused;
      continue;
    }
    INFO((rotated ? std::string{} : rotated.error().message()));
    if (golden.hidden) continue;  // rows behind the last norm are in the other basis: the program refuses embedding models
    REQUIRE(rotated);
    ++turned;
    CHECK(rotated->files.tensors.files().size() == files);
    const TemporaryDirectory temporary;
    auto writer = quant::PackageWriter::create(temporary.path() / "p", rotated->config.model_type);
    REQUIRE(writer);
    const auto report = export_weights(*rotated, uniform(quant::f32), *writer, {}, nullptr);
    REQUIRE(report);
    REQUIRE(writer->commit());
    CHECK(std::any_of(report->matrices.begin(), report->matrices.end(), [](const auto& m) { return m.name == "lm_head.weight"; }));
    const auto model = open_model(temporary.path() / "p", reference_mode);
    const auto rows = rows_of(*model, golden.tokens, at_once, golden.hidden);
    CHECK(largest_difference(rows, golden.logits) <= 1e-4 * std::max(1.0, deviation(golden.logits)));

    // The weights are others: an embedding of ones and zeros would not be.
    const auto* const embedding = rotated->files.tensors.find("model.embed_tokens.weight");
    REQUIRE(embedding != nullptr);
    CHECK(embedding->values != nullptr);
  }
  CHECK(turned >= 30);
  CHECK(refused >= 7);
}

TEST_CASE("the seed says which rotation") {
  const auto embedding = [](std::uint64_t seed) {
    auto opened = open_checkpoint(read_golden("llama").path);
    REQUIRE(opened);
    const auto rotated = model::rotated(*std::move(opened), seed);
    REQUIRE(rotated);
    const auto* const tensor = rotated->files.tensors.find("model.embed_tokens.weight");
    std::vector<float> values(tensor->elements());
    REQUIRE(checkpoint::decode_rows(*tensor, 0, tensor->rows(), values));
    return values;
  };
  CHECK(embedding(1) == embedding(1));
  CHECK(embedding(1) != embedding(2));
}
