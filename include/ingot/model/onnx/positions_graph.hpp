// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/positions_graph.hpp: what follows from positions alone: masks, rotations, factors of queries.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/model/alibi.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/onnx/graph_parts.hpp>
#include <ingot/model/rope.hpp>

namespace ingot::model::onnx::detail {

/// Cosines and sines [batch, 1, sequence, rotary / 2].
struct Rotation {
  Value cosine, sine;
};

/// Values shared by the layers, made when the first of them asks.
class PositionsGraph {
 public:
  PositionsGraph(Parts& parts, const Value& mask, const Value& position_ids) : p_{parts}, mask_{mask} {
    GraphBuilder& g = p_.graph;
    position_ = g.unsqueeze(g.cast(position_ids, Type::f32), 2);  // [batch, sequence, 1]
    if (std::any_of(p_.config.ropes.begin(), p_.config.ropes.end(), [](const RopeConfig& r) { return depends_on_length(r.scaling); }))
      length_ = g.add("Add", {g.cast(g.add("ReduceMax", {position_ids}, {{"keepdims", std::int64_t{0}}}), Type::f64), g.scalar(1.0)});
    place_keys();
    for (const RopeConfig& rope : p_.config.ropes) rotations_.push_back(rotation(rope));
  }

  [[nodiscard]] const Rotation& rotation(const Layer& layer) const noexcept { return rotations_[static_cast<std::size_t>(layer.rope)]; }

  /// What is added to the products of a layer [batch, 1 or heads, sequence, keys].
  Value mask(const Layer& layer) {
    Value& mask = masks_[{layer.window, layer.chunk}];
    return mask.empty() ? mask = make_mask(layer) : mask;
  }

  /// The factor of queries [batch, 1, sequence, 1], or nothing (see QueryScaling).
  Value query_factor(const Layer& layer) {
    const Config& c = p_.config;
    if (c.query_scaling == QueryScaling::none || (c.query_scaling == QueryScaling::temperature && layer.rope >= 0)) return {};
    if (factor_.empty()) factor_ = c.query_scaling == QueryScaling::logarithm ? logarithm() : temperature();
    return factor_;
  }

 private:
  /// Numbers of the keys [batch or 1, keys] in the order of the text, what is masked not counted, and those of the queries among them.
  /// In a graph of fixed extents keys have fixed places and these are constants, except where a place within a chunk matters.
  void place_keys() {
    GraphBuilder& g = p_.graph;
    const std::int64_t rows = p_.form.rows, context = p_.form.context();
    const bool chunks = std::any_of(p_.config.layers.begin(), p_.config.layers.end(), [](const Layer& l) { return l.chunk != 0; });
    if (rows != 0 && !chunks) {
      std::vector<std::int64_t> places(static_cast<std::size_t>(context));
      std::iota(places.begin(), places.end(), std::int64_t{0});
      keys_ = g.constant(std::span<const std::int64_t>{places}, {1, 1, context});
      queries_ = g.constant(std::span<const std::int64_t>{places}.last(p_.form.rows), {1, rows, 1});
      return;
    }
    const Value places = g.add("Sub", {g.add("CumSum", {mask_, g.scalar(std::int64_t{1})}), g.scalar(std::int64_t{1})});
    const Value past = g.add("Sub", {g.add("Shape", {mask_}, {{"start", std::int64_t{1}}}),
                                     g.add("Shape", {position_}, {{"start", std::int64_t{1}}, {"end", std::int64_t{2}}})});
    const Value end = g.list({std::numeric_limits<std::int64_t>::max()});
    keys_ = g.unsqueeze(places, 1);                                                            // [batch, 1, keys]
    queries_ = g.unsqueeze(g.add("Slice", {places, past, end, g.list({1}), g.list({1})}), 2);  // [batch, sequence, 1]
  }

  Value make_mask(const Layer& layer) {
    GraphBuilder& g = p_.graph;
    const auto both = [&](const Value& a, const Value& b) { return g.add("And", {a, b}); };
    Value seen = both(g.add("LessOrEqual", {keys_, queries_}), g.unsqueeze(g.cast(mask_, Type::boolean), 1));
    if (layer.window != 0) {
      const Value first = g.add("Sub", {queries_, g.scalar(static_cast<std::int64_t>(layer.window))});
      seen = both(seen, g.add("Greater", {keys_, first}));
    }
    if (layer.chunk != 0) {
      const Value chunk = g.scalar(static_cast<std::int64_t>(layer.chunk));
      seen = both(seen, g.add("Equal", {g.add("Div", {keys_, chunk}), g.add("Div", {queries_, chunk})}));
    }
    const Value lowest = g.scalar(std::numeric_limits<float>::lowest());
    const Value mask = g.unsqueeze(g.add("Where", {seen, g.scalar(0.0f), lowest}), 1);  // [batch, 1, sequence, keys]
    if (!p_.config.alibi) return mask;
    const std::vector<float> slopes = alibi_slopes(p_.config.shape.heads);
    const Value slope = g.constant(std::span<const float>{slopes}, {1, static_cast<std::int64_t>(slopes.size()), 1, 1});
    const Value distance = g.unsqueeze(g.cast(g.add("Sub", {keys_, queries_}), Type::f32), 1);  // not positive
    return g.add("Add", {mask, g.add("Mul", {distance, slope})});
  }

  Rotation rotation(const RopeConfig& rope) {
    GraphBuilder& g = p_.graph;
    const auto [inverse, amplitude] = frequencies(rope);
    const Value angle = g.unsqueeze(g.add("Mul", {position_, inverse}), 1);  // [batch, 1, sequence, rotary / 2]
    return {g.times(g.add("Cos", {angle}), amplitude), g.times(g.add("Sin", {angle}), amplitude)};
  }

  /// rope_frequencies() [rotary / 2], computed in the graph where they depend on the length of the text.
  std::pair<Value, float> frequencies(const RopeConfig& rope) {
    GraphBuilder& g = p_.graph;
    const Dimensions extents{rope.rotary / 2};
    const auto trained = static_cast<double>(rope.original_positions), r = static_cast<double>(rope.rotary);
    const RopeFrequencies within = rope_frequencies(rope, rope.original_positions);
    const Value plain = g.constant(std::span<const float>{within.inverse}, extents);
    if (!depends_on_length(rope.scaling)) return {plain, within.amplitude};
    if (rope.scaling == RopeScaling::longrope) {
      const RopeFrequencies beyond = rope_frequencies(rope, rope.original_positions + 1);
      const Value is_long = g.add("Greater", {length_, g.scalar(trained)});
      return {g.add("Where", {is_long, g.constant(std::span<const float>{beyond.inverse}, extents), plain}), within.amplitude};
    }
    Value growth;  // of the base, before the power
    if (rope.scaling == RopeScaling::dynamic) {
      const Value seen = g.add("Max", {length_, g.scalar(trained)});
      growth = g.add("Sub", {g.add("Mul", {seen, g.scalar(rope.factor / trained)}), g.scalar(rope.factor - 1)});
    } else {  // qwen
      const Value log2 = g.add("Mul", {g.add("Log", {g.add("Mul", {length_, g.scalar(1 / trained)})}), g.scalar(1 / std::log(2.0))});
      const Value doublings = g.add("Ceil", {g.add("Add", {log2, g.scalar(1.0)})});
      growth = g.add("Max", {g.add("Sub", {g.add("Pow", {g.scalar(2.0), doublings}), g.scalar(1.0)}), g.scalar(1.0)});
    }
    const Value base = g.add("Mul", {g.add("Pow", {growth, g.scalar(r / (r - 2))}), g.scalar(rope.theta)});
    std::vector<double> exponents(rope.rotary / 2);
    for (std::size_t i = 0; i < exponents.size(); ++i) exponents[i] = -2.0 * static_cast<double>(i) / r;
    return {g.cast(g.add("Pow", {base, g.constant(std::span<const double>{exponents}, extents)}), Type::f32), within.amplitude};
  }

  /// max(1, ln(position + 1) / ln(floor))
  Value logarithm() {
    GraphBuilder& g = p_.graph;
    const Value place = g.add("Log", {g.add("Add", {position_, g.scalar(1.0f)})});
    const Value factor = g.times(place, static_cast<float>(1 / std::log(p_.config.query_floor)));
    return g.unsqueeze(g.add("Max", {factor, g.scalar(1.0f)}), 1);
  }
  /// 1 + scale ln(1 + floor((position + 1) / floor))
  Value temperature() {
    GraphBuilder& g = p_.graph;
    const auto floor = static_cast<float>(p_.config.query_floor), scale = static_cast<float>(p_.config.query_scale);
    const Value steps = g.add("Floor", {g.add("Div", {g.add("Add", {position_, g.scalar(1.0f)}), g.scalar(floor)})});
    const Value log = g.add("Log", {g.add("Add", {steps, g.scalar(1.0f)})});
    return g.unsqueeze(g.add("Add", {g.times(log, scale), g.scalar(1.0f)}), 1);
  }

  Parts& p_;
  Value mask_, position_, length_, keys_, queries_, factor_;
  std::vector<Rotation> rotations_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Value> masks_;
};

}  // namespace ingot::model::onnx::detail
