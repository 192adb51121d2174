// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/model.hpp: a model that runs: weights, KV cache and team behind one call, step().

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <ingot/core/result.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/decoder.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// How a model is opened.
struct Options {
  std::uint32_t threads = 0;       ///< 0: as many as this process may use
  std::uint32_t positions = 2048;  ///< of the KV cache, all sequences together
  quant::Scheme kv = quant::bf16;  ///< how keys and values are stored: one of kernels::kv_schemes
  bool float_weights = false;      ///< decode every weight to float32 and run the float kernels: the reference mode
  std::string isa = {};            ///< name of an instruction set; empty: the best one here
};

/// The run-time face of every decoder. Not thread-safe: one step at a time.
class Model {
 public:
  virtual ~Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] const Config& config() const noexcept { return config_; }
  [[nodiscard]] KvCache& cache() noexcept { return cache_; }
  [[nodiscard]] const KvCache& cache() const noexcept { return cache_; }
  [[nodiscard]] const Team& team() const noexcept { return team_; }
  [[nodiscard]] Team& team() noexcept { return team_; }
  [[nodiscard]] virtual Cost cost() const noexcept = 0;

  /// Computes a batch: appends its keys and values to the cache and writes [batch.logit_rows().size(), vocabulary] floats.
  /// With `best`, [batch.logit_rows().size(), k], each of these rows gets its k likeliest tokens, too: cheaper than to look for them
  /// in the logits. Errors (nothing is changed then): a token or a sequence that does not exist, a run that does not continue its
  /// sequence, a full cache, a `logits` or `best` of another size.
  Status step(const Batch& batch, std::span<float> logits, std::span<Candidate> best = {}) {
    if (batch.rows() == 0) return {};
    const std::size_t wanted = batch.logit_rows().size();
    if (wanted == 0 ? !best.empty() : best.size() % wanted != 0)
      return Error{ErrorCode::usage, "list of best tokens of the wrong size", {}, "give logit_rows() x k candidates"};
    if (logits.size() != wanted * config_.shape.vocabulary)
      return Error{ErrorCode::usage, "logits buffer of the wrong size", {}, "give logit_rows() x vocabulary floats"};
    for (const std::int32_t token : batch.tokens())
      if (token < 0 || static_cast<std::uint32_t>(token) >= config_.shape.vocabulary)
        return Error{ErrorCode::usage,
                     "token " + std::to_string(token) + " is not in the vocabulary",
                     {},
                     "ids run from 0 to " + std::to_string(config_.shape.vocabulary - 1)};
    const std::span<const Run> runs = batch.runs();
    for (std::size_t i = 0; i < runs.size(); ++i) {
      Status extended =
          !cache_.valid(runs[i].sequence) ? Error{ErrorCode::usage, "no such sequence", {}, {}}
          : cache_.length(runs[i].sequence) != runs[i].position
              ? Error{ErrorCode::usage, "the batch does not continue its sequence", "position " + std::to_string(runs[i].position), {}}
              : cache_.extend(runs[i].sequence, runs[i].rows);
      if (extended) continue;
      while (i-- > 0) cache_.truncate(runs[i].sequence, runs[i].position);
      return extended;
    }
    run(batch, {logits, {wanted, config_.shape.vocabulary, config_.shape.vocabulary}}, best);
    return {};
  }

 protected:
  Model(Config config, const KvShape& kv, const Options& options)
      : config_{std::move(config)}, cache_{kv, options.positions}, team_{options.threads} {}

 private:
  virtual void run(const Batch& batch, Rows<float> logits, std::span<Candidate> best) = 0;

  Config config_;
  KvCache cache_;
  Team team_;
};

/// A decoder behind Model; keeps the bytes its weights point to.
template <Family F, class Backend, quant::Scheme Kv>
class DecoderModel final : public Model {
 public:
  DecoderModel(Config config, Backend backend, Weights<Backend> weights, std::unique_ptr<WeightSource> source, const Options& options)
      : Model{config, kv_shape(config.shape), options},
        source_{std::move(source)},
        decoder_{std::move(backend), std::move(weights), this->config()} {}

  [[nodiscard]] Cost cost() const noexcept override { return decoder_.cost(); }

 private:
  static KvShape kv_shape(const Shape& shape) noexcept { return {shape.layers, shape.kv_heads, shape.head_dim, Kv}; }
  void run(const Batch& batch, Rows<float> logits, std::span<Candidate> best) override {
    decoder_.step(team(), batch, cache(), logits, best);
  }

  std::unique_ptr<WeightSource> source_;
  Decoder<F, Backend, Kv> decoder_;
};

}  // namespace ingot::model
