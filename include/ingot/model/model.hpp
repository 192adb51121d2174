// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/model.hpp: a model that runs: weights, KV cache and team behind one call, step().

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/cost.hpp>
#include <ingot/model/output.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot {
class Team;
struct Slice;
}  // namespace ingot

namespace ingot::model {
class KvCache;
struct KvShape;

/// How a model is opened.
struct Options {
  std::uint32_t threads = 0;       ///< 0: as many as this process may use
  std::uint32_t positions = 2048;  ///< of the KV cache, all sequences together
  quant::Scheme kv = quant::bf16;  ///< how keys and values are stored: one of kernels::kv_schemes
  bool layers_in_turn = false;     ///< one layer's worth of keys and values, for all layers: steps then read whole texts
  bool float_weights = false;      ///< decode every weight to float32 and run the float kernels: the reference mode
  std::string isa = {};            ///< name of an instruction set; empty: the best one here
  NoteSink note = {};              ///< a model_type that is not known, and runs as Llama's
};

/// The run-time face of every decoder. Not thread-safe: one step at a time. Compiled in ingot::runtime.
class Model {
 public:
  virtual ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] const Config& config() const noexcept { return config_; }
  [[nodiscard]] KvCache& cache() noexcept { return *cache_; }
  [[nodiscard]] const KvCache& cache() const noexcept { return *cache_; }
  [[nodiscard]] const Team& team() const noexcept { return *team_; }
  [[nodiscard]] Team& team() noexcept { return *team_; }
  [[nodiscard]] virtual Cost cost() const noexcept = 0;

  /// Computes a batch: appends its keys and values to the cache and writes [batch.logit_rows().size(), vocabulary] floats.
  /// With `best`, [batch.logit_rows().size(), k], each of these rows gets its k likeliest tokens, too: cheaper than to look for them
  /// in the logits. Errors (nothing is changed then): a token or a sequence that does not exist, a run that does not continue its
  /// sequence, a full cache, a `logits` or `best` of another size, an encoder.
  Status step(const Batch& batch, std::span<float> logits, std::span<Candidate> best = {});

  /// Computes a batch and writes the last rows after the final norm, [batch.logit_rows().size(), hidden]: what embeddings are made
  /// of. Of an encoder, a run holds its whole text. Errors: as step().
  Status embed(const Batch& batch, std::span<float> hidden);

  /// Computes some layers of a batch: takes its residual stream, [batch.rows(), hidden], through them in place. Before layer 0 the stream
  /// is the tokens' embedding, whatever is given. Only the keys, values and states of these layers are written. Errors: as embed(), and
  /// layers that are not there.
  Status advance(const Batch& batch, Slice layers, std::span<float> stream);

 protected:
  Model(Config config, KvShape kv, const Options& options);

 private:
  template <class Work>
  Status compute(const Batch& batch, Work&& work);
  Status extend(const Run& run);
  virtual void run(const Batch& batch, const Output& output) = 0;
  virtual void run(const Batch& batch, Slice layers, Rows<float> stream) = 0;

  Config config_;
  std::unique_ptr<KvCache> cache_;
  std::unique_ptr<Team> team_;
};

}  // namespace ingot::model
