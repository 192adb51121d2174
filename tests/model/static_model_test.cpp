// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/static_model.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

// As the exporter writes it (emit_header_test.cpp compares):
#include "golden/static_model/qwen3_tiny.hpp"
#include "model/exported.hpp"
#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

using Tiny = StaticModel<qwen3_tiny>;
using TinyExactKv = StaticModel<qwen3_tiny, kernels::isa::compiled, quant::f32>;
static_assert(Tiny::Backend::matrix<Role::down>::layout.columns == 80 && Tiny::Backend::matrix<Role::head>::layout.scheme.bits == 8);

void export_tiny(const std::filesystem::path& to) {
  static_cast<void>(
      export_model(golden_models / "qwen3", to, {.layers = {.bits = 4, .group = 32, .zero = Zero::min}, .head = {.bits = 8, .group = 32}}));
}

}  // namespace

TEST_CASE("an exact-shape model gives the run-time model's logits, bit for bit") {
  const TemporaryDirectory temporary;
  export_tiny(temporary.path() / "p");
  const Golden golden = read_golden("qwen3");
  Options options{.threads = 2, .positions = 64, .isa = std::string{kernels::isa::compiled::name()}};
  const auto compare = [&](Model& exact, Model& run_time) {
    CHECK(exact.config().shape == qwen3_tiny::shape);
    CHECK(exact.cost().weight_bytes == run_time.cost().weight_bytes);
    const auto expected = logits_of(run_time, golden.tokens);
    for (const std::size_t chunk : {golden.tokens.size(), std::size_t{7}, std::size_t{1}})
      CHECK(same_bits(logits_of(exact, golden.tokens, chunk), expected));
    CHECK(cosine(expected, golden.logits) > 0.9);
  };
  auto exact = Tiny::open(temporary.path() / "p", options);
  REQUIRE(exact);
  compare(**exact, *open_model(temporary.path() / "p", options));

  options.kv = quant::f32;
  auto exact_kv = TinyExactKv::open(temporary.path() / "p", options);
  REQUIRE(exact_kv);
  compare(**exact_kv, *open_model(temporary.path() / "p", options));
}

TEST_CASE("a package of another shape, family or scheme is refused") {
  const TemporaryDirectory temporary;
  const auto refused = [&](const char* model, const ExportOptions& options, const char* says) {
    static_cast<void>(export_model(golden_models / model, temporary.path() / "p", options));
    const auto opened = Tiny::open(temporary.path() / "p");
    REQUIRE_FALSE(opened);
    INFO(opened.error().message());
    CHECK(opened.error().code == ErrorCode::damaged);
    CHECK(opened.error().message().find(says) != std::string::npos);
    CHECK(opened.error().message().find("--emit-header") != std::string::npos);
  };
  const quant::Scheme layers{.bits = 4, .group = 32, .zero = Zero::min}, head{.bits = 8, .group = 32};
  refused("llama", {.layers = layers, .head = head}, "another model");
  refused("qwen3", {.layers = layers, .head = layers}, "lm_head.weight: ");
  refused("qwen3", {.layers = head, .head = head}, "q_proj.weight");
  refused("qwen3", {.layers = layers, .head = head, .embedding = quant::f32}, "model.embed_tokens.weight");

  const auto absent = Tiny::open(temporary.path() / "absent");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ErrorCode::not_found);
}
