// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/bit_allocation.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/exported.hpp"
#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

struct Allocated {
  Allocation allocation;
  ExportOptions options;
};
Result<Allocated> allocated(const std::string& name, const SizeTarget& target, ExportOptions options = {}) {
  const Golden golden = read_golden(name);
  INGOT_TRY(const auto opened, open_checkpoint(golden.path));
  options.threads = 2;
  options.calibration = {"golden", {golden.tokens, golden.tokens}};
  INGOT_TRY(auto allocation, allocate_bits(opened, target, options, {}, nullptr));
  return Allocated{std::move(allocation), std::move(options)};
}

}  // namespace

TEST_CASE("the export keeps to the target, and more bits cost less divergence") {
  double before = 1e9;
  for (const double bits : {6.5, 8.0, 10.5}) {
    const auto chosen = allocated("llama", {.bits_per_weight = bits});
    REQUIRE(chosen);
    const Allocation& allocation = chosen->allocation;
    CHECK(allocation.bits_per_weight <= bits);
    CHECK(allocation.divergence > 0);
    CHECK(allocation.divergence < before);
    CHECK(allocation.tokens > 0);
    before = allocation.divergence;
    double sum = 0;
    for (const AllocatedMatrix& m : allocation.matrices) {
      CHECK(chosen->options.schemes.at(m.name) == m.layout.scheme);
      CHECK(m.divergence >= 0);
      sum += m.divergence;
    }
    CHECK(sum == doctest::Approx(allocation.divergence));
    const TemporaryDirectory temporary;
    const ExportReport report = export_model(golden_models / "llama", temporary.path() / "p", chosen->options);
    CHECK(report.bits_per_weight() == doctest::Approx(allocation.bits_per_weight));
  }
}

TEST_CASE("a size is that of the file") {
  const auto least = allocated("qwen3", {.bytes = 1});
  REQUIRE_FALSE(least);
  CHECK(least.error().code == ErrorCode::usage);
  CHECK(least.error().message().find("MB") != std::string::npos);
  const std::uint64_t bytes = 120'000;
  const auto chosen = allocated("qwen3", {.bytes = bytes});
  REQUIRE(chosen);
  const TemporaryDirectory temporary;
  static_cast<void>(export_model(golden_models / "qwen3", temporary.path() / "p", chosen->options));
  CHECK(std::filesystem::file_size(temporary.path() / "p" / "weights.safetensors") <= bytes);
}

TEST_CASE("matrices with schemes of their own keep them") {
  ExportOptions options;
  options.schemes["model.layers.0.self_attn.q_proj.weight"] = {.bits = 8, .group = 32};
  const auto chosen = allocated("llama", {.bits_per_weight = 8}, options);
  REQUIRE(chosen);
  CHECK(chosen->options.schemes.at("model.layers.0.self_attn.q_proj.weight") == quant::Scheme{.bits = 8, .group = 32});
  CHECK(std::none_of(chosen->allocation.matrices.begin(), chosen->allocation.matrices.end(),
                     [](const AllocatedMatrix& m) { return m.name.find("0.self_attn.q_proj") != std::string::npos; }));
}

TEST_CASE("an embedding stored apart has a choice where it is asked for, and leaves more to others") {
  const auto fixed = allocated("llama", {.bits_per_weight = 6.5}), chosen = allocated("llama", {.bits_per_weight = 6.5, .embedding = true});
  REQUIRE(fixed);
  REQUIRE(chosen);
  const auto embedding = [](const Allocated& of) {
    return std::find_if(of.allocation.matrices.begin(), of.allocation.matrices.end(),
                        [](const AllocatedMatrix& m) { return m.role == Role::embedding; });
  };
  CHECK(embedding(*fixed) == fixed->allocation.matrices.end());
  REQUIRE(embedding(*chosen) != chosen->allocation.matrices.end());
  CHECK(embedding(*chosen)->layout.scheme.is_integer());
  CHECK(embedding(*chosen)->sensitivity > 0);
  CHECK(chosen->allocation.divergence < fixed->allocation.divergence);
  CHECK(chosen->allocation.bits_per_weight <= 6.5);
  const TemporaryDirectory temporary;
  const ExportReport report = export_model(golden_models / "llama", temporary.path() / "p", chosen->options);
  CHECK(report.bits_per_weight() == doctest::Approx(chosen->allocation.bits_per_weight));
  // One that is tied is the head's matrix, even where its rows are stored a second time.
  ExportOptions apart;
  apart.separate_embedding = true;
  const auto tied = allocated("llama-tied", {.bits_per_weight = 10, .embedding = true}, apart);
  REQUIRE(tied);
  CHECK(embedding(*tied) == tied->allocation.matrices.end());
}

TEST_CASE("without a text there is nothing to measure") {
  const auto opened = open_checkpoint(golden_models / "llama");
  REQUIRE(opened);
  ExportOptions options;
  const auto chosen = allocate_bits(*opened, {.bits_per_weight = 5}, options, {}, nullptr);
  REQUIRE_FALSE(chosen);
  CHECK(chosen.error().code == ErrorCode::usage);
}
