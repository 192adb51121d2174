// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/scaling_sites_definitions.hpp: the sites of each graph, and factors put into weights; ingot::runtime compiles
              // it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/factors.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/input_of.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/scaling_sites.hpp>

namespace ingot::model {

namespace detail {

/// The sites of one stored block.
class BlockSites {
 public:
  BlockSites(const Family& traits, const Shape& shape, const std::map<std::string_view, const WeightRequest*>& requests,
             std::span<const WeightRequest* const> matrices, std::string prefix, std::vector<ScalingSite>& sites)
      : traits_{traits}, shape_{shape}, requests_{requests}, matrices_{matrices}, prefix_{std::move(prefix)}, sites_{sites} {}

  void list() {
    if (traits_.residual != Residual::post) {
      const bool both = traits_.residual == Residual::parallel;
      add_norm("input_layernorm", MatrixInput::mixer, both);
      if (!both) add_norm("post_attention_layernorm", MatrixInput::feed_forward, false);
    }
    const std::size_t value = shape_.value_width(), hidden = shape_.hidden, inner = shape_.kv_rank;
    if (traits_.attention == Attention::heads) {
      add(std::size_t{shape_.kv_heads} * value, rows_of("self_attn.v_proj"), {columns("self_attn.o_proj", value, shape_.group())});
    } else {
      add(shape_.query_rank, {vector("self_attn.q_a_layernorm.weight")}, {columns("self_attn.q_b_proj")});
      add(inner, {vector("self_attn.kv_a_layernorm.weight")},
          {columns("self_attn.value_up_proj"), rows("self_attn.key_up_proj", inner, shape_.heads)});
      add(shape_.context_width(), rows_of("self_attn.value_up_proj"), {columns("self_attn.o_proj")});
    }
    const std::size_t width = shape_.delta_value;
    add(width, {vector("linear_attn.norm.weight")}, {columns("linear_attn.out_proj", width, shape_.delta_heads)});
    add(hidden, rows_of("conv.in_proj", hidden), {columns("conv.out_proj")});
    if (traits_.feed_forward != FeedForward::gated) return;  // an activation lies between up and down
    add_down("mlp.", shape_.intermediate);
    add_down("mlp.shared_expert.", shape_.shared_width);
    for (std::uint32_t e = 0; e < shape_.experts; ++e) add_down("mlp.experts." + std::to_string(e) + ".", shape_.expert_width);
  }

 private:
  [[nodiscard]] bool has(const std::string& name) const { return requests_.contains(name); }
  [[nodiscard]] ScaledAxis columns(const std::string& name, std::size_t period = 1, std::size_t copies = 1) const {
    return {.tensor = prefix_ + name + ".weight", .period = period, .copies = copies};
  }
  [[nodiscard]] ScaledAxis rows(const std::string& name, std::size_t period, std::size_t copies) const {
    return {.tensor = prefix_ + name + ".weight", .rows = true, .period = period, .copies = copies};
  }
  [[nodiscard]] ScaledAxis vector(const std::string& name, std::size_t first = 0) const {
    return {.tensor = prefix_ + name, .first = first};
  }
  /// The rows of a matrix from `first` on, and of its bias.
  [[nodiscard]] std::vector<ScaledAxis> rows_of(const std::string& name, std::size_t first = 0) const {
    std::vector<ScaledAxis> axes{{.tensor = prefix_ + name + ".weight", .rows = true, .first = first}};
    if (has(prefix_ + name + ".bias")) axes.push_back(vector(name + ".bias", first));
    return axes;
  }

  void add_norm(const std::string& name, MatrixInput input, bool or_feed_forward) {
    ScalingSite site{.size = shape_.hidden, .writers = {vector(name + ".weight")}, .readers = {}};
    if (has(prefix_ + name + ".bias")) site.writers.push_back(vector(name + ".bias"));
    for (const WeightRequest* matrix : matrices_) {
      const MatrixInput of = input_of(matrix->roles.front());
      if (of == input || (or_feed_forward && of == MatrixInput::feed_forward)) site.readers.push_back({.tensor = matrix->name});
    }
    keep(std::move(site));
  }
  void add_down(const std::string& name, std::size_t width) { add(width, rows_of(name + "up_proj"), {columns(name + "down_proj")}); }
  void add(std::size_t size, std::vector<ScaledAxis> writers, std::vector<ScaledAxis> readers) {
    keep({size, std::move(writers), std::move(readers)});
  }
  /// Most layers lack what some sites are made of.
  void keep(ScalingSite site) {
    const auto is_there = [&](const ScaledAxis& axis) { return has(axis.tensor); };
    if (site.size == 0 || site.readers.empty() || !std::all_of(site.writers.begin(), site.writers.end(), is_there) ||
        !std::all_of(site.readers.begin(), site.readers.end(), is_there))
      return;
    sites_.push_back(std::move(site));
  }

  const Family& traits_;
  const Shape& shape_;
  const std::map<std::string_view, const WeightRequest*>& requests_;
  std::span<const WeightRequest* const> matrices_;
  std::string prefix_;
  std::vector<ScalingSite>& sites_;
};

/// Multiplies (or divides) the factors of a tensor's rows or columns by those of a site.
inline void fold(const ScaledAxis& axis, std::span<const float> factors, bool divided, const checkpoint::TensorInfo& tensor,
                 checkpoint::Factors& of) {
  std::vector<float>& all = axis.rows ? of.rows : of.columns;
  all.resize(axis.rows ? tensor.rows() : tensor.columns(), 1);
  for (std::size_t i = 0; i < factors.size() * axis.copies && axis.first + i < all.size(); ++i) {
    const float factor = factors[axis.factor(i)];
    all[axis.first + i] *= divided ? 1 / factor : factor;
  }
}

}  // namespace detail

std::vector<ScalingSite> scaling_sites(const Config& config, std::span<const WeightRequest> requests) {
  const Family traits = with_family(config.model_type, []<class F>() { return F::traits; });
  std::map<std::string_view, const WeightRequest*> by_name;
  std::map<std::uint32_t, std::vector<const WeightRequest*>> matrices;  // of each stored block
  for (const WeightRequest& request : requests) {
    by_name.emplace(request.name, &request);
    if (const auto block = layer_of(request.name); block && request.is_matrix) matrices[*block].push_back(&request);
  }
  const std::size_t runs = matrices.empty() ? 1 : std::max<std::size_t>(config.shape.layers / matrices.size(), 1);
  std::vector<ScalingSite> sites;
  for (const auto& [block, in_block] : matrices) {
    const auto layer = static_cast<std::uint32_t>(block * runs);
    if (layer >= config.shape.layers) break;
    detail::BlockSites{traits, config.extents_of(layer), by_name, in_block, "model.layers." + std::to_string(block) + ".", sites}.list();
  }
  return sites;
}

Result<TensorFactors> tensor_factors(const checkpoint::TensorIndex& tensors, std::span<const ScalingSite> sites,
                                     std::span<const std::vector<float>> factors) {
  TensorFactors of_tensors;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (factors[i].empty()) continue;
    for (const bool divided : {true, false})
      for (const ScaledAxis& axis : divided ? sites[i].writers : sites[i].readers) {
        INGOT_TRY(const checkpoint::TensorInfo* tensor, tensors.at(axis.tensor));
        detail::fold(axis, factors[i], divided, *tensor, of_tensors[axis.tensor]);
      }
  }
  return of_tensors;
}

Result<ModelCheckpoint> folded(const ModelCheckpoint& opened, std::span<const ScalingSite> sites,
                               std::span<const std::vector<float>> factors) {
  const auto& tensors = opened.files.tensors;
  INGOT_TRY(auto of_tensors, tensor_factors(tensors, sites, factors));
  std::vector<checkpoint::TensorInfo> scaled{tensors.begin(), tensors.end()};
  for (checkpoint::TensorInfo& tensor : scaled)
    if (const auto found = of_tensors.find(tensor.name); found != of_tensors.end())
      tensor.factors = std::make_shared<const checkpoint::Factors>(std::move(found->second));
  INGOT_TRY(auto index, checkpoint::TensorIndex::create({}, std::move(scaled)));
  return ModelCheckpoint{.files = {.tensors = std::move(index),
                                   .config_json = opened.files.config_json,
                                   .generation_config_json = opened.files.generation_config_json,
                                   .gguf = {},
                                   .directory = opened.files.directory},
                         .config = opened.config};
}

}  // namespace ingot::model
