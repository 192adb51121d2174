// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/mixer_model.hpp: small models whose layers mix positions without attention, and their plain definition.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/instantiate.hpp>

#include <doctest/doctest.h>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"

namespace ingot::test {

using Vector = std::vector<double>;

/// Config and weights under canonical names.
struct MixerModel {
  model::Config config;
  TinyTensors tensors;
  std::mt19937 engine{3};

  MixerModel(const model::Shape& shape, model::Mixer mixer) {
    config.model_type = "made up";
    config.shape = shape;
    config.layers.assign(shape.layers, {.mixer = mixer});
    config.norm_eps = 1e-5f;
    config.max_positions = 512;
    matrix("model.embed_tokens.weight", shape.vocabulary, shape.hidden);
    matrix("lm_head.weight", shape.vocabulary, shape.hidden);
    vector("model.norm.weight", shape.hidden, 1);
    for (std::uint32_t i = 0; i < shape.layers; ++i) {
      vector(layer(i) + "input_layernorm.weight", shape.hidden, 1);
      vector(layer(i) + "post_attention_layernorm.weight", shape.hidden, 1);
      matrix(layer(i) + "mlp.gate_proj.weight", shape.intermediate, shape.hidden);
      matrix(layer(i) + "mlp.up_proj.weight", shape.intermediate, shape.hidden);
      matrix(layer(i) + "mlp.down_proj.weight", shape.hidden, shape.intermediate);
    }
  }
  [[nodiscard]] static std::string layer(std::uint32_t i) { return "model.layers." + std::to_string(i) + "."; }

  void matrix(const std::string& name, std::size_t rows, std::size_t columns) {
    vector(name, rows * columns, 0, 1.2f / std::sqrt(static_cast<float>(columns)));
    tensors[name].shape = {rows, columns};
  }
  void vector(const std::string& name, std::size_t size, float mean, float spread = 0.3f) {
    std::normal_distribution<float> normal{mean, spread};
    TinyTensor tensor{{size}, std::vector<float>(size)};
    for (float& x : tensor.values) x = normal(engine);
    tensors[name] = std::move(tensor);
  }

  template <model::Family F>
  [[nodiscard]] std::unique_ptr<model::Model> open(const std::string& isa, std::uint32_t threads) const {
    const TemporaryDirectory temporary;
    auto checkpoint = checkpoint::open(write_checkpoint(temporary.path() / "m", "{}", tensors));
    REQUIRE(checkpoint);
    auto source = std::make_unique<model::CheckpointSource>(std::move(checkpoint->tensors), true, 1);
    auto model = model::Instantiate<F>::open(config, std::move(source), *kernels::find_functions(isa),
                                             {.threads = threads, .positions = 1024, .kv = quant::f32, .isa = isa});
    INFO((model ? std::string{} : model.error().message()));
    REQUIRE(model);
    return *std::move(model);
  }

  [[nodiscard]] Vector product(const std::string& name, const Vector& x) const {
    const TinyTensor& w = tensors.at(name + ".weight");
    REQUIRE(w.shape[1] == x.size());
    Vector y(w.shape[0]);
    for (std::size_t r = 0; r < y.size(); ++r)
      for (std::size_t c = 0; c < x.size(); ++c) y[r] += static_cast<double>(w.values[r * x.size() + c]) * x[c];
    if (const auto bias = tensors.find(name + ".bias"); bias != tensors.end())
      for (std::size_t r = 0; r < y.size(); ++r) y[r] += static_cast<double>(bias->second.values[r]);
    return y;
  }
  void normalize(const std::string& name, double* x, std::size_t n) const {
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) squares += x[i] * x[i];
    const double factor = 1 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(config.norm_eps));
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor * static_cast<double>(tensors.at(name + ".weight").values[i]);
  }

  /// The logits of all positions; mix(prefix of the layer, its normed rows) returns what the layer adds to them.
  using Mix = std::function<std::vector<Vector>(const std::string&, const std::vector<Vector>&)>;
  [[nodiscard]] std::vector<float> plain_logits(std::span<const std::int32_t> tokens, const Mix& mix) const {
    const std::size_t hidden = config.shape.hidden;
    std::vector<Vector> rows;
    for (const std::int32_t token : tokens) {
      const float* row = tensors.at("model.embed_tokens.weight").values.data() + static_cast<std::size_t>(token) * hidden;
      rows.emplace_back(row, row + hidden);
    }
    for (std::uint32_t i = 0; i < config.shape.layers; ++i) {
      std::vector<Vector> normed = rows;
      for (Vector& n : normed) normalize(layer(i) + "input_layernorm", n.data(), hidden);
      const std::vector<Vector> mixed = mix(layer(i), normed);
      for (std::size_t t = 0; t < rows.size(); ++t) {
        for (std::size_t j = 0; j < hidden; ++j) rows[t][j] += mixed[t][j];
        Vector n = rows[t];
        normalize(layer(i) + "post_attention_layernorm", n.data(), hidden);
        Vector gate = product(layer(i) + "mlp.gate_proj", n);
        const Vector up = product(layer(i) + "mlp.up_proj", n);
        for (std::size_t j = 0; j < gate.size(); ++j) gate[j] = gate[j] / (1 + std::exp(-gate[j])) * up[j];
        const Vector down = product(layer(i) + "mlp.down_proj", gate);
        for (std::size_t j = 0; j < hidden; ++j) rows[t][j] += down[j];
      }
    }
    std::vector<float> logits;
    for (Vector& x : rows) {
      normalize("model.norm", x.data(), hidden);
      for (const double y : product("lm_head", x)) logits.push_back(static_cast<float>(y));
    }
    return logits;
  }
};

/// Channel `c` of the causal convolution of `rows` at position t; the state before the text is zeros.
inline double plain_convolution(const TinyTensor& taps, const std::vector<Vector>& rows, std::size_t t, std::size_t c) {
  const std::size_t count = taps.shape[0], channels = taps.shape[1];
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k)
    if (t + k + 1 >= count) sum += static_cast<double>(taps.values[k * channels + c]) * rows[t + k + 1 - count][c];
  return sum;
}

/// What every mixer has to do: give the plain logits on every instruction set, and the same bits however the work is cut: for any
/// number of threads, in chunks, beside another sequence, after a rollback, on a fork.
template <model::Family F>
void check_mixer(const MixerModel& made, const MixerModel::Mix& mix) {
  const auto tokens = random_tokens(150, made.config.shape.vocabulary);  // past two snapshots
  const std::vector<float> expected = made.plain_logits(tokens, mix);
  const std::size_t v = made.config.shape.vocabulary;
  for (const std::string& isa : runnable_isas()) {
    CAPTURE(isa);
    std::vector<float> first;
    for (const std::uint32_t threads : {1u, 2u, 3u}) {
      CAPTURE(threads);
      const auto model = made.open<F>(isa, threads);
      const std::vector<float> all = logits_of(*model, tokens);
      CHECK(largest_difference(all, expected) <= 1e-4 * std::max(1.0, deviation(expected)));
      if (first.empty()) first = all;
      CHECK(same_bits(all, first));
      for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{64}, std::size_t{100}}) {
        CAPTURE(chunk);
        CHECK(same_bits(logits_of(*model, tokens, chunk), first));
      }

      // Two sequences in a step, the second with other tokens before these.
      const auto other = random_tokens(90, static_cast<std::uint32_t>(v), 8);
      model::KvCache& cache = model->cache();
      const model::SequenceId a = cache.create(), b = cache.create();
      for (const std::size_t count : {std::size_t{2}, std::size_t{20}}) {
        const std::uint32_t at = cache.length(a);
        model::Batch batch;
        batch.add(b, cache.length(b), std::span{other}.first(count), model::Batch::Logits::none);
        batch.add(a, at, std::span{tokens}.subspan(at, count), model::Batch::Logits::all);
        std::vector<float> logits(count * v);
        REQUIRE(model->step(batch, logits));
        CHECK(same_bits(logits, std::span{first}.subspan(at * v, count * v)));
      }

      // A fork continues as its origin; so does a sequence that returns to an earlier length.
      const model::SequenceId fork = cache.fork(a);
      CHECK(same_bits(logits_of(*model, fork, std::span{tokens}.subspan(22), 50), std::span{first}.subspan(22 * v)));
      CHECK(same_bits(logits_of(*model, a, std::span{tokens}.subspan(22), 9), std::span{first}.subspan(22 * v)));
      for (const std::uint32_t length : {149u, 140u, 128u, 100u}) {
        CAPTURE(length);
        const std::uint32_t reached = cache.truncate(a, length);
        CHECK((reached <= length && reached + model::snapshot_positions > length));
        CHECK(same_bits(logits_of(*model, a, std::span{tokens}.subspan(reached), 13), std::span{first}.subspan(reached * v)));
      }
    }
  }
}

}  // namespace ingot::test
