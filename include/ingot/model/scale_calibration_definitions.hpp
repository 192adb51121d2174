// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/scale_calibration_definitions.hpp: inputs are sampled as a text passes, then searched; ingot::runtime compiles
              // it.

#include <algorithm>
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
#include <ingot/model/input_of.hpp>
#include <ingot/model/scale_calibration.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/input_sample.hpp>

namespace ingot::model {

namespace detail {

/// Samples the inputs of a layer while the text passes, and searches its sites behind it.
class ScaleCalibration final : public CalibrationObserver {
 public:
  /// Rows of an input that are kept (an expert's fewer: there are many), and rows of its matrices that are looked at.
  static constexpr std::size_t input_rows = 512, expert_rows = 128, weight_rows = 512;

  ScaleCalibration(const Config& config, std::span<const WeightRequest> requests, std::span<const PlannedMatrix> plan,
                   const quant::ScaleSearch& scales, const quant::Product& product, Team& team, const ProgressSink& progress,
                   const Cancellation* cancellation, Journal* journal)
      : plan_{plan}, scales_{scales}, product_{product}, team_{team}, progress_{progress}, cancellation_{cancellation}, journal_{journal} {
    for (const WeightRequest& request : requests) roles_.emplace(request.name, request.is_matrix ? leading(request.roles) : Role{});
    for (const PlannedMatrix& m : plan) planned_.emplace(m.tensor->name, &m);
    found_.sites = scaling_sites(config, requests);
    found_.factors.resize(found_.sites.size());
  }

  /// Whether an interrupted search had looked at all layers.
  [[nodiscard]] bool is_kept() const noexcept { return journal_ != nullptr && journal_->has(all_scales); }

  Status observe(const WeightRequest& matrix, Rows<const float> x) override {
    const Role role = leading(matrix.roles);
    if (role == Role::key_up || role == Role::value_up) return {};  // each head multiplies rows of its own
    if (std::uint32_t layer = 0; layer_of(matrix.name, layer) && is_kept(layer)) return {};
    auto& [feeder, sample] = samples_[input_name(role, matrix.name)];
    if (sample == nullptr) {
      feeder = matrix.name;
      sample = std::make_unique<quant::InputSample>(x.extent(1), role == Role::expert_down ? expert_rows : input_rows);
    }
    if (feeder == matrix.name) sample->add(x);
    return {};
  }
  Result<quant::RowSource> weights(const WeightRequest& matrix) override { return quant::row_source(*matrix.tensor); }
  Status end_layer(std::uint32_t layer) override {
    if (is_kept(layer)) return {};
    for (std::size_t i = 0; i < found_.sites.size(); ++i) {
      std::uint32_t of = 0;
      if (!layer_of(found_.sites[i].readers.front().tensor, of) || of != layer) continue;
      if (cancellation_ != nullptr) INGOT_CHECK(cancellation_->check());
      INGOT_CHECK(search(found_.sites[i], found_.factors[i]));
      if (!found_.factors[i].empty()) INGOT_CHECK(keep(factors_record(i), found_.factors[i]));
      if (progress_) progress_("scales of layer " + std::to_string(layer), i + 1, found_.sites.size());
    }
    INGOT_CHECK(note_importance(layer));
    return keep(layer_record(layer), {});
  }

  [[nodiscard]] Result<EquivalentScales> finish() && {
    INGOT_CHECK(note_importance(std::nullopt));  // of the head
    INGOT_CHECK(keep(all_scales, {}));
    INGOT_CHECK(restore());
    std::size_t left = 0;
    const PlannedMatrix* first = nullptr;
    for (const PlannedMatrix& m : plan_) {
      std::uint32_t layer = 0;
      if (!m.is_searched() || !layer_of(m.name, layer) || with_factors_.contains(m.tensor->name)) continue;
      if (left++ == 0) first = &m;
    }
    if (left != 0)
      found_.notes.push_back(std::to_string(left) + " matrices keep their scales, " + first->name +
                             " the first: what is before them in the graph, or never reached them, takes no factors");
    return std::move(found_);
  }

 private:
  using Sample = std::pair<std::string, std::unique_ptr<quant::InputSample>>;  // with the matrix that shows it

  [[nodiscard]] const quant::InputSample* sample_of(const std::string& tensor) const {
    const auto found = samples_.find(input_name(roles_.at(tensor), tensor));
    return found == samples_.end() ? nullptr : found->second.second.get();
  }

  Status search(const ScalingSite& site, std::vector<float>& factors) {
    const quant::InputSample* const sample = sample_of(site.readers.front().tensor);
    if (sample == nullptr || sample->seen() == 0) return {};
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
    factors = quant::search_scales(scales_, readers, *sample, factor_of, site.size, product_, team_).factors;
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
      std::uint32_t of = 0;
      const bool in_layer = layer_of(m.name, of);
      if (!m.is_searched() || in_layer != layer.has_value() || (in_layer && of != *layer)) continue;
      const quant::InputSample* const sample = sample_of(m.tensor->name);
      if (sample == nullptr || sample->seen() == 0 || sample->columns() != m.tensor->columns()) continue;
      std::vector<float> squares = sample->mean_squares();
      if (const auto scaled = scaled_.find(m.tensor->name); scaled != scaled_.end())
        for (std::size_t i = 0; i < squares.size(); ++i) {
          const float factor = (*scaled->second.second)[scaled->second.first->readers.front().factor(i)];
          squares[i] /= factor * factor;
        }
      INGOT_CHECK(keep(importance_record(m.tensor->name), squares));
      found_.importance.insert_or_assign(m.tensor->name, std::move(squares));
    }
    samples_.clear();
    scaled_.clear();
    return {};
  }

  static constexpr std::string_view all_scales = "scales";
  [[nodiscard]] static std::string layer_record(std::uint32_t layer) { return "scales of layer " + std::to_string(layer); }
  [[nodiscard]] static std::string factors_record(std::size_t site) { return "factors " + std::to_string(site); }
  [[nodiscard]] static std::string importance_record(const std::string& tensor) { return "importance " + tensor; }
  [[nodiscard]] bool is_kept(std::uint32_t layer) const { return journal_ != nullptr && journal_->has(layer_record(layer)); }
  /// A layer that was interrupted has some of its records.
  Status keep(std::string_view record, std::span<const float> values) {
    if (journal_ == nullptr || journal_->has(record)) return {};
    return journal_->write(record, {std::as_bytes(values)});
  }
  /// What was searched before the interruption.
  Status restore() {
    if (journal_ == nullptr) return {};
    const auto read = [&](const std::string& record, std::vector<float>& values) -> Status {
      values.resize(journal_->size(record) / sizeof(float));
      return journal_->read(record, {std::as_writable_bytes(std::span{values})});
    };
    for (std::size_t i = 0; i < found_.sites.size(); ++i) {
      if (!journal_->has(factors_record(i))) continue;
      INGOT_CHECK(read(factors_record(i), found_.factors[i]));
      if (found_.factors[i].size() != found_.sites[i].size)
        return Error{ErrorCode::damaged, "factors of another number", journal_->path().string(), "delete it"};
      for (const ScaledAxis& axis : found_.sites[i].readers)
        if (!axis.rows) with_factors_.insert(axis.tensor);
    }
    for (const PlannedMatrix& m : plan_)
      if (const std::string record = importance_record(m.tensor->name); journal_->has(record))
        INGOT_CHECK(read(record, found_.importance[m.tensor->name]));
    return {};
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
  std::map<std::string, Sample, std::less<>> samples_;                                                   // of the present layer, by input
  std::map<std::string, std::pair<const ScalingSite*, const std::vector<float>*>, std::less<>> scaled_;  // of the present layer
  std::set<std::string, std::less<>> with_factors_;                                                      // matrices that have some
  EquivalentScales found_;
};

}  // namespace detail

Result<EquivalentScales> find_scales(const ModelCheckpoint& opened, std::span<const WeightRequest> requests,
                                     std::span<const detail::PlannedMatrix> plan, const CalibrationText& text,
                                     const quant::ScaleSearch& scales, const quant::Product& product, Team& team,
                                     const ProgressSink& progress, const Cancellation* cancellation, Journal* journal) {
  detail::ScaleCalibration calibration{opened.config, requests, plan, scales, product, team, progress, cancellation, journal};
  if (!calibration.is_kept()) INGOT_CHECK(calibrate(opened, requests, text, calibration, team, cancellation));
  return std::move(calibration).finish();
}

}  // namespace ingot::model
