// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/model_definitions.hpp: the checks around a model's step; ingot::runtime compiles it, once.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <ingot/core/result.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/kv_shape.hpp>
#include <ingot/model/model.hpp>
#include <ingot/model/output.hpp>

namespace ingot::model {

Model::Model(Config config, KvShape kv, const Options& options)
    : config_{std::move(config)},
      cache_{std::make_unique<KvCache>(std::move(kv), options.positions)},
      team_{std::make_unique<Team>(options.threads)} {}

Model::~Model() = default;

Status Model::step(const Batch& batch, std::span<float> logits, std::span<Candidate> best) {
  const std::size_t wanted = batch.logit_rows().size(), vocabulary = config_.shape.vocabulary;
  if (wanted == 0 ? !best.empty() : best.size() % wanted != 0)
    return Error{ErrorCode::usage, "list of best tokens of the wrong size", {}, "give logit_rows() x k candidates"};
  if (logits.size() != wanted * vocabulary)
    return Error{ErrorCode::usage, "logits buffer of the wrong size", {}, "give logit_rows() x vocabulary floats"};
  if (!config_.causal && wanted != 0) return Error{ErrorCode::usage, "an encoder has no logits", {}, "ask for its hidden rows"};
  return compute(batch, [&] { run(batch, {.logits = {logits, {wanted, vocabulary, vocabulary}}, .best = best, .hidden = {}}); });
}

Status Model::embed(const Batch& batch, std::span<float> hidden) {
  const std::size_t wanted = batch.logit_rows().size(), width = config_.shape.hidden;
  if (hidden.size() != wanted * width)
    return Error{ErrorCode::usage, "buffer for hidden rows of the wrong size", {}, "give logit_rows() x hidden floats"};
  return compute(batch, [&] { run(batch, {.logits = {}, .best = {}, .hidden = {hidden, {wanted, width, width}}}); });
}

Status Model::advance(const Batch& batch, Slice layers, std::span<float> stream) {
  const std::size_t rows = batch.rows(), width = config_.shape.hidden;
  if (stream.size() != rows * width) return Error{ErrorCode::usage, "residual stream of the wrong size", {}, "give rows x hidden floats"};
  if (layers.begin > layers.end || layers.end > config_.shape.layers)
    return Error{ErrorCode::usage, "no such layers", std::to_string(config_.shape.layers) + " layers", {}};
  return compute(batch, [&] { run(batch, layers, Rows<float>{stream, {rows, width, width}}); });
}

template <class Work>
Status Model::compute(const Batch& batch, Work&& work) {
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
    while (i-- > 0) cache_->truncate(runs[i].sequence, runs[i].position);
    return extended;
  }
  work();
  for (const Run& computed : runs) cache_->settle(computed.sequence);
  return {};
}

Status Model::extend(const Run& run) {
  if (!cache_->valid(run.sequence)) return Error{ErrorCode::usage, "no such sequence", {}, {}};
  if (run.position != 0 && !config_.causal) return Error{ErrorCode::usage, "an encoder reads a text at once", {}, {}};
  if (run.position != 0 && cache_->shape().in_turn)
    return Error{ErrorCode::usage, "layers that take turns in the cache read a text at once", {}, {}};
  if (cache_->length(run.sequence) != run.position)
    return Error{ErrorCode::usage, "the batch does not continue its sequence", "position " + std::to_string(run.position), {}};
  if (config_.learned_positions && run.position + run.rows > config_.max_positions)
    return Error{ErrorCode::usage, "the text is longer than the model's table of positions",
                 std::to_string(config_.max_positions) + " positions", "shorten it"};
  return cache_->extend(run.sequence, run.rows);
}

}  // namespace ingot::model
