// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/model.hpp: a model that runs: weights, KV cache and team behind one call, step().

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/cost.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/output.hpp>

namespace ingot::model {

/// How a model is opened.
struct Options {
  std::uint32_t threads = 0;       ///< 0: as many as this process may use
  std::uint32_t positions = 2048;  ///< of the KV cache, all sequences together
  quant::Scheme kv = quant::bf16;  ///< how keys and values are stored: one of kernels::kv_schemes
  bool float_weights = false;      ///< decode every weight to float32 and run the float kernels: the reference mode
  std::string isa = {};            ///< name of an instruction set; empty: the best one here
  NoteSink note = {};              ///< a model_type that is not known, and runs as Llama's
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
  /// sequence, a full cache, a `logits` or `best` of another size, an encoder.
  Status step(const Batch& batch, std::span<float> logits, std::span<Candidate> best = {}) {
    const std::size_t wanted = batch.logit_rows().size(), vocabulary = config_.shape.vocabulary;
    if (wanted == 0 ? !best.empty() : best.size() % wanted != 0)
      return Error{ErrorCode::usage, "list of best tokens of the wrong size", {}, "give logit_rows() x k candidates"};
    if (logits.size() != wanted * vocabulary)
      return Error{ErrorCode::usage, "logits buffer of the wrong size", {}, "give logit_rows() x vocabulary floats"};
    if (!config_.causal && wanted != 0) return Error{ErrorCode::usage, "an encoder has no logits", {}, "ask for its hidden rows"};
    return compute(batch, {.logits = {logits, {wanted, vocabulary, vocabulary}}, .best = best, .hidden = {}});
  }

  /// Computes a batch and writes the last rows after the final norm, [batch.logit_rows().size(), hidden]: what embeddings are made
  /// of. Of an encoder, a run holds its whole text. Errors: as step().
  Status embed(const Batch& batch, std::span<float> hidden) {
    const std::size_t wanted = batch.logit_rows().size(), width = config_.shape.hidden;
    if (hidden.size() != wanted * width)
      return Error{ErrorCode::usage, "buffer for hidden rows of the wrong size", {}, "give logit_rows() x hidden floats"};
    for (const Run& run : batch.runs())
      if (!config_.causal && run.position != 0) return Error{ErrorCode::usage, "an encoder reads a text at once", {}, {}};
    return compute(batch, {.logits = {}, .best = {}, .hidden = {hidden, {wanted, width, width}}});
  }

 protected:
  Model(Config config, KvShape kv, const Options& options)
      : config_{std::move(config)}, cache_{std::move(kv), options.positions}, team_{options.threads} {}

 private:
  Status compute(const Batch& batch, const Output& output) {
    if (batch.rows() == 0) return {};
    for (const std::int32_t token : batch.tokens())
      if (token < 0 || static_cast<std::uint32_t>(token) >= config_.shape.vocabulary)
        return Error{ErrorCode::usage,
                     "token " + std::to_string(token) + " is not in the vocabulary",
                     {},
                     "ids run from 0 to " + std::to_string(config_.shape.vocabulary - 1)};
    const std::span<const Run> runs = batch.runs();
    for (std::size_t i = 0; i < runs.size(); ++i) {
      Status extended = extend(runs[i]);
      if (extended) continue;
      while (i-- > 0) cache_.truncate(runs[i].sequence, runs[i].position);
      return extended;
    }
    run(batch, output);
    for (const Run& computed : runs) cache_.settle(computed.sequence);
    return {};
  }
  Status extend(const Run& run) {
    if (!cache_.valid(run.sequence)) return Error{ErrorCode::usage, "no such sequence", {}, {}};
    if (cache_.length(run.sequence) != run.position)
      return Error{ErrorCode::usage, "the batch does not continue its sequence", "position " + std::to_string(run.position), {}};
    if (config_.learned_positions && run.position + run.rows > config_.max_positions)
      return Error{ErrorCode::usage, "the text is longer than the model's table of positions",
                   std::to_string(config_.max_positions) + " positions", "shorten it"};
    return cache_.extend(run.sequence, run.rows);
  }
  virtual void run(const Batch& batch, const Output& output) = 0;

  Config config_;
  KvCache cache_;
  Team team_;
};

}  // namespace ingot::model
