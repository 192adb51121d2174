// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/decoder_graph_definitions.hpp: a decoder's layers as nodes; ingot::runtime compiles it, once.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/model/onnx/attention_graph.hpp>
#include <ingot/model/onnx/decoder_graph.hpp>
#include <ingot/model/onnx/feed_forward_graph.hpp>
#include <ingot/model/onnx/graph_builder.hpp>
#include <ingot/model/onnx/graph_parts.hpp>
#include <ingot/model/onnx/positions_graph.hpp>
#include <ingot/model/onnx/weight_store.hpp>

namespace ingot::model::onnx {

namespace detail {

/// The first thing of a model that these graphs lack.
[[nodiscard]] inline Status check_covered(const Family& family, const Config& config) {
  const auto lacks = [&](const std::string& what) -> Status {
    return Error{ErrorCode::unsupported, "ONNX graphs of " + config.model_type + " are not written, as it has " + what, "config.json",
                 "export a package instead"};
  };
  if (!config.causal) return lacks("an encoder's attention, which sees all positions");
  if (config.context_end >= 0 || family.rope == RopePairs::planar) return lacks("positions that depend on the tokens");
  for (const Layer& layer : config.layers) {
    if (layer.mixer == Mixer::delta) return lacks("layers with a gated delta rule");
    if (layer.mixer == Mixer::convolution) return lacks("layers with a short convolution");
  }
  const RoutingConfig& routing = config.routing;
  if (routing.groups_used < routing.groups && config.shape.experts % routing.groups != 0)
    return lacks("groups of unequal numbers of experts");
  return {};
}

[[nodiscard]] inline Status check_form(const GraphForm& form) {
  const auto wrong = [](std::string what) -> Status { return Error{ErrorCode::usage, std::move(what), {}, {}}; };
  if (form.activations.bits != 0 && form.rows == 0) return wrong("static activations need a graph of fixed extents");
  if (form.rows != 0 && form.cached == 0) return wrong("the context must be longer than a run");
  for (const auto& [place, range] : form.ranges)
    if (!std::isfinite(range.high - range.low) || range.low > range.high)
      return Error{ErrorCode::damaged, "the range of an activation is none", place, "calibrate again"};
  return {};
}

class DecoderBuilder {
 public:
  DecoderBuilder(const Family& family, const Config& config, std::span<const WeightRequest> requests, const GraphForm& form)
      : graph_{config.model_type}, weights_{graph_, requests}, p_{family, config, form, graph_, weights_} {}

  DecoderGraph build() && {
    graph_.enter("model");
    const Value ids = port("input_ids", false), mask = port("attention_mask", true), position_ids = port("position_ids", false);
    PositionsGraph positions{p_, mask, position_ids};
    stream_ = embed(ids, position_ids);
    const std::uint32_t runs = runs_of_block();
    std::string behind;  // norm of what the last block left
    for (std::uint32_t i = 0; i < p_.config.shape.layers; ++i) {
      const std::string block = "model.layers." + std::to_string(i / runs) + ".";
      graph_.enter("model/layers." + std::to_string(i));
      const Value n = normalize(block + "input_layernorm", behind);
      pending_ = AttentionGraph{p_, positions, i, block}.run(n);
      if (p_.family.residual == Residual::parallel)
        pending_ = graph_.add("Add", {pending_, FeedForwardGraph{p_, i, block}.run(n)});
      else
        pending_ = FeedForwardGraph{p_, i, block}.run(normalize(block + "post_attention_layernorm", block + "post_self_attn_layernorm"));
      behind = block + "post_mlp_layernorm";
    }
    graph_.enter("model");
    add_pending(behind);
    head(p_.norm(stream_, "model.norm"));
    return {std::move(graph_.graph()), std::move(weights_).release()};
  }

 private:
  /// [batch, sequence], or [batch, past and sequence]
  Value port(const char* name, bool with_past) {
    const std::int64_t rows = p_.form.rows;
    if (rows != 0) return graph_.input({name, Type::i64, {std::int64_t{1}, with_past ? p_.form.context() : rows}});
    const std::string positions = with_past ? "past_sequence_length + sequence_length" : "sequence_length";
    return graph_.input({name, Type::i64, {std::string{"batch_size"}, positions}});
  }

  /// How many layers in a row are of one stored block (bind.hpp).
  [[nodiscard]] std::uint32_t runs_of_block() const {
    return weights_.has("model.layers." + std::to_string(p_.config.shape.layers - 1) + ".input_layernorm.weight") ? 1 : p_.config.repeats;
  }

  Value embed(const Value& ids, const Value& position_ids) {
    const auto gather = [&](const std::string& table, const Value& index, Role role) {
      const quant::Scheme scheme = p_.scheme_of(role);
      const Value rows = graph_.add("Gather", {weights_.rows(table, scheme), index});
      return scheme.bits == 16 ? graph_.cast(rows, Type::f32) : rows;
    };
    Value x = graph_.times(gather(embedding(), ids, Role::embedding), p_.config.embedding_scale);
    if (p_.config.learned_positions) x = graph_.add("Add", {x, gather("model.position_embeddings.weight", position_ids, Role::positions)});
    if (p_.config.token_types != 0)
      x = graph_.add("Add", {x, gather("model.type_embeddings.weight", graph_.scalar(std::int64_t{0}), Role::token_types)});
    return x;
  }
  [[nodiscard]] std::string embedding() const {
    return weights_.has("model.embed_tokens.weight") ? "model.embed_tokens.weight" : "lm_head.weight";
  }

  /// The stream takes what the last block left, through the norm `behind` of Residual::sandwich.
  void add_pending(const std::string& behind) {
    if (pending_.empty()) return;
    const Value delta = p_.family.residual == Residual::sandwich ? p_.norm(pending_, behind) : pending_;
    stream_ = graph_.add("Add", {stream_, graph_.times(delta, p_.config.residual_scale)});
  }
  Value normalize(const std::string& name, const std::string& behind) {
    add_pending(behind);
    const Value n = p_.norm(stream_, name);
    if (p_.family.residual == Residual::post) stream_ = graph_.times(n, p_.config.stream_scale);
    return n;
  }

  /// logits = cap(scale W_head n). A head that is tied and stored as the embedding is read from it, transposed.
  void head(const Value& n) {
    const std::string own = "lm_head.weight", name = weights_.has(own) ? own : embedding();
    const quant::Scheme scheme = p_.scheme_of(Role::head);
    const bool shared = name == embedding() && scheme == p_.scheme_of(Role::embedding);
    const std::string sources[] = {name};
    Value factor;
    if (shared)
      factor =
          graph_.transpose(scheme.bits == 16 ? graph_.cast(weights_.rows(name, scheme), Type::f32) : weights_.rows(name, scheme), {1, 0});
    else
      factor = weights_.factor(name, sources, scheme);
    Value logits = graph_.add("MatMul", {p_.round(n, name), factor});
    if (weights_.has("lm_head.bias")) logits = graph_.add("Add", {logits, weights_.vector("lm_head.bias")});
    logits = p_.round(logits, name + ":output");
    logits = p_.soft_cap(graph_.times(logits, p_.config.logit_scale), p_.config.logit_cap);
    graph_.add("Identity", {logits}, {}, "logits");
    const std::int64_t rows = p_.form.rows, vocabulary = p_.config.shape.vocabulary;
    std::vector<PortExtent> extents{std::string{"batch_size"}, std::string{"sequence_length"}, vocabulary};
    if (rows != 0) extents = {std::int64_t{1}, rows, vocabulary};
    std::vector<Port>& outputs = graph_.graph().outputs;
    outputs.insert(outputs.begin(), Port{"logits", Type::f32, std::move(extents)});
  }

  GraphBuilder graph_;
  WeightStore weights_;
  Parts p_;
  Value stream_, pending_;
};

}  // namespace detail

Result<DecoderGraph> decoder_graph(const Family& family, const Config& config, std::span<const WeightRequest> requests,
                                   const GraphForm& form) {
  INGOT_CHECK(detail::check_covered(family, config));
  INGOT_CHECK(detail::check_form(form));
  return detail::DecoderBuilder{family, config, requests, form}.build();
}

}  // namespace ingot::model::onnx
