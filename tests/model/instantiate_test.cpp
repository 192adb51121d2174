// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/instantiate.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/quant/pack.hpp>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

/// Weights that come from neither a package nor a checkpoint: a user's own source.
class MemorySource final : public WeightSource {
 public:
  MemorySource(TinyTensors tensors, quant::Scheme scheme) : tensors_{std::move(tensors)}, scheme_{scheme} {}
  [[nodiscard]] bool has(std::string_view name) const override { return tensors_.contains(std::string{name}); }
  Result<quant::MatrixView> matrix(std::string_view name, Role, std::uint32_t rows, std::uint32_t columns) override {
    const std::vector<float>& values = tensors_.at(std::string{name}).values;
    const quant::RowSource source = [&](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
      std::copy(values.begin() + static_cast<std::ptrdiff_t>(begin * columns), values.begin() + static_cast<std::ptrdiff_t>(end * columns),
                out.begin());
      return {};
    };
    INGOT_TRY(auto packed, quant::pack(scheme_, rows, columns, source, team_));
    return packed_.emplace_back(std::make_unique<quant::PackedStorage>(std::move(packed)))->view();
  }
  Result<const float*> vector(std::string_view name, std::uint32_t, std::uint32_t) override {
    return tensors_.at(std::string{name}).values.data();
  }

 private:
  TinyTensors tensors_;
  quant::Scheme scheme_;
  Team team_{1};
  std::vector<std::unique_ptr<quant::PackedStorage>> packed_;
};

Config config_of(const TinyModel& tiny) {
  auto config = read_model_config(tiny.config_json(), {}, "tiny");
  REQUIRE(config);
  return *std::move(config);
}

}  // namespace

TEST_CASE("every family opens on weights from anywhere, in every KV scheme") {
  const TinyModel models[]{{.model_type = "llama"}, {.model_type = "qwen2", .bias = true}, {.model_type = "qwen3", .norms = true}};
  for (const TinyModel& tiny : models)
    for (const quant::Scheme& kv : kernels::kv_schemes) {
      CAPTURE(tiny.model_type);
      CAPTURE(to_string(kv));
      const Options options{.threads = 1, .positions = 64, .kv = kv};
      auto opened = with_family(tiny.model_type, [&]<class F>() {
        return Instantiate<F::traits>::open(config_of(tiny), std::make_unique<MemorySource>(tiny.tensors(), quant::f32),
                                            kernels::best_functions(), options);
      });
      REQUIRE(opened);
      CHECK((*opened)->cache().shape().scheme == kv);
      const auto tokens = random_tokens(11, tiny.shape.vocabulary);
      const auto expected = plain_logits((*opened)->config(), tiny.tensors(), tokens);
      const auto logits = logits_of(**opened, tokens);
      if (kv == quant::f32) CHECK(largest_difference(logits, expected) < 1e-4);
      CHECK(cosine(logits, expected) > 0.9995);
    }
}

TEST_CASE("a scheme without kernels is refused with the name of its tensor") {
  const TinyModel tiny;
  auto config = config_of(tiny);
  class Unknown final : public WeightSource {
    [[nodiscard]] bool has(std::string_view) const override { return true; }
    Result<quant::MatrixView> matrix(std::string_view, Role, std::uint32_t rows, std::uint32_t columns) override {
      quant::MatrixView view{};
      view.scheme = {.bits = 7};
      view.rows = rows, view.columns = columns;
      return view;
    }
    Result<const float*> vector(std::string_view, std::uint32_t, std::uint32_t) override { return static_cast<const float*>(nullptr); }
  };
  const auto opened =
      Instantiate<families::Llama::traits>::open(std::move(config), std::make_unique<Unknown>(), kernels::best_functions(), {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::unsupported);
  CHECK(opened.error().message().find("int7-g64") != std::string::npos);
  CHECK(opened.error().message().find("model.embed_tokens.weight") != std::string::npos);
}
