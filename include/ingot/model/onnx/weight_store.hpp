// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/weight_store.hpp: the weights of a graph: what is stored beside it, and the nodes that make floats of it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/model/onnx/graph_builder.hpp>
#include <ingot/quant/scheme.hpp>
#include <ingot/quant/visit.hpp>

namespace ingot::model::onnx {

/// A tensor of the data file: matrices of the checkpoint, one after the other, as the graph wants them.
struct StoredWeight {
  std::vector<const WeightRequest*> sources;
  quant::Scheme scheme = quant::f32;  ///< f32, f16, or symmetric integers of 4 or 8 bits
  bool transposed = false;            ///< [columns, rows], the left factor of MatMul being activations
  std::size_t values = 0;             ///< which of Graph::externals
  std::size_t scales = 0;             ///< and its scales [groups, rows], of an integer scheme
};

/// Places tensors in the data file as they are asked for, each once.
class WeightStore {
 public:
  WeightStore(GraphBuilder& graph, std::span<const WeightRequest> requests) : graph_{graph} {
    for (const WeightRequest& request : requests) requests_.emplace(request.name, &request);
  }

  [[nodiscard]] bool has(std::string_view name) const noexcept { return requests_.contains(name); }

  /// A vector as it is: floats.
  Value vector(const std::string& name) {
    return place(name, [&](StoredWeight& w) {
      w.sources = {find(name)};
      w.values = external(name, Type::f32, {static_cast<std::int64_t>(w.sources.front()->tensor->elements())});
      return name;
    });
  }

  /// Vectors that are alike as the rows of a table, which `name` then stands for.
  Value vectors(const std::string& name, std::span<const std::string> sources) {
    return place(name, [&](StoredWeight& w) {
      for (const std::string& source : sources) w.sources.push_back(find(source));
      w.values = external(name, Type::f32, {static_cast<std::int64_t>(sources.size()), extents_of(*w.sources.front()).second});
      return name;
    });
  }

  /// A matrix as rows to gather from, [rows, columns], as stored: f32 or f16.
  Value rows(const std::string& name, const quant::Scheme& scheme) {
    return place(name, [&](StoredWeight& w) {
      w.sources = {find(name)};
      w.scheme = scheme;
      const auto [rows, columns] = extents_of(*w.sources.front());
      w.values = external(name, scheme.bits == 16 ? Type::f16 : Type::f32, {rows, columns});
      return name;
    });
  }

  /// A matrix as the right factor of MatMul, floats: [columns, rows], or [matrices, columns, rows] of several that are alike, which
  /// `name` then stands for. Groups are halved until they divide the columns, as in packages.
  Value factor(const std::string& name, std::span<const std::string> sources, quant::Scheme scheme) {
    return place(name + "/transposed", [&](StoredWeight& w) {
      for (const std::string& source : sources) w.sources.push_back(find(source));
      const auto [rows, columns] = extents_of(*w.sources.front());
      if (scheme.is_integer()) scheme.group = quant::fitting_group(static_cast<std::size_t>(columns), scheme.group);
      if (sources.size() > 1 && rows * columns % 2 != 0 && scheme.bits == 4) scheme.bits = 8;  // each would begin within a byte
      w.scheme = scheme, w.transposed = true;
      const auto stacked = [&](Dimensions extents) {
        if (sources.size() > 1) extents.insert(extents.begin(), static_cast<std::int64_t>(sources.size()));
        return extents;
      };
      if (!scheme.is_integer()) {
        const bool half = scheme.bits == 16;
        w.values = external(name + "/transposed", half ? Type::f16 : Type::f32, stacked({columns, rows}));
        return half ? graph_.cast(name + "/transposed", Type::f32) : name + "/transposed";
      }
      const std::int64_t axis = sources.size() > 1 ? 1 : 0, group = scheme.group;
      w.values = external(name + "/quantized", scheme.bits == 4 ? Type::i4 : Type::i8, stacked({columns, rows}));
      if (group == 0) {  // one scale a row, which is a column here
        w.scales = external(name + "/scales", Type::f32, sources.size() > 1 ? stacked({1, rows}) : Dimensions{rows});
        if (sources.size() == 1)
          return graph_.add("DequantizeLinear", {name + "/quantized", name + "/scales"}, {{"axis", std::int64_t{1}}});
      } else {
        w.scales = external(name + "/scales", Type::f32,
                            stacked({static_cast<std::int64_t>(divide_up(static_cast<std::size_t>(columns), scheme.group)), rows}));
      }
      return graph_.add("DequantizeLinear", {name + "/quantized", name + "/scales"},
                        {{"axis", axis}, {"block_size", group == 0 ? columns : group}});
    });
  }

  [[nodiscard]] std::vector<StoredWeight> release() && noexcept { return std::move(stored_); }

 private:
  /// The value made by `make` the first time `name` is asked for.
  template <class Make>
  Value place(const std::string& name, Make&& make) {
    const auto known = values_.find(name);
    if (known != values_.end()) return known->second;
    StoredWeight weight;
    Value value = make(weight);
    stored_.push_back(std::move(weight));
    values_.emplace(name, value);
    return value;
  }
  [[nodiscard]] const WeightRequest* find(std::string_view name) const noexcept { return requests_.find(name)->second; }
  [[nodiscard]] static std::pair<std::int64_t, std::int64_t> extents_of(const WeightRequest& request) noexcept {
    return {static_cast<std::int64_t>(request.tensor->rows()), static_cast<std::int64_t>(request.tensor->columns())};
  }

  /// The next place in the file; large tensors begin on a page, so that they can be mapped.
  std::size_t external(std::string name, Type type, Dimensions extents) {
    std::vector<External>& externals = graph_.graph().externals;
    External e{std::move(name), type, std::move(extents), 0};
    e.offset = round_up(end_, e.bytes() < page ? line : page);
    end_ = e.offset + e.bytes();
    externals.push_back(std::move(e));
    return externals.size() - 1;
  }

  static constexpr std::size_t page = 4096, line = 64;

  GraphBuilder& graph_;
  std::map<std::string_view, const WeightRequest*> requests_;
  std::map<std::string, Value, std::less<>> values_;
  std::vector<StoredWeight> stored_;
  std::size_t end_ = 0;
};

}  // namespace ingot::model::onnx
