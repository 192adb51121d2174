// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/export_definitions.hpp: packing a checkpoint's weights; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/sha256.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/error_statistics.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/package_writer.hpp>

namespace ingot::model {

namespace detail {

/// One matrix of the package to be.
struct PlannedMatrix {
  std::string name;
  Role role;
  const checkpoint::TensorInfo* tensor;
  quant::Scheme scheme;
  bool as_stored;
};

/// `wanted`, its group halved until it divides the row; a note says so. 16 bits are those of the checkpoint, where it has 16.
inline quant::Scheme fitted(quant::Scheme wanted, const checkpoint::TensorInfo& tensor, const std::string& name,
                            std::vector<std::string>& notes) {
  if (wanted.bits == 16) return tensor.type == checkpoint::ElementType::f16 ? quant::f16 : quant::bf16;
  if (!wanted.is_integer() || wanted.group == 0) return wanted;
  const std::size_t columns = tensor.columns();
  const std::uint16_t group = quant::fitting_group(columns, wanted.group);
  if (group != wanted.group) {
    notes.push_back(name + ": groups of " + std::to_string(group) + ", as " + std::to_string(wanted.group) +
                    " do not divide its width of " + std::to_string(columns));
    wanted.group = group;
  } else if (columns % group != 0) {
    notes.push_back(name + ": the last group of " + std::to_string(group) + " is padded, its width is " + std::to_string(columns));
  }
  return wanted;
}

/// The role that decides how a matrix is stored.
[[nodiscard]] inline Role leading(const std::vector<Role>& roles) noexcept {
  return std::find(roles.begin(), roles.end(), Role::head) != roles.end() ? Role::head : roles.front();
}

inline std::vector<PlannedMatrix> plan(const std::vector<WeightRequest>& requests, const ExportOptions& options,
                                       std::vector<std::string>& notes) {
  std::vector<PlannedMatrix> matrices;
  std::map<std::string_view, std::size_t> quantized;  // matrices of each form
  for (const WeightRequest& request : requests) {
    if (!request.is_matrix) continue;
    const auto stored = quant::native_scheme(*request.tensor);
    if (options.keep_stored && stored) {
      matrices.push_back({request.name, leading(request.roles), request.tensor, *stored, true});
      continue;
    }
    const auto is = [&](Role role) { return std::find(request.roles.begin(), request.roles.end(), role) != request.roles.end(); };
    if (request.tensor->values) ++quantized[request.tensor->values->form()];
    const auto add = [&](const std::string& name, Role role) {
      matrices.push_back({name, role, request.tensor, fitted(storage_of(role, options), *request.tensor, name, notes), false});
    };
    const bool tied = is(Role::head) && is(Role::embedding);
    if (tied && options.separate_embedding) {
      add("model.embed_tokens.weight", Role::embedding);
      add("lm_head.weight", Role::head);
    } else {
      add(request.name, leading(request.roles));
    }
  }
  for (const auto& [form, count] : quantized)
    notes.push_back(std::to_string(count) + " matrices were quantized already, as " + std::string{form} +
                    ": decoded and quantized once more");
  return matrices;
}

}  // namespace detail

Result<ExportReport> export_weights(const ModelCheckpoint& opened, const ExportOptions& options, quant::PackageWriter& writer,
                                    const ProgressSink& progress, const Cancellation* cancellation) {
  const auto& [checkpoint, config] = opened;
  ExportReport report;
  INGOT_TRY(const auto requests, with_family(opened.config.model_type, [&]<class F>() {
              return Instantiate<F::traits>::list_weights(opened.config, opened.files.tensors);
            }));
  const auto matrices = detail::plan(requests, options, report.notes);
  const auto check = [&]() -> Status { return cancellation != nullptr ? cancellation->check() : Status{}; };

  for (const MappedFile& file : checkpoint.tensors.files()) {
    INGOT_CHECK(check());
    INGOT_TRY(const auto digest, sha256(file.bytes()));
    report.sources.emplace_back(file.path().filename().string(), to_hex(digest));
    writer.source(report.sources.back().first, report.sources.back().second);
  }
  std::uint64_t total = 0, done = 0;
  for (const auto& m : matrices) {
    INGOT_CHECK(writer.declare_matrix(m.name, m.scheme, m.tensor->rows(), m.tensor->columns()));
    total += m.tensor->elements();
  }
  for (const WeightRequest& request : requests)
    if (!request.is_matrix) INGOT_CHECK(writer.declare_vector(request.name, request.tensor->elements()));

  Team team{options.threads};
  for (const auto& m : matrices) {
    INGOT_CHECK(check());
    const auto place = [&](Error error) { return std::move(error).in(m.tensor->file + ": " + m.tensor->name); };
    const quant::RowSource decode = quant::row_source(*m.tensor);
    const quant::RowSource rows = [&](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
      INGOT_CHECK(check());
      return decode(begin, end, out);
    };
    auto packed =
        m.as_stored ? quant::pack_native(*m.tensor, team) : quant::pack(m.scheme, m.tensor->rows(), m.tensor->columns(), rows, team);
    if (!packed) return m.as_stored ? std::move(packed).error() : place(std::move(packed).error());
    INGOT_CHECK(writer.write(m.name, packed->view()));
    INGOT_TRY(const auto error, quant::error_statistics(packed->view(), rows, team));
    report.matrices.push_back({m.name, m.role, packed->layout(), error});
    if (progress) progress(m.name, done += m.tensor->elements(), total);
  }
  for (const WeightRequest& request : requests) {
    if (request.is_matrix) continue;
    INGOT_TRY(const auto values, decode_vector(*request.tensor));
    INGOT_CHECK(writer.write(request.name, std::span<const float>{values.data(), values.size()}));
  }
  INGOT_CHECK(writer.add_file("llm_config.json", checkpoint.config_json));
  if (checkpoint.generation_config_json) INGOT_CHECK(writer.add_file("generation_config.json", *checkpoint.generation_config_json));
  return report;
}

}  // namespace ingot::model
