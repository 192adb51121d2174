// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/scale_calibration_definitions.hpp: inputs are sampled as a text passes, then searched; ingot::runtime compiles
              // it.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/model/block_search.hpp>
#include <ingot/model/input_of.hpp>
#include <ingot/model/scale_calibration.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/input_sample.hpp>

namespace ingot::model {

namespace detail {

/// Samples the inputs of a layer while the text passes, and searches its sites behind it.
class ScaleCalibration final : public CalibrationObserver {
 public:
  /// Rows of an input that are kept (an expert's fewer: there are many), and rows of its matrices that are looked at.
  static constexpr std::size_t input_rows = 512, expert_rows = 128, weight_rows = 512;

  ScaleCalibration(const ModelCheckpoint& opened, std::span<const WeightRequest> requests, std::span<const PlannedMatrix> plan,
                   const CalibrationText& text, const quant::ScaleSearch& scales, const quant::Product& product, Team& team,
                   const ProgressSink& progress, const Cancellation* cancellation, Journal* journal)
      : plan_{plan}, scales_{scales}, product_{product}, team_{team}, progress_{progress}, cancellation_{cancellation}, journal_{journal} {
    if (scales.rule == quant::ScaleRule::learned) blocks_.emplace(opened, requests, plan, text, scales.clips, product, team, cancellation);
    for (const WeightRequest& request : requests) roles_.emplace(request.name, request.is_matrix ? leading(request.roles) : Role{});
    for (const PlannedMatrix& m : plan) planned_.emplace(m.tensor->name, &m);
    found_.sites = scaling_sites(opened.config, requests);
    found_.factors.resize(found_.sites.size());
    proposed_.resize(found_.sites.size());
  }

  /// Takes in what was searched before an interruption.
  Status restore() {
    if (journal_ == nullptr) return {};
    for (std::size_t i = 0; i < found_.sites.size(); ++i) {
      if (!journal_->has(factors_record(i))) continue;
      INGOT_CHECK(read(factors_record(i), found_.factors[i]));
      if (found_.factors[i].size() != found_.sites[i].size)
        return Error{ErrorCode::damaged, "factors of another number", journal_->path().string(), "delete it"};
      for (const ScaledAxis& axis : found_.sites[i].readers)
        if (!axis.rows) with_factors_.insert(axis.tensor);
    }
    for (const PlannedMatrix& m : plan_) {
      const std::string& tensor = m.tensor->name;
      if (journal_->has(importance_record(tensor))) INGOT_CHECK(read(importance_record(tensor), found_.importance[tensor]));
      if (!journal_->has(clips_record(tensor))) continue;
      INGOT_CHECK(read(clips_record(tensor), found_.clips[tensor]));
      const quant::PackedLayout layout{m.scheme, m.tensor->rows(), m.tensor->columns()};
      if (found_.clips[tensor].size() != layout.rows * layout.filled_groups())
        return Error{ErrorCode::damaged, "clips of another number", journal_->path().string(), "delete it"};
    }
    return {};
  }
  /// Whether an interrupted search had looked at all layers.
  [[nodiscard]] bool is_kept() const noexcept { return journal_ != nullptr && journal_->has(all_scales); }

  Status observe(const WeightRequest& matrix, Rows<const float> x) override {
    const Role role = leading(matrix.roles);
    if (role == Role::key_up || role == Role::value_up) return {};  // each head multiplies rows of its own
    if (const auto layer = layer_of(matrix.name); layer && is_kept(*layer)) return {};
    LayerInput& input = samples_[input_name(role, matrix.name)];
    if (input.sample == nullptr) {
      input.feeder = matrix.name;
      input.sample = std::make_unique<quant::InputSample>(x.extent(1), role == Role::expert_down ? expert_rows : input_rows);
      if (blocks_ && scales_.clips && role != Role::expert_down && role != Role::head)
        input.gram = std::make_unique<quant::Gram>(x.extent(1));
    }
    if (input.feeder != matrix.name) return {};
    input.sample->add(x);
    if (input.gram != nullptr) input.gram->add(x, product_);
    return {};
  }
  Result<quant::RowSource> weights(const WeightRequest& matrix) override { return quant::row_source(*matrix.tensor); }
  Status end_layer(std::uint32_t layer) override {
    const bool kept = is_kept(layer);
    const Slice sites = sites_of(layer);
    for (std::size_t i = sites.begin; i < sites.end && !kept; ++i) {
      if (cancellation_ != nullptr) INGOT_CHECK(cancellation_->check());
      INGOT_CHECK(search(found_.sites[i], found_.factors[i], proposed_[i]));
      if (progress_) progress_("scales of layer " + std::to_string(layer), i + 1, found_.sites.size());
    }
    if (blocks_) INGOT_CHECK(search_block(layer, sites, kept));
    if (kept) return {};
    for (std::size_t i = sites.begin; i < sites.end; ++i)
      if (!found_.factors[i].empty()) INGOT_CHECK(keep(factors_record(i), std::as_bytes(std::span{found_.factors[i]})));
    for (const auto& [tensor, clips] : found_.clips)
      if (layer_of(tensor) == layer) INGOT_CHECK(keep(clips_record(tensor), std::as_bytes(std::span{clips})));
    INGOT_CHECK(note_importance(layer));
    return keep(layer_record(layer), {});
  }

  [[nodiscard]] Result<EquivalentScales> finish() && {
    INGOT_CHECK(note_importance(std::nullopt));  // of the head
    INGOT_CHECK(keep(all_scales, {}));
    std::size_t left = 0;
    const PlannedMatrix* first = nullptr;
    for (const PlannedMatrix& m : plan_) {
      if (!m.is_searched() || !layer_of(m.name) || with_factors_.contains(m.tensor->name)) continue;
      if (left++ == 0) first = &m;
    }
    if (left != 0)
      found_.notes.push_back(std::to_string(left) + " matrices keep their scales, " + first->name +
                             " the first: what is before them in the graph, or never reached them, takes no factors");
    double gain = 0;  // of logarithms, as losses grow from layer to layer
    for (const BlockLoss& loss : found_.blocks)
      if (loss.after > 0) gain += std::log(loss.before / loss.after) / static_cast<double>(found_.blocks.size());
    if (!found_.blocks.empty())
      found_.notes.push_back("layers lose " + std::to_string(std::lround(100 * (1 - std::exp(-gain)))) +
                             " % less on the text than with the scales that each of their inputs asked for");
    return std::move(found_);
  }

 private:
  /// What some matrices of the layer multiply.
  struct LayerInput {
    std::string feeder;  // the matrix that shows it
    std::unique_ptr<quant::InputSample> sample;
    std::unique_ptr<quant::Gram> gram;  // where clips are learned from it
  };

  [[nodiscard]] const LayerInput* input_of(const std::string& tensor) const {
    const auto found = samples_.find(input_name(roles_.at(tensor), tensor));
    return found == samples_.end() || found->second.sample->seen() == 0 ? nullptr : &found->second;
  }
  /// The sites of a layer follow each other.
  [[nodiscard]] Slice sites_of(std::uint32_t layer) const {
    const auto is_of = [&](const ScalingSite& site) { return layer_of(site.readers.front().tensor) == layer; };
    const auto first = std::find_if(found_.sites.begin(), found_.sites.end(), is_of);
    const auto end = std::find_if_not(first, found_.sites.end(), is_of);
    return {static_cast<std::size_t>(first - found_.sites.begin()), static_cast<std::size_t>(end - found_.sites.begin())};
  }

  /// The layer as a whole, or only its output where its scales are kept.
  Status search_block(std::uint32_t layer, Slice sites, bool kept) {
    const auto inputs_of = [&](const std::string& tensor) {
      if (const auto known = found_.importance.find(tensor); kept && known != found_.importance.end())
        return MatrixInputs{.squares = known->second, .are_divided = true};
      const LayerInput* const input = input_of(tensor);
      return input == nullptr ? MatrixInputs{} : MatrixInputs{.squares = input->sample->mean_squares(), .gram = input->gram.get()};
    };
    const auto of_layer = [&](auto& of_sites) { return std::span{of_sites}.subspan(sites.begin, sites.size()); };
    const BlockScales scales{of_layer(found_.sites), of_layer(found_.factors), of_layer(proposed_), found_.clips, inputs_of};
    if (kept) return blocks_->pass(layer, scales);
    INGOT_TRY(const BlockLoss loss, blocks_->search(layer, scales));
    found_.blocks.push_back(loss);
    return {};
  }

  Status search(const ScalingSite& site, std::vector<float>& factors, std::vector<float>& proposed) {
    const LayerInput* const input = input_of(site.readers.front().tensor);
    if (input == nullptr) return {};
    const quant::InputSample* const sample = input->sample.get();
    const auto kept = [&](const ScaledAxis& axis) {
      const auto planned = planned_.find(axis.tensor);
      return planned != planned_.end() && planned->second->as_stored;
    };
    if (std::any_of(site.writers.begin(), site.writers.end(), kept) || std::any_of(site.readers.begin(), site.readers.end(), kept))
      return {};
    std::vector<const PlannedMatrix*> searched;
    for (const ScaledAxis& axis : site.readers)
      if (const auto planned = planned_.find(axis.tensor); planned != planned_.end() && planned->second->is_searched() && !axis.rows)
        searched.push_back(planned->second);
    if (searched.empty()) return {};
    std::vector<quant::InputReader> readers;
    for (const PlannedMatrix* m : searched) {
      const quant::PackedLayout layout{m->scheme, m->tensor->rows(), m->tensor->columns()};
      const std::size_t rows = std::max<std::size_t>(weight_rows / searched.size(), 8);
      auto reader = quant::InputReader::read(layout, kernels::form_of(layout).scale_columns(), quant::row_source(*m->tensor), rows, team_);
      if (!reader) return std::move(reader).error().in(m->tensor->file + ": " + m->tensor->name);
      readers.push_back(*std::move(reader));
    }
    std::vector<std::uint32_t> factor_of(sample->columns());
    for (std::size_t i = 0; i < factor_of.size(); ++i) factor_of[i] = static_cast<std::uint32_t>(site.readers.front().factor(i));
    auto found = quant::search_scales(scales_, readers, *sample, factor_of, site.size, product_, team_);
    factors = std::move(found.factors), proposed = std::move(found.proposed);
    for (const ScaledAxis& axis : site.readers)
      if (!axis.rows) {
        scaled_.insert_or_assign(axis.tensor, std::pair{&site, &factors});
        with_factors_.insert(axis.tensor);
      }
    return {};
  }

  /// Of the matrices of a layer, or of those that no layer has, whose inputs have been sampled; the samples are then dropped.
  Status note_importance(std::optional<std::uint32_t> layer) {
    for (const PlannedMatrix& m : plan_) {
      if (!m.is_searched() || layer_of(m.name) != layer) continue;
      const LayerInput* const input = input_of(m.tensor->name);
      if (input == nullptr || input->sample->columns() != m.tensor->columns()) continue;
      std::vector<float> squares = input->sample->mean_squares();
      if (const auto scaled = scaled_.find(m.tensor->name); scaled != scaled_.end())
        for (std::size_t i = 0; i < squares.size(); ++i) {
          const float factor = (*scaled->second.second)[scaled->second.first->readers.front().factor(i)];
          squares[i] /= factor * factor;
        }
      INGOT_CHECK(keep(importance_record(m.tensor->name), std::as_bytes(std::span{squares})));
      found_.importance.insert_or_assign(m.tensor->name, std::move(squares));
    }
    samples_.clear();
    scaled_.clear();
    return {};
  }

  static constexpr std::string_view all_scales = "scales";
  [[nodiscard]] static std::string layer_record(std::uint32_t layer) { return "scales of layer " + std::to_string(layer); }
  [[nodiscard]] static std::string factors_record(std::size_t site) { return "factors " + std::to_string(site); }
  [[nodiscard]] static std::string clips_record(const std::string& tensor) { return "clips " + tensor; }
  [[nodiscard]] static std::string importance_record(const std::string& tensor) { return "importance " + tensor; }
  [[nodiscard]] bool is_kept(std::uint32_t layer) const { return journal_ != nullptr && journal_->has(layer_record(layer)); }
  /// A layer that was interrupted has some of its records.
  Status keep(std::string_view record, std::span<const std::byte> bytes) {
    if (journal_ == nullptr || journal_->has(record)) return {};
    return journal_->write(record, {bytes});
  }
  template <class T>
  Status read(const std::string& record, std::vector<T>& values) const {
    values.resize(journal_->size(record) / sizeof(T));
    return journal_->read(record, {std::as_writable_bytes(std::span{values})});
  }

  std::span<const PlannedMatrix> plan_;
  const quant::ScaleSearch& scales_;
  const quant::Product& product_;
  Team& team_;
  const ProgressSink& progress_;
  const Cancellation* cancellation_;
  Journal* journal_;
  std::map<std::string, Role, std::less<>> roles_;
  std::map<std::string, const PlannedMatrix*, std::less<>> planned_;
  std::map<std::string, LayerInput, std::less<>> samples_;                                               // of the present layer, by input
  std::map<std::string, std::pair<const ScalingSite*, const std::vector<float>*>, std::less<>> scaled_;  // of the present layer
  std::set<std::string, std::less<>> with_factors_;                                                      // matrices that have some
  std::optional<BlockSearch> blocks_;
  EquivalentScales found_;
  std::vector<std::vector<float>> proposed_;  // of each site, beside found_.factors
};

}  // namespace detail

Result<EquivalentScales> find_scales(const ModelCheckpoint& opened, std::span<const WeightRequest> requests,
                                     std::span<const detail::PlannedMatrix> plan, const CalibrationText& text,
                                     const quant::ScaleSearch& scales, const quant::Product& product, Team& team,
                                     const ProgressSink& progress, const Cancellation* cancellation, Journal* journal) {
  detail::ScaleCalibration calibration{opened, requests, plan, text, scales, product, team, progress, cancellation, journal};
  INGOT_CHECK(calibration.restore());
  if (!calibration.is_kept()) INGOT_CHECK(calibrate(opened, requests, text, calibration, team, cancellation));
  return std::move(calibration).finish();
}

}  // namespace ingot::model
