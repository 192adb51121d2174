// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/matrix_exporter.hpp: one planned matrix after the other is packed, written and compared with its source.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/journal.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/quant/error_statistics.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/mask.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/package_writer.hpp>

namespace ingot::model::detail {

/// Writes the planned matrices, each once, in any order.
class MatrixExporter {
 public:
  MatrixExporter(std::span<const PlannedMatrix> plan, quant::PackageWriter& writer, Team& team, Journal* journal,
                 const ProgressSink& progress, const Cancellation* cancellation)
      : plan_{plan}, writer_{writer}, team_{team}, journal_{journal}, progress_{progress}, cancellation_{cancellation}, done_(plan.size()) {
    for (const PlannedMatrix& m : plan) total_ += m.tensor->elements();
  }

  [[nodiscard]] bool is_done(std::size_t index) const noexcept { return done_[index].has_value(); }
  /// Whether an export that was interrupted had finished it: its codes are taken from there.
  [[nodiscard]] bool is_kept(std::size_t index) const noexcept {
    return journal_ != nullptr && plan_[index].is_searched() && journal_->has(record_of(index));
  }
  [[nodiscard]] Status check() const { return cancellation_ != nullptr ? cancellation_->check() : Status{}; }
  /// The checkpoint's rows of a matrix.
  [[nodiscard]] quant::RowSource rows_of(std::size_t index) const {
    return [this, decode = quant::row_source(*plan_[index].tensor)](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
      INGOT_CHECK(check());
      return decode(begin, end, out);
    };
  }

  /// Packs and writes a matrix; what it returns are the bytes written. One of a 2:4 scheme is pruned first, by `importance` where there is
  /// any (quant/mask.hpp). Errors: those of the checkpoint, of pack() and of the disk.
  Result<quant::PackedStorage> write(std::size_t index, const quant::Encoder& encoder = quant::NearestEncoder{},
                                     std::vector<float> importance = {}) {
    INGOT_CHECK(check());
    const PlannedMatrix& m = plan_[index];
    const quant::RowSource rows = rows_of(index);
    const bool kept = is_kept(index);
    const std::size_t columns = m.tensor->columns();
    const quant::RowSource left = m.is_sparse() ? quant::pruned(rows, columns, std::move(importance)) : rows;
    auto packed = kept          ? restored(index)
                  : m.as_stored ? quant::pack_native(*m.tensor, team_)
                                : quant::pack(m.scheme, m.tensor->rows(), columns, left, team_, encoder);
    if (!packed) return m.as_stored ? std::move(packed).error() : std::move(packed).error().in(m.tensor->file + ": " + m.tensor->name);
    if (journal_ != nullptr && m.is_searched() && !kept)
      INGOT_CHECK(journal_->write(record_of(index), {packed->quants(), packed->scales()}));
    INGOT_CHECK(writer_.write(m.name, packed->view()));
    INGOT_TRY(const auto error, quant::error_statistics(packed->view(), rows, team_));
    done_[index] = ExportedMatrix{m.name, m.role, packed->layout(), error};
    written_ += m.tensor->elements();
    if (progress_) progress_(m.name, written_, total_);
    return packed;
  }

  /// What became of the matrices, in the order of the plan. All have been written.
  [[nodiscard]] std::vector<ExportedMatrix> finish() && {
    std::vector<ExportedMatrix> matrices;
    for (auto& matrix : done_) matrices.push_back(*std::move(matrix));
    return matrices;
  }

 private:
  [[nodiscard]] std::string record_of(std::size_t index) const { return "matrix " + plan_[index].name; }
  Result<quant::PackedStorage> restored(std::size_t index) const {
    const PlannedMatrix& m = plan_[index];
    INGOT_TRY(const auto layout, quant::checked_layout(m.scheme, m.tensor->rows(), m.tensor->columns()));
    quant::PackedStorage packed{layout.scheme, layout.rows, layout.columns};
    INGOT_CHECK(journal_->read(record_of(index), {packed.quants(), packed.scales()}));
    return packed;
  }

  std::span<const PlannedMatrix> plan_;
  quant::PackageWriter& writer_;
  Team& team_;
  Journal* journal_;
  const ProgressSink& progress_;
  const Cancellation* cancellation_;
  std::vector<std::optional<ExportedMatrix>> done_;  // by index in the plan
  std::uint64_t total_ = 0, written_ = 0;            // weights
};

}  // namespace ingot::model::detail
