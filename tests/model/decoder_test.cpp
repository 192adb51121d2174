// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/decoder.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::test;

namespace {

/// Shapes that leave remainders everywhere: heads that are no multiple of a panel, one KV head, seven query heads for one key,
/// widths off 16 and 64, every family's extras.
std::vector<TinyModel> remainders() {
  const std::string windows = ",\"use_sliding_window\":true,\"sliding_window\":5,\"max_window_layers\":1";
  return {
      {},
      {.shape = {.hidden = 37, .layers = 1, .heads = 3, .kv_heads = 1, .head_dim = 10, .intermediate = 19, .vocabulary = 17},
       .tied = true,
       .seed = 2},
      {.model_type = "qwen2",
       .shape = {.hidden = 80, .layers = 3, .heads = 7, .kv_heads = 1, .head_dim = 12, .intermediate = 130, .vocabulary = 65},
       .bias = true,
       .more = windows,
       .seed = 3},
      {.model_type = "qwen3",
       .shape = {.hidden = 48, .layers = 2, .heads = 6, .kv_heads = 3, .head_dim = 32, .intermediate = 64, .vocabulary = 48},
       .norms = true,
       .seed = 4},
      {.shape = {.hidden = 16, .layers = 1, .heads = 1, .kv_heads = 1, .head_dim = 2, .intermediate = 1, .vocabulary = 1}, .seed = 5},
  };
}

}  // namespace

TEST_CASE("logits are those of the textbook formulas for every shape and instruction set") {
  for (const TinyModel& tiny : remainders()) {
    const TemporaryDirectory temporary;
    const auto path = write_checkpoint(temporary.path() / "m", tiny);
    const auto tokens = random_tokens(83, tiny.shape.vocabulary);
    std::vector<float> expected;
    for (const std::string& isa : runnable_isas()) {
      CAPTURE(tiny.seed);
      CAPTURE(isa);
      model::Options options = reference_mode;
      options.isa = isa;
      options.threads = 2;
      const auto model = open_model(path, options);
      if (expected.empty()) expected = plain_logits(model->config(), tiny.tensors(), tokens);
      const double limit = 1e-4 * std::max(1.0, deviation(expected));
      CHECK(largest_difference(logits_of(*model, tokens), expected) <= limit);
      CHECK(largest_difference(logits_of(*model, tokens, 5), expected) <= limit);
      CHECK(largest_difference(logits_of(*model, tokens, 1), expected) <= limit);
    }
  }
}

TEST_CASE("the number of threads changes no bit, in prefill and in decode") {
  const TemporaryDirectory temporary;
  const TinyModel tiny{
      .shape = {.hidden = 96, .layers = 2, .heads = 6, .kv_heads = 3, .head_dim = 16, .intermediate = 200, .vocabulary = 259}};
  const auto path = write_checkpoint(temporary.path() / "m", tiny);
  const auto tokens = random_tokens(kernels::span_positions + 10, tiny.shape.vocabulary);  // the last steps join two spans
  for (const std::string& isa : runnable_isas())
    for (const quant::Scheme& kv : kernels::kv_schemes) {
      CAPTURE(isa);
      CAPTURE(to_string(kv));
      const bool reference = kv == quant::f32;
      std::vector<float> prefill, decode;
      for (const std::uint32_t threads : {1u, 2u, 3u, 5u}) {
        CAPTURE(threads);
        const auto model = open_model(path, {.threads = threads, .positions = 600, .kv = kv, .float_weights = reference, .isa = isa});
        REQUIRE(model->team().size() == threads);
        const auto at_once = logits_of(*model, std::span{tokens}.first(70)), few_at_a_time = logits_of(*model, tokens, 4);
        if (prefill.empty()) prefill = at_once, decode = few_at_a_time;
        CHECK(same_bits(at_once, prefill));
        CHECK(same_bits(few_at_a_time, decode));
      }
    }
}

TEST_CASE("how a prompt is cut into steps changes no bit") {
  for (const std::string& name : golden_names) {
    const Golden golden = read_golden(name);
    for (const std::string& isa : runnable_isas())
      for (const quant::Scheme& kv : kernels::kv_schemes) {
        CAPTURE(name);
        CAPTURE(isa);
        CAPTURE(to_string(kv));
        const auto model =
            open_model(golden.path, {.threads = 2, .positions = 256, .kv = kv, .float_weights = kv == quant::f32, .isa = isa});
        const auto at_once = logits_of(*model, golden.tokens);
        for (const std::size_t chunk : {1, 2, 4, 5, 7, 16, 17}) {
          CAPTURE(chunk);
          CHECK(same_bits(logits_of(*model, golden.tokens, chunk), at_once));
        }
      }
  }
}

TEST_CASE("a decode step waits four times a layer") {
  const TemporaryDirectory temporary;
  const auto model = open_model(write_checkpoint(temporary.path() / "m", TinyModel{}), {.threads = 2, .positions = 64});
  const std::vector<std::int32_t> token{3};
  static_cast<void>(logits_of(*model, token));
  CHECK(model->team().barriers() == 4 * model->config().shape.layers);
}
