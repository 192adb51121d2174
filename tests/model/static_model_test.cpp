// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/static_model.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

// As the exporter writes it (emit_header_test.cpp compares):
#include "golden/static_model/deepseek_v3_tiny.hpp"
#include "golden/static_model/lfm2_tiny.hpp"
#include "golden/static_model/mimo_v2_flash_tiny.hpp"
#include "golden/static_model/qwen3_next_tiny.hpp"
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

void export_tiny(const char* model, const std::filesystem::path& to, std::uint32_t activation_block = 0) {
  static_cast<void>(export_model(
      golden_models / model, to,
      {.layers = {.bits = 4, .group = 32, .zero = Zero::min}, .head = {.bits = 8, .group = 32}, .activation_block = activation_block}));
}

/// Both models of a package, fed all at once, in chunks and one by one, by one lane and by two.
template <class Exact>
void compare(const std::string& model, const std::filesystem::path& package, const quant::Scheme& kv) {
  CAPTURE(model);
  const Golden golden = read_golden(model);
  for (const std::uint32_t threads : {1u, 2u}) {
    CAPTURE(threads);
    const Options options{.threads = threads, .positions = 64, .kv = kv, .isa = std::string{kernels::isa::compiled::name()}};
    auto exact = Exact::open(package, options);
    INFO((exact ? std::string{} : exact.error().message()));
    REQUIRE(exact);
    const auto run_time = open_model(package, options);
    CHECK((*exact)->config().shape == run_time->config().shape);
    CHECK((*exact)->cost().weight_bytes == run_time->cost().weight_bytes);
    const auto expected = logits_of(*run_time, golden.tokens);
    for (const std::size_t chunk : {at_once, std::size_t{7}, std::size_t{1}}) {
      CAPTURE(chunk);
      CHECK(same_bits(logits_of(**exact, golden.tokens, chunk), expected));
    }
    CHECK(cosine(expected, golden.logits) > 0.7);  // a mixture that rounds to other experts; plain rounding loses as much
  }
}

}  // namespace

TEST_CASE("an exact-shape model gives the run-time model's logits, bit for bit") {
  const TemporaryDirectory temporary;
  export_tiny("qwen3", temporary.path() / "p");
  compare<Tiny>("qwen3", temporary.path() / "p", quant::bf16);
  compare<TinyExactKv>("qwen3", temporary.path() / "p", quant::f32);
  export_tiny("qwen3", temporary.path() / "p", 32);
  compare<Tiny>("qwen3", temporary.path() / "p", quant::bf16);
}

TEST_CASE("whatever its layers are") {
  const TemporaryDirectory temporary;
  const auto compare_golden = [&]<class Spec>(const char* model) {
    export_tiny(model, temporary.path() / "p");
    compare<StaticModel<Spec>>(model, temporary.path() / "p", quant::bf16);
  };
  compare_golden.operator()<qwen3_next_tiny>("qwen3_next");        // a delta rule, gated attention, a mixture with a shared expert
  compare_golden.operator()<deepseek_v3_tiny>("deepseek_v3");      // latent attention, experts in groups
  compare_golden.operator()<lfm2_tiny>("lfm2");                    // short convolutions
  compare_golden.operator()<mimo_v2_flash_tiny>("mimo_v2_flash");  // windows, sinks, layers that differ in their KV heads
}

TEST_CASE("a header describes one config") {
  Config config;
  config.model_type = "mimo_v2_flash";
  config.shape = mimo_v2_flash_tiny::shape;
  CHECK_FALSE(describes<mimo_v2_flash_tiny>(config));
  config.extents.assign(std::begin(mimo_v2_flash_tiny::extents), std::end(mimo_v2_flash_tiny::extents));
  CHECK(describes<mimo_v2_flash_tiny>(config));
  config.extents.back().kv_heads = 2;
  CHECK_FALSE(describes<mimo_v2_flash_tiny>(config));

  config.model_type = "qwen3";
  config.shape = qwen3_tiny::shape;
  CHECK_FALSE(describes<qwen3_tiny>(config));
  config.extents.clear();
  CHECK(describes<qwen3_tiny>(config));
  config.shape.vocabulary += 1;
  CHECK_FALSE(describes<qwen3_tiny>(config));
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
