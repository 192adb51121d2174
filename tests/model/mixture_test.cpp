// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/mixture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/model/instantiate.hpp>
#include <ingot/quant/pack.hpp>

#include <doctest/doctest.h>

#include "model/golden.hpp"
#include "model/plain_mixture.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::test;
using model::Family;
using model::FeedForward;
using model::Role;
using model::Router;

namespace {

/// Weights of a test, packed when they are asked for.
class TensorSource final : public model::WeightSource {
 public:
  /// layers: scheme of the matrices of experts, whose down projections may have one of their own
  TensorSource(const TinyTensors& tensors, quant::Scheme layers, quant::Scheme down) : tensors_{tensors}, layers_{layers}, down_{down} {}

  [[nodiscard]] bool has(std::string_view name) const override { return tensors_.contains(std::string{name}); }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    const auto found = tensors_.find(std::string{name});
    if (found == tensors_.end() || found->second.shape != std::vector<std::size_t>{rows, columns})
      return Error{ErrorCode::damaged, "no such matrix", std::string{name}, {}};
    const quant::RowSource decode = [&](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
      std::copy_n(found->second.values.begin() + static_cast<std::ptrdiff_t>(begin * columns), (end - begin) * columns, out.begin());
      return {};
    };
    Team team{1};
    const bool wide = role == Role::expert_gate || role == Role::expert_up || role == Role::shared_gate || role == Role::shared_up;
    const bool narrow = role == Role::expert_down || role == Role::shared_down;
    INGOT_TRY(auto packed, quant::pack(wide ? layers_ : narrow ? down_ : quant::f32, rows, columns, decode, team));
    return (packed_[std::string{name}] = std::make_unique<quant::PackedStorage>(std::move(packed)))->view();
  }
  Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t) override {
    const auto found = tensors_.find(std::string{name});
    if (found == tensors_.end() || found->second.values.size() != size)
      return Error{ErrorCode::damaged, "no such vector", std::string{name}, {}};
    return found->second.values.data();
  }

 private:
  TinyTensors tensors_;
  quant::Scheme layers_, down_;
  std::map<std::string, std::unique_ptr<quant::PackedStorage>> packed_;
};

/// A small model with experts in all layers but the first, or in all where no dense feed-forward is of that kind.
template <Family F>
struct TinyMixture {
  model::Config config;
  TinyTensors tensors;

  TinyMixture(const TinyModel& tiny, const model::RoutingConfig& routing, bool with_switch, bool biases) : tensors{tiny.tensors()} {
    const auto document = json::Document::parse(tiny.config_json(), "config.json");
    REQUIRE(document);
    auto read = model::families::Llama::read(document->root());
    REQUIRE(read);
    config = *std::move(read);
    const model::Shape s = tiny.shape;
    config.shape = s;
    config.routing = routing;
    config.glu_limit = 1.5f;
    std::mt19937 engine{tiny.seed + 100};
    const auto random = [&](const std::string& name, std::vector<std::size_t> shape, float gain) {
      std::normal_distribution<float> normal{0, gain / std::sqrt(static_cast<float>(shape.back()))};
      std::size_t count = 1;
      for (const std::size_t extent : shape) count *= extent;
      TinyTensor tensor{std::move(shape), std::vector<float>(count)};
      for (float& x : tensor.values) x = normal(engine);
      tensors[name] = std::move(tensor);
    };
    const auto feed_forward = [&](const std::string& name, std::size_t width, bool biased) {
      for (const char* factor : {"gate_proj", "up_proj"}) {
        random(name + factor + ".weight", {width, s.hidden}, 1.2f);
        if (biased) random(name + factor + ".bias", {width}, 1);
      }
      random(name + "down_proj.weight", {s.hidden, width}, 2);
      if (biased) random(name + "down_proj.bias", {s.hidden}, 1);
    };
    for (std::uint32_t i = F.feed_forward == FeedForward::gated ? 1 : 0; i < s.layers; ++i) {
      config.layers[i].sparse = true;
      const std::string mlp = "model.layers." + std::to_string(i) + ".mlp.";
      random(mlp + "router.weight", {s.experts, s.hidden}, 1.5f);
      if (biases) random(mlp + "router.bias", {s.experts}, 2);
      if (F.router == Router::sigmoid_biased) random(mlp + "router.correction_bias", {s.experts}, 1);
      for (std::uint32_t e = 0; e < s.experts; ++e) feed_forward(mlp + "experts." + std::to_string(e) + ".", s.expert_width, biases);
      if (s.shared_width != 0) feed_forward(mlp + "shared_expert.", s.shared_width, false);
      if (with_switch) random(mlp + "shared_expert_gate.weight", {1, s.hidden}, 2);
    }
  }

  [[nodiscard]] std::unique_ptr<model::Model> open(const std::string& isa, std::uint32_t threads, quant::Scheme layers = quant::f32,
                                                   quant::Scheme down = quant::f32) const {
    auto opened = model::Instantiate<F>::open(config, std::make_unique<TensorSource>(tensors, layers, down), *kernels::find_functions(isa),
                                              {.threads = threads, .positions = 1024, .kv = quant::f32, .isa = isa});
    INFO((opened ? std::string{} : opened.error().message()));
    REQUIRE(opened);
    return *std::move(opened);
  }

  /// The logits of all positions by the definition.
  [[nodiscard]] std::vector<float> plain(std::span<const std::int32_t> tokens) const {
    using Vector = std::vector<double>;
    const auto product = [&](const std::string& name, const Vector& x) {
      const TinyTensor& w = tensors.at(name + ".weight");
      Vector y(w.shape[0]);
      for (std::size_t r = 0; r < y.size(); ++r)
        for (std::size_t c = 0; c < x.size(); ++c) y[r] += static_cast<double>(w.values[r * x.size() + c]) * x[c];
      if (const auto bias = tensors.find(name + ".bias"); bias != tensors.end())
        for (std::size_t r = 0; r < y.size(); ++r) y[r] += static_cast<double>(bias->second.values[r]);
      return y;
    };
    const auto expert = [&](const std::string& name, const Vector& x) {
      Vector gate = product(name + "gate_proj", x);
      const Vector up = product(name + "up_proj", x);
      const double limit = static_cast<double>(config.glu_limit), alpha = static_cast<double>(config.glu_alpha);
      for (std::size_t j = 0; j < gate.size(); ++j) {
        if (F.feed_forward == FeedForward::clamped) {
          const double g = std::min(gate[j], limit);
          gate[j] = (std::clamp(up[j], -limit, limit) + 1) * g * plain_sigmoid(alpha * g);
        } else {
          gate[j] = gate[j] * plain_sigmoid(gate[j]) * up[j];
        }
      }
      return product(name + "down_proj", gate);
    };
    return plain_logits(config, tensors, tokens, [&](std::uint32_t layer, const Vector& n) {
      const std::string mlp = "model.layers." + std::to_string(layer) + ".mlp.";
      Vector sum(n.size());
      const auto add = [&](const Vector& y, double weight) {
        for (std::size_t j = 0; j < y.size(); ++j) sum[j] += weight * y[j];
      };
      Vector correction;
      if (const auto found = tensors.find(mlp + "router.correction_bias"); found != tensors.end())
        correction.assign(found->second.values.begin(), found->second.values.end());
      for (const auto& [e, weight] :
           plain_visits(F.router, config.routing, product(mlp + "router", n), correction, config.shape.experts_used)) {
        const std::string name = mlp + "experts." + std::to_string(e) + ".";
        if (F.router == Router::sigmoid_input) {
          Vector weighted = n;
          for (double& x : weighted) x *= weight;
          add(expert(name, weighted), 1);
        } else {
          add(expert(name, n), weight);
        }
      }
      if (config.shape.shared_width != 0) {
        const bool has_switch = tensors.contains(mlp + "shared_expert_gate.weight");
        add(expert(mlp + "shared_expert.", n), has_switch ? plain_sigmoid(product(mlp + "shared_expert_gate", n)[0]) : 1);
      }
      return sum;
    });
  }
};

constexpr Family of(Router router, FeedForward feed_forward = FeedForward::gated) {
  return {.feed_forward = feed_forward, .router = router};
}

/// Extents off 16 and 64, and what each kind of router comes with.
template <Family F>
TinyMixture<F> tiny_mixture() {
  TinyModel tiny{.shape = {.hidden = 72, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 16, .intermediate = 88, .vocabulary = 131},
                 .seed = 3};
  model::Shape& s = tiny.shape;
  s.experts = 12, s.experts_used = 3, s.expert_width = 40;
  if (F.router == Router::softmax_then_top) {
    s.shared_width = 100;
    return {tiny, {.factor = 2, .groups = 4, .groups_used = 2}, true, false};
  }
  if (F.router == Router::top_then_softmax) return {tiny, {}, false, true};
  if (F.router == Router::sigmoid_input) {
    s.experts = 5, s.experts_used = 1, s.shared_width = 40;
    return {tiny, {}, false, false};
  }
  s.shared_width = 24;
  return {tiny, {.normalize = true, .factor = 1.5f, .groups = 3, .groups_used = 2, .group_by_two = true}, false, false};
}

/// Calls use.operator()<F>() for each kind of mixture.
template <class Use>
void each_kind(Use&& use) {
  use.template operator()<of(Router::softmax_then_top)>();
  use.template operator()<of(Router::top_then_softmax, FeedForward::clamped)>();
  use.template operator()<of(Router::sigmoid_input)>();
  use.template operator()<of(Router::sigmoid_biased)>();
}

}  // namespace

TEST_CASE("logits of mixtures are those of the definition, all at once, in chunks and one by one") {
  each_kind([&]<Family F>() {
    CAPTURE(static_cast<int>(F.router));
    const auto tiny = tiny_mixture<F>();
    const auto tokens = random_tokens(61, tiny.config.shape.vocabulary);
    const auto expected = tiny.plain(tokens);
    const double limit = 1e-4 * std::max(1.0, deviation(expected));
    for (const std::string& isa : runnable_isas()) {
      CAPTURE(isa);
      const auto model = tiny.open(isa, 2);
      for (const std::size_t chunk : {61u, 7u, 1u}) {
        CAPTURE(chunk);
        CHECK(largest_difference(logits_of(*model, tokens, chunk), expected) <= limit);
      }
    }
  });
}

TEST_CASE("quantized mixtures stay close to the definition; neither threads nor chunks change a bit") {
  constexpr quant::Scheme int8{.bits = 8, .group = 0}, int4{.bits = 4, .group = 32, .zero = quant::Zero::min};
  each_kind([&]<Family F>() {
    CAPTURE(static_cast<int>(F.router));
    const auto tiny = tiny_mixture<F>();
    const auto tokens = random_tokens(70, tiny.config.shape.vocabulary);
    const auto expected = tiny.plain(tokens);
    for (const std::string& isa : runnable_isas()) {
      CAPTURE(isa);
      for (const auto& schemes : {std::pair{quant::f32, quant::f32}, {int8, int8}, {int4, int8}, {int8, quant::f32}}) {
        const auto layers = schemes.first, down = schemes.second;
        CAPTURE(to_string(layers));
        std::vector<float> first;
        for (const std::uint32_t threads : {1u, 2u, 3u, 5u}) {
          CAPTURE(threads);
          const auto model = tiny.open(isa, threads, layers, down);
          const auto at_once = logits_of(*model, tokens);
          if (first.empty()) first = at_once;
          CHECK(same_bits(at_once, first));
          CHECK(same_bits(logits_of(*model, tokens, threads == 2 ? 7 : 4), first));
          if (threads == 3) CHECK(same_bits(logits_of(*model, tokens, 1), first));
        }
        if (layers != int4) CHECK(cosine(first, expected) > 0.99);
      }
    }
  });
}

TEST_CASE("experts with many visitors, more than are kept at a time, change no bit") {
  TinyModel tiny{.shape = {.hidden = 16, .layers = 2, .heads = 2, .kv_heads = 1, .head_dim = 8, .intermediate = 24, .vocabulary = 40},
                 .seed = 6};
  tiny.shape.experts = 3, tiny.shape.experts_used = 2, tiny.shape.expert_width = 8192;
  constexpr Family F = of(Router::softmax_then_top);
  const TinyMixture<F> mixture{tiny, {.normalize = true}, false, false};
  const auto tokens = random_tokens(700, tiny.shape.vocabulary);
  REQUIRE(tokens.size() * tiny.shape.experts_used * tiny.shape.expert_width > 2 * model::wide_floats);
  REQUIRE(tokens.size() * tiny.shape.experts_used / tiny.shape.experts > model::expert_rows);
  const std::string isa = runnable_isas().back();
  for (const quant::Scheme scheme : {quant::f32, quant::Scheme{.bits = 8, .group = 0}}) {
    std::vector<float> first;
    for (const std::uint32_t threads : {1u, 3u}) {
      const auto model = mixture.open(isa, threads, scheme, scheme);
      const auto at_once = logits_of(*model, tokens);
      if (first.empty()) first = logits_of(*model, tokens, 50);
      CHECK(same_bits(at_once, first));
    }
  }
}

TEST_CASE("a decode step waits three times in a mixture, and reads the experts it visits") {
  auto tiny = tiny_mixture<of(Router::softmax_then_top)>();
  const auto model = tiny.open("scalar", 2);
  const std::vector<std::int32_t> token{3};
  static_cast<void>(logits_of(*model, token));
  CHECK(model->team().barriers() == 4 + 2 * (2 + 3));  // attention and the dense feed-forward: 2 each

  const model::Shape& s = tiny.config.shape;
  const std::uint64_t attention = 2ull * s.hidden * s.q_width() + 2ull * s.hidden * s.k_width(), dense = 3ull * s.hidden * s.intermediate;
  const std::uint64_t mixture = std::uint64_t{s.hidden} * (s.experts + 1 + 3 * (s.experts_used * s.expert_width + s.shared_width));
  CHECK(model->cost().layer_macs == 3 * attention + dense + 2 * mixture);
}

TEST_CASE("hostile numbers of experts end in an answer, of whatever value") {
  for (int kind = 0; kind < 4; ++kind) {
    CAPTURE(kind);
    auto tiny = tiny_mixture<of(Router::sigmoid_biased)>();
    if (kind == 0) tiny.config.shape.experts_used = 1000;
    if (kind == 1) tiny.config.routing.groups = 5;  // does not divide 12
    if (kind == 2) tiny.config.routing.groups_used = 0;
    if (kind == 3) tiny.config.shape.experts_used = 0;
    for (auto& [name, tensor] : tiny.tensors)
      if (kind == 1 && name.ends_with("correction_bias")) tensor.values[5] = NAN;
    const auto model = tiny.open(runnable_isas().back(), 2);
    const auto tokens = random_tokens(9, tiny.config.shape.vocabulary);
    CHECK(logits_of(*model, tokens).size() == logits_of(*model, tokens, 1).size());
  }
}
