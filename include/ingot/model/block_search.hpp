// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/block_search.hpp: scales and clips of a decoder block, chosen by what the block as a whole makes of a text.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/block_judge.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/model/scale_calibration.hpp>
#include <ingot/model/scaling_sites.hpp>
#include <ingot/quant/clipping.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/mask.hpp>
#include <ingot/quant/scale_search.hpp>

namespace ingot::model::detail {

/// What is known of a matrix's inputs.
struct MatrixInputs {
  std::vector<float> squares;         ///< means, [columns]; or none
  bool are_divided = false;           ///< by the squares of the factors
  const quant::Gram* gram = nullptr;  ///< of inputs that are not divided; or none
};

/// The sites of a block with what has been found for them, and where its matrices' clips go.
struct BlockScales {
  std::span<const ScalingSite> sites;
  std::span<std::vector<float>> factors;         ///< of each site, or empty
  std::span<const std::vector<float>> proposed;  ///< others that a site may take, of the same sizes
  std::map<std::string, std::vector<std::uint8_t>, std::less<>>& clips;
  std::function<MatrixInputs(const std::string& tensor)> inputs_of;
};

/// Descends, without a gradient, on BlockJudge's loss: kind by kind (experts go together) sites take other powers of their factors, and
/// matrices clips that are learned from their inputs; what does not lessen the block's loss is not kept, so that it is never above that
/// of what is given. The real gradient through a block would have to be written for each graph. The result is the same for every number of
/// threads.
class BlockSearch {
 public:
  /// learns_clips: else matrices keep the scales that quant::SearchEncoder gives them.
  BlockSearch(const ModelCheckpoint& opened, std::span<const WeightRequest> requests, std::span<const PlannedMatrix> plan,
              const CalibrationText& text, bool learns_clips, const quant::Product& product, Team& team, const Cancellation* cancellation)
      : tensors_{opened.files.tensors},
        requests_{requests},
        learns_clips_{learns_clips},
        product_{product},
        team_{team},
        cancellation_{cancellation},
        judge_{opened, requests, text, team} {
    for (const PlannedMatrix& m : plan) planned_.emplace(m.tensor->name, &m);
  }

  /// The next block, which all before it have been given to. Errors: cancelled, those of the checkpoint.
  Result<BlockLoss> search(std::uint32_t block, const BlockScales& scales) {
    std::erase_if(scales.clips, [&](const auto& of) { return layer_of(of.first) == block; });
    INGOT_CHECK(begin(block, scales));
    const double before = loss_;
    INGOT_CHECK(search_factors());
    if (learns_clips_) INGOT_CHECK(search_clips());
    end();
    return BlockLoss{before, loss_};
  }
  /// A block that has been searched before: only its output is computed, for the next one.
  Status pass(std::uint32_t block, const BlockScales& scales) {
    INGOT_CHECK(begin(block, scales));
    end();
    return {};
  }

 private:
  using Tensors = std::set<std::string>;

  /// A tensor's name without numbers.
  [[nodiscard]] static std::string kind_of(const std::string& tensor) {
    std::string kind;
    for (const char c : tensor)
      if (c < '0' || c > '9') kind += c;
    return kind;
  }
  [[nodiscard]] const PlannedMatrix* planned(const std::string& tensor) const {
    const auto found = planned_.find(tensor);
    return found == planned_.end() ? nullptr : found->second;
  }

  Status begin(std::uint32_t block, const BlockScales& scales) {
    scales_ = &scales;
    INGOT_CHECK(judge_.open(block, [&](const WeightRequest& request) {
      const PlannedMatrix* const m = planned(request.tensor->name);
      return m == nullptr ? quant::f32 : m->scheme;
    }));
    of_block_.clear();
    for (const WeightRequest& request : requests_)
      if (layer_of(request.name) == block) of_block_.emplace(request.name, &request);
    Tensors all;
    for (const auto& [name, request] : of_block_) all.insert(name);
    INGOT_CHECK(encode(all));
    present_ = std::move(tried_);
    INGOT_TRY(loss_, judge_.loss());
    judge_.keep();
    return {};
  }
  void end() {
    judge_.close();
    present_.clear();
    tried_.clear();
  }

  /// Gives the block these tensors with the present factors and clips; matrices are also left in tried_.
  Status encode(const Tensors& names) {
    if (cancellation_ != nullptr) INGOT_CHECK(cancellation_->check());
    tried_.clear();
    INGOT_TRY(const auto factors, tensor_factors(tensors_, scales_->sites, scales_->factors));
    for (const std::string& name : names) {
      const checkpoint::TensorInfo tensor = scaled(name, factors);
      if (!of_block_.at(name)->is_matrix) {
        INGOT_TRY(const auto values, decode_vector(tensor));
        judge_.weights().set(name, std::span<const float>{values.data(), values.size()});
        continue;
      }
      auto packed = encoded(tensor);
      if (!packed) return std::move(packed).error().in(tensor.file + ": " + name);
      judge_.weights().set(name, packed->view());
      tried_.insert_or_assign(name, *std::move(packed));
    }
    return {};
  }
  /// A tensor of the block with its factors.
  [[nodiscard]] checkpoint::TensorInfo scaled(const std::string& name, const TensorFactors& factors) const {
    checkpoint::TensorInfo tensor = *of_block_.at(name)->tensor;
    if (const auto found = factors.find(name); found != factors.end())
      tensor.factors = std::make_shared<const checkpoint::Factors>(found->second);
    return tensor;
  }
  /// As the export does it where no search of codes (GPTQ, HQQ) follows.
  Result<quant::PackedStorage> encoded(const checkpoint::TensorInfo& tensor) const {
    const PlannedMatrix* const m = planned(tensor.name);
    if (m != nullptr && m->as_stored) return quant::pack_native(tensor, team_);
    const auto pack = [&](const quant::RowSource& rows, const quant::Encoder& encoder) {
      return quant::pack(m == nullptr ? quant::f32 : m->scheme, tensor.rows(), tensor.columns(), rows, team_, encoder);
    };
    quant::RowSource rows = quant::row_source(tensor);
    if (m == nullptr || !m->is_searched()) return pack(rows, quant::NearestEncoder{});
    auto [importance, are_divided, gram] = scales_->inputs_of(tensor.name);
    const std::span<const float> by = column_factors(tensor);
    for (std::size_t i = 0; i < importance.size() && !by.empty() && !are_divided; ++i) importance[i] /= by[i] * by[i];
    if (m->is_sparse()) rows = quant::pruned(rows, tensor.columns(), importance);
    if (const auto cut = scales_->clips.find(tensor.name); cut != scales_->clips.end()) return pack(rows, quant::ClipEncoder{cut->second});
    if (importance.empty()) return pack(rows, quant::NearestEncoder{});
    return pack(rows, quant::SearchEncoder{std::move(importance)});
  }
  [[nodiscard]] static std::span<const float> column_factors(const checkpoint::TensorInfo& tensor) noexcept {
    return tensor.factors == nullptr ? std::span<const float>{} : std::span<const float>{tensor.factors->columns};
  }

  /// Encodes these tensors, and judges the block. Where it has lost less than ever, that is kept; else it is as it was, but for the
  /// factors and clips, which the caller has changed.
  Result<bool> accepts(const Tensors& names) {
    INGOT_CHECK(encode(names));
    INGOT_TRY(const double loss, judge_.loss());
    if (!(loss < loss_)) return false;
    loss_ = loss;
    judge_.keep();
    for (auto& [name, packed] : tried_) present_.insert_or_assign(name, std::move(packed));
    return true;
  }
  /// Gives the block what is kept of these tensors, by the factors and clips that are.
  Status restore(const Tensors& names) {
    Tensors vectors;
    for (const std::string& name : names) {
      if (const auto kept = present_.find(name); kept != present_.end())
        judge_.weights().set(name, kept->second.view());
      else
        vectors.insert(name);
    }
    return encode(vectors);
  }

  Status search_factors() {
    std::map<std::string, std::vector<std::size_t>> kinds;
    for (std::size_t i = 0; i < scales_->sites.size(); ++i)
      if (!scales_->factors[i].empty()) kinds[kind_of(scales_->sites[i].readers.front().tensor)].push_back(i);
    for (const auto& [kind, sites] : kinds) INGOT_CHECK(search_factors(sites));
    return {};
  }
  /// Powers of what was found for these sites, or of what was proposed before, from 1 on, down or up, while the loss falls.
  Status search_factors(const std::vector<std::size_t>& sites) {
    using Factors = std::vector<std::vector<float>>;
    Tensors names;
    Factors base, proposed;
    for (const std::size_t i : sites) {
      base.push_back(scales_->factors[i]);
      proposed.push_back(scales_->proposed[i]);
      for (const auto* const axes : {&scales_->sites[i].writers, &scales_->sites[i].readers})
        for (const ScaledAxis& axis : *axes) names.insert(axis.tensor);
    }
    Factors kept = base;
    const auto set = [&](std::size_t k, std::vector<float> factors) { scales_->factors[sites[k]] = std::move(factors); };
    const auto accepts_power = [&](const Factors& of, float power) -> Result<bool> {
      Factors factors = of;
      for (std::vector<float>& site : factors)
        for (float& factor : site) factor = power == 1 ? factor : std::pow(factor, power);
      for (std::size_t k = 0; k < sites.size(); ++k) set(k, factors[k]);
      INGOT_TRY(const bool better, accepts(names));
      if (better) kept = std::move(factors);
      for (std::size_t k = 0; k < sites.size(); ++k) set(k, kept[k]);
      return better;
    };
    if (proposed != base) {
      INGOT_TRY(const bool better, accepts_power(proposed, 1));
      if (better) base = proposed;
    }
    constexpr float step = 0.25f, most = 2;
    float power = 1;
    for (const float way : {-step, step}) {
      bool better = power == 1;  // or it went down
      while (better && power + way >= 0 && power + way <= most) {
        INGOT_TRY(better, accepts_power(base, power + way));
        if (better) power += way;
      }
    }
    return restore(names);
  }

  Status search_clips() {
    std::map<std::string, Tensors> kinds;
    for (const auto& [name, request] : of_block_)
      if (const PlannedMatrix* const m = planned(name);
          m != nullptr && m->is_searched() && !m->is_sparse() && scales_->inputs_of(name).gram)
        kinds[kind_of(name)].insert(name);
    for (const auto& [kind, names] : kinds) INGOT_CHECK(search_clips(names));
    return {};
  }
  /// Clips for these matrices, by how much of what inputs have in common is believed.
  Status search_clips(const Tensors& names) {
    const auto put = [&](const std::map<std::string, std::vector<std::uint8_t>>& clips) {
      for (const std::string& name : names) {
        if (const auto found = clips.find(name); found != clips.end())
          scales_->clips.insert_or_assign(name, found->second);
        else
          scales_->clips.erase(name);
      }
    };
    INGOT_TRY(const auto factors, tensor_factors(tensors_, scales_->sites, scales_->factors));
    std::map<std::string, std::vector<std::uint8_t>> kept;
    for (const float correlation : {1.f, 0.5f}) {
      std::map<std::string, std::vector<std::uint8_t>> learned;
      for (const std::string& name : names) {
        const checkpoint::TensorInfo tensor = scaled(name, factors);
        INGOT_TRY(learned[name], quant::learn_clips({planned(name)->scheme, tensor.rows(), tensor.columns()}, quant::row_source(tensor),
                                                    *scales_->inputs_of(name).gram, column_factors(tensor), correlation, product_, team_));
      }
      put(learned);
      INGOT_TRY(const bool better, accepts(names));
      if (better) kept = std::move(learned);
    }
    put(kept);
    return restore(names);
  }

  const checkpoint::TensorIndex& tensors_;
  std::span<const WeightRequest> requests_;
  bool learns_clips_;
  const quant::Product& product_;
  Team& team_;
  const Cancellation* cancellation_;
  BlockJudge judge_;
  std::map<std::string, const PlannedMatrix*, std::less<>> planned_;
  // Of the present block:
  const BlockScales* scales_ = nullptr;
  std::map<std::string, const WeightRequest*, std::less<>> of_block_;
  std::map<std::string, quant::PackedStorage, std::less<>> present_, tried_;  // matrices that are kept, and those encoded last
  double loss_ = 0;
};

}  // namespace ingot::model::detail
