// SPDX-License-Identifier: Apache-2.0
// What the graphs compute is compared with the references' logits by run_graphs.py; here is their structure.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/onnx/decoder_graph.hpp>
#include <ingot/model/open_families.hpp>

#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::model::onnx;
using namespace ingot::test;

namespace {

const ExportOptions floats{.layers = quant::f32, .head = quant::f32, .embedding = quant::f32};

struct Opened {
  ModelCheckpoint checkpoint;
  Family family;
  std::vector<WeightRequest> requests;

  explicit Opened(const std::string& name) : checkpoint{open_checkpoint(golden_models / name).operator*()} {
    family = *with_family(checkpoint.config.model_type, []<class F>() { return Result<Family>{F::traits}; });
    auto listed = list_weights(checkpoint);
    REQUIRE(listed);
    requests = *std::move(listed);
  }
  [[nodiscard]] Result<DecoderGraph> graph(const GraphForm& form) const { return decoder_graph(family, checkpoint.config, requests, form); }
};

std::size_t count(const Graph& graph, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.op == op; }));
}
const Port& port(const std::vector<Port>& ports, const std::string& name) {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& p) { return p.name == name; });
  REQUIRE(found != ports.end());
  return *found;
}

/// Every value is made once, before it is read; every stored weight is read, and the outputs are made.
void check_connected(const Graph& graph) {
  std::set<std::string> made, read;
  for (const Port& input : graph.inputs) CHECK(made.insert(input.name).second);
  for (const Constant& c : graph.constants) CHECK(made.insert(c.name).second);
  std::uint64_t end = 0;
  for (const External& e : graph.externals) {
    CHECK(made.insert(e.name).second);
    CHECK(e.offset >= end);
    end = e.offset + e.bytes();
  }
  for (const Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) CHECK_MESSAGE(made.contains(input), input);
    read.insert(node.inputs.begin(), node.inputs.end());
    for (const std::string& output : node.outputs) CHECK(made.insert(output).second);
  }
  for (const External& e : graph.externals) CHECK_MESSAGE(read.contains(e.name), e.name);
  for (const Port& output : graph.outputs) CHECK(made.contains(output.name));
}

bool same(const Port& a, const Port& b) { return a.name == b.name && a.type == b.type && a.extents == b.extents; }

}  // namespace

TEST_CASE("every golden decoder becomes a connected graph that uses all its weights, or is refused by name") {
  std::size_t covered = 0, refused = 0;
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Opened model{name};
    const auto made = model.graph({.weights = floats});
    if (!made) {
      CHECK(made.error().code == ErrorCode::unsupported);
      CHECK(made.error().what.find("ONNX graphs of " + model.checkpoint.config.model_type + " are not written, as it has ") == 0);
      ++refused;
      continue;
    }
    ++covered;
    check_connected(made->graph);
    std::set<const WeightRequest*> used;
    for (const StoredWeight& weight : made->weights) used.insert(weight.sources.begin(), weight.sources.end());
    CHECK(used.size() == model.requests.size());
  }
  CHECK(covered >= 45);
  CHECK(refused >= 5);
}

TEST_CASE("inputs and outputs have the names and extents that runners look for") {
  const Opened model{"llama"};
  const Shape& s = model.checkpoint.config.shape;
  const auto made = model.graph({.weights = floats});
  REQUIRE(made);
  const Graph& g = made->graph;
  const PortExtent batch = std::string{"batch_size"}, rows = std::string{"sequence_length"}, past = std::string{"past_sequence_length"},
                   all = std::string{"past_sequence_length + sequence_length"};
  CHECK(g.inputs.size() == 3 + 2 * s.layers);
  CHECK(g.outputs.size() == 1 + 2 * s.layers);
  CHECK(same(port(g.inputs, "input_ids"), {"input_ids", Type::i64, {batch, rows}}));
  CHECK(same(port(g.inputs, "position_ids"), {"position_ids", Type::i64, {batch, rows}}));
  CHECK(same(port(g.inputs, "attention_mask"), {"attention_mask", Type::i64, {batch, all}}));
  const PortExtent heads = std::int64_t{s.kv_heads}, width = std::int64_t{s.head_dim};
  CHECK(same(port(g.inputs, "past_key_values.1.value"), {"past_key_values.1.value", Type::f32, {batch, heads, past, width}}));
  CHECK(same(port(g.outputs, "present.0.key"), {"present.0.key", Type::f32, {batch, heads, all, width}}));
  CHECK(same(g.outputs.front(), {"logits", Type::f32, {batch, rows, std::int64_t{s.vocabulary}}}));
}

TEST_CASE("a tied head is the embedding's table, and is stored apart where it is quantized") {
  const Opened model{"llama-tied"};
  const auto plain = model.graph({.weights = floats});
  const auto packed = model.graph({.weights = {.layers = {.bits = 4, .group = 32}, .head = {.bits = 8, .group = 32}}});
  REQUIRE(plain);
  REQUIRE(packed);
  const auto tables = [](const Graph& g) {
    return std::count_if(g.externals.begin(), g.externals.end(),
                         [](const External& e) { return e.name.starts_with("model.embed_tokens"); });
  };
  CHECK(tables(plain->graph) == 1);
  CHECK(tables(packed->graph) == 3);  // rows; codes and scales
  CHECK(count(packed->graph, "DequantizeLinear") == 7 * model.checkpoint.config.shape.layers + 1);
}

TEST_CASE("static activations: every extent is a number, known ranges become integers") {
  const Opened model{"llama"};
  const Shape& s = model.checkpoint.config.shape;
  GraphForm form{.weights = {.layers = {.bits = 8, .group = 0}, .head = {.bits = 8, .group = 0}},
                 .activations = {.bits = 16},
                 .ranges = {},
                 .rows = 4,
                 .cached = 12};
  const auto without = model.graph(form);
  REQUIRE(without);
  CHECK(count(without->graph, "QuantizeLinear") == s.layers);  // attention's probabilities, whose range is known
  form.ranges = {{"model.layers.0.self_attn.q_proj.weight", {-1, 3}},
                 {"model.layers.0.self_attn.k_proj.weight", {-1, 3}},
                 {"model.layers.0.self_attn.k_proj.weight:output", {-2, 2}},
                 {"model.layers.1.self_attn.key", {-4, 4}},
                 {"lm_head.weight", {-9, 9}}};
  const auto made = model.graph(form);
  REQUIRE(made);
  check_connected(made->graph);
  CHECK(count(made->graph, "QuantizeLinear") == s.layers + 4);  // one value of one range is rounded once
  for (const auto* ports : {&made->graph.inputs, &made->graph.outputs})
    for (const Port& p : *ports)
      for (const PortExtent& extent : p.extents) CHECK(std::holds_alternative<std::int64_t>(extent));
  const PortExtent one = std::int64_t{1}, heads = std::int64_t{s.kv_heads}, width = std::int64_t{s.head_dim};
  CHECK(port(made->graph.inputs, "attention_mask").extents == std::vector<PortExtent>{one, std::int64_t{16}});
  CHECK(port(made->graph.inputs, "past_key_values.0.key").extents == std::vector<PortExtent>{one, heads, std::int64_t{12}, width});
  CHECK(port(made->graph.outputs, "present.0.key").extents == std::vector<PortExtent>{one, heads, std::int64_t{12}, width});

  form.rows = 1;  // of the same cache and the same file of weights
  const auto decode = model.graph(form);
  REQUIRE(decode);
  REQUIRE(decode->graph.externals.size() == made->graph.externals.size());
  for (std::size_t i = 0; i < decode->graph.externals.size(); ++i) {
    CHECK(decode->graph.externals[i].name == made->graph.externals[i].name);
    CHECK(decode->graph.externals[i].offset == made->graph.externals[i].offset);
  }
}

TEST_CASE("forms that cannot be are refused") {
  const Opened model{"llama"};
  const auto error_of = [&](const GraphForm& form) {
    const auto made = model.graph(form);
    REQUIRE_FALSE(made);
    return made.error().code;
  };
  CHECK(error_of({.weights = floats, .activations = {.bits = 16}}) == ErrorCode::usage);
  CHECK(error_of({.weights = floats, .rows = 4}) == ErrorCode::usage);
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Range range : {Range{1, -1}, Range{0, infinity}, Range{std::numeric_limits<float>::quiet_NaN(), 1},
                            Range{std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()}})
    CHECK(error_of({.weights = floats, .ranges = {{"x", range}}, .rows = 4, .cached = 4}) == ErrorCode::damaged);
}
