// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/bit_allocation_definitions.hpp: what errors of each matrix do to the divergence; ingot::runtime compiles it,
              // once.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/model/bit_allocation.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/model/head_divergence.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/rounded_reading.hpp>
#include <ingot/quant/allocation.hpp>
#include <ingot/quant/encoder.hpp>
#include <ingot/quant/hqq.hpp>

namespace ingot::model {

namespace detail {

/// The schemes to choose among for rows of `columns`.
[[nodiscard]] inline std::vector<quant::Scheme> allocation_candidates(std::size_t columns, quant::Zero zero) {
  std::vector<quant::Scheme> candidates;
  for (const std::uint8_t bits : {2, 3, 4, 5, 6, 8})
    for (const std::uint16_t wanted : {128, 64, 32}) {
      const quant::Scheme scheme{.bits = bits, .group = quant::fitting_group(columns, wanted), .zero = zero};
      if (quant::is_shipped(scheme) && std::find(candidates.begin(), candidates.end(), scheme) == candidates.end())
        candidates.push_back(scheme);
    }
  return candidates;
}

/// For each scheme, the sum over all weights of error^2 * squares[column], from at most 128 rows.
[[nodiscard]] inline Result<std::vector<double>> output_errors(const checkpoint::TensorInfo& tensor, std::span<const quant::Scheme> schemes,
                                                               std::span<const double> squares, const quant::Encoder& encoder, Team& team) {
  const std::size_t columns = tensor.columns(), sampled = std::min<std::size_t>(tensor.rows(), 128);
  const quant::RowSource source = quant::row_source(tensor);
  std::vector<double> each(sampled * schemes.size());
  const auto compare = [&](Slice slice) -> Status {
    std::vector<float> original(columns), rounded(columns);
    for (std::size_t i = slice.begin; i < slice.end; ++i) {
      const std::size_t row = i * tensor.rows() / sampled;
      INGOT_CHECK(source(row, row + 1, original));
      for (std::size_t s = 0; s < schemes.size(); ++s) {
        rounded = original;
        round_rows(encoder, schemes[s], columns, rounded);
        double sum = 0;
        for (std::size_t j = 0; j < columns; ++j) {
          const double error = static_cast<double>(original[j]) - static_cast<double>(rounded[j]);
          sum += error * error * squares[j];
        }
        each[i * schemes.size() + s] = sum;
      }
    }
    return {};
  };
  INGOT_CHECK(quant::detail::for_each_slice(team, sampled, compare));
  std::vector<double> sums(schemes.size());
  for (std::size_t i = 0; i < each.size(); ++i) sums[i % schemes.size()] += each[i];
  for (double& sum : sums) sum *= static_cast<double>(tensor.rows()) / static_cast<double>(sampled);
  return sums;
}

[[nodiscard]] inline std::uint64_t stored_bytes(const quant::PackedLayout& layout) noexcept {
  return layout.quant_bytes() + layout.scale_bytes();
}

/// Bytes that the matrices of `plan` may take.
[[nodiscard]] inline double byte_budget(const SizeTarget& target, std::span<const PlannedMatrix> plan,
                                        std::span<const WeightRequest> requests) {
  double weights = 0, others = 4096;
  constexpr double entry = 384;  // of the file's header, for the planes of a matrix, and padding
  for (const PlannedMatrix& m : plan) weights += static_cast<double>(m.tensor->elements()), others += entry;
  for (const WeightRequest& request : requests)
    if (!request.is_matrix) others += 4 * static_cast<double>(request.tensor->elements()) + entry;
  return target.bits_per_weight > 0 ? target.bits_per_weight * weights / 8 : static_cast<double>(target.bytes) - others;
}

/// The first `tokens` of a text.
[[nodiscard]] inline CalibrationText beginning(const CalibrationText& text, std::size_t tokens) {
  CalibrationText part{text.source, {}};
  for (const auto& sequence : text.sequences) {
    const std::size_t count = std::min(sequence.size(), tokens);
    if (count == 0) break;
    part.sequences.emplace_back(sequence.begin(), sequence.begin() + static_cast<std::ptrdiff_t>(count));
    tokens -= count;
  }
  return part;
}

}  // namespace detail

Result<Allocation> allocate_bits(const ModelCheckpoint& opened, const SizeTarget& target, ExportOptions& options,
                                 const ProgressSink& progress, const Cancellation* cancellation) {
  using detail::SensitivityClass;
  const CalibrationText text = detail::beginning(options.calibration, 512);
  INGOT_TRY(const auto requests, list_weights(opened));
  std::vector<std::string> notes;
  const std::vector<detail::PlannedMatrix> plan = detail::plan(requests, options, notes);
  Team team{options.threads};
  const quant::NearestEncoder nearest;
  const quant::HqqEncoder hqq;
  const quant::Encoder& encoder = options.search == Search::nearest ? static_cast<const quant::Encoder&>(nearest) : hqq;

  detail::RoundedReading original{true};
  INGOT_CHECK(calibrate(opened, requests, text, original, team, cancellation));
  const detail::ReadText& read = original.read();
  if (read.head == nullptr)
    return Error{ErrorCode::unsupported, "the model predicts no tokens: its bits cannot be allocated by their divergence", {}, {}};

  struct Item {
    std::size_t index;  // in the plan
    SensitivityClass of;
    std::vector<quant::Scheme> schemes;  // the probe's behind the candidates
    std::vector<double> errors;
  };
  const quant::Scheme probe{.bits = 4, .group = 64, .zero = options.layers.zero};
  std::vector<Item> items;
  std::map<std::string, SensitivityClass, std::less<>> classes;
  std::map<SensitivityClass, std::pair<double, double>> floors;  // sum of squares, columns
  double fixed = 0, weights = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const detail::PlannedMatrix& m = plan[i];
    weights += static_cast<double>(m.tensor->elements());
    const auto squares = read.squares.find(m.tensor->name);
    const bool multiplied = squares != read.squares.end(), embedding = m.role == Role::embedding;  // a tied one is multiplied: as the head
    const bool has_choice = embedding ? target.embedding && !multiplied && !m.as_stored : multiplied && m.is_searched();
    if (!has_choice || options.schemes.contains(m.name)) {
      fixed += static_cast<double>(detail::stored_bytes({m.scheme, m.tensor->rows(), m.tensor->columns()}));
      continue;
    }
    const SensitivityClass of{m.role, layer_of(m.name).value_or(0) * 3 / opened.config.shape.layers};
    items.push_back({i, of, detail::allocation_candidates(m.tensor->columns(), options.layers.zero), {}});
    items.back().schemes.push_back(probe);
    classes.emplace(m.tensor->name, of);
    auto& [sum, columns] = floors[of];
    columns += static_cast<double>(m.tensor->columns());
    if (embedding)
      sum = columns;
    else
      for (const double square : squares->second) sum += square;
  }
  for (Item& item : items) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    const checkpoint::TensorInfo& tensor = *plan[item.index].tensor;
    std::vector<double> squares(tensor.columns(), 1);  // of an embedding
    if (const auto found = read.squares.find(tensor.name); found != read.squares.end()) squares = found->second;
    const auto [sum, columns] = floors[item.of];
    for (double& square : squares) square = std::max(square, 0.01 * sum / columns);  // experts that the text does not reach
    INGOT_TRY(item.errors, detail::output_errors(tensor, item.schemes, squares, encoder, team));
  }

  std::map<SensitivityClass, double> sensitivities;
  std::uint64_t done = 0;
  for (const auto& entry : floors) {
    const SensitivityClass& of = entry.first;
    double divergence = 0, error = 0;
    const std::string record = "divergence " + std::to_string(static_cast<unsigned>(of.role)) + " " + std::to_string(of.third);
    const bool kept = options.journal != nullptr && options.journal->has(record);
    detail::RoundedReading rounded{classes, of, encoder, probe};
    const detail::HeadDivergence head{*read.head, opened.config, read.hidden, team};
    if (kept) {
      INGOT_CHECK(options.journal->read(record, {std::as_writable_bytes(std::span{&divergence, 1})}));
    } else if (of.role == Role::head) {
      INGOT_TRY(divergence, head.measure(read.hidden, [&](std::span<float> rows) {
        detail::round_rows(encoder, probe, read.head->tensor->columns(), rows);
      }));
    } else {
      INGOT_CHECK(calibrate(opened, requests, text, rounded, team, cancellation));
      INGOT_TRY(divergence, head.measure(rounded.read().hidden, {}));
    }
    if (options.journal != nullptr && !kept) INGOT_CHECK(options.journal->write(record, {std::as_bytes(std::span{&divergence, 1})}));
    for (const Item& item : items)
      if (item.of == of) error += item.errors.back();
    sensitivities[of] = error > 0 ? divergence / error : 0;
    if (progress) progress(std::string{"sensitivity of "} + role_names[static_cast<std::size_t>(of.role)], ++done, floors.size());
  }

  std::vector<std::vector<quant::StorageChoice>> choices(items.size());
  double smallest = fixed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    const checkpoint::TensorInfo& tensor = *plan[item.index].tensor;
    std::uint64_t least = ~std::uint64_t{0};
    for (std::size_t s = 0; s + 1 < item.schemes.size(); ++s) {
      const double cost = item.errors[s] * sensitivities[item.of];
      choices[i].push_back({detail::stored_bytes({item.schemes[s], tensor.rows(), tensor.columns()}), std::isfinite(cost) ? cost : 1e30});
      least = std::min(least, choices[i].back().bytes);
    }
    smallest += static_cast<double>(least);
  }
  const double budget = detail::byte_budget(target, plan, requests);
  const auto chosen =
      budget >= fixed ? quant::allocate(choices, static_cast<std::uint64_t>(std::min(budget - fixed, 0x1p62))) : std::nullopt;
  if (!chosen) {
    const double bits = std::ceil(80 * smallest / weights) / 10, bytes = static_cast<double>(target.bytes) + smallest - budget;
    return Error{ErrorCode::usage,
                 "the smallest schemes take more than the target",
                 {},
                 "ask for at least " + (target.bits_per_weight > 0 ? std::to_string(bits).substr(0, 4) + " bits a weight"
                                                                   : std::to_string(static_cast<std::uint64_t>(bytes / 1e6) + 1) + "MB")};
  }

  Allocation allocation;
  allocation.tokens = text.tokens();
  double bytes = fixed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const detail::PlannedMatrix& m = plan[items[i].index];
    const quant::Scheme& scheme = items[i].schemes[(*chosen)[i]];
    const quant::StorageChoice& choice = choices[i][(*chosen)[i]];
    options.schemes.insert_or_assign(m.name, scheme);
    allocation.matrices.push_back(
        {m.name, m.role, {scheme, m.tensor->rows(), m.tensor->columns()}, choice.cost, sensitivities[items[i].of]});
    allocation.divergence += choice.cost;
    bytes += static_cast<double>(choice.bytes);
  }
  allocation.bits_per_weight = 8 * bytes / weights;
  return allocation;
}

}  // namespace ingot::model
