// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/export_plan.hpp: which matrices a package will hold, and how each is stored.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/model/export.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/mask.hpp>
#include <ingot/quant/visit.hpp>

namespace ingot::model {

namespace detail {

/// One matrix of the package to be.
struct PlannedMatrix {
  std::string name;
  Role role;
  const checkpoint::TensorInfo* tensor;
  quant::Scheme scheme;
  bool as_stored;
  bool was_pruned = false;  ///< 2:4, in the checkpoint

  /// Whether its codes are chosen here.
  [[nodiscard]] bool is_searched() const noexcept { return !as_stored && scheme.is_integer(); }
  [[nodiscard]] bool is_sparse() const noexcept { return scheme.sparsity == quant::Sparsity::two_of_four; }
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
    const bool keep = options.keep_stored || (options.keep_codes && request.tensor->values && request.tensor->values->is_quantized());
    const auto stored = keep && !options.schemes.contains(request.name) ? quant::kept_scheme(*request.tensor) : std::nullopt;
    if (stored) {
      matrices.push_back({request.name, leading(request.roles), request.tensor, *stored, true});
      continue;
    }
    const auto is = [&](Role role) { return std::find(request.roles.begin(), request.roles.end(), role) != request.roles.end(); };
    if (request.tensor->values && request.tensor->values->is_quantized()) ++quantized[request.tensor->values->form()];
    const auto add = [&](const std::string& name, Role role) {
      const auto own = options.schemes.find(name);
      const quant::Scheme wanted = own != options.schemes.end() ? own->second : storage_of(role, options);
      matrices.push_back({name, role, request.tensor, fitted(wanted, *request.tensor, name, notes), false});
    };
    const bool tied = is(Role::head) && is(Role::embedding);
    if (tied && options.separate_embedding) {
      add("model.embed_tokens.weight", Role::embedding);
      add("lm_head.weight", Role::head);
    } else {
      add(request.name, leading(request.roles));
    }
  }
  std::size_t known = 0;
  for (PlannedMatrix& m : matrices) {
    const quant::Scheme sparse = quant::sparse_scheme(m.scheme);
    if (!m.is_searched() || !quant::is_shipped(sparse)) continue;
    const auto pruned = quant::is_pruned(quant::row_source(*m.tensor), m.tensor->rows(), m.tensor->columns());
    if (!pruned || !*pruned) continue;  // who cannot be read will be met again
    m.scheme = sparse;
    m.was_pruned = true;
    ++known;
  }
  if (known != 0)
    notes.push_back(std::to_string(known) +
                    " matrices have two zeros in each four weights: they are stored 2:4, symmetric, by their own mask");
  for (const auto& [form, count] : quantized)
    notes.push_back(std::to_string(count) + " matrices were quantized already, as " + std::string{form} +
                    ": decoded and quantized once more");
  return matrices;
}

}  // namespace detail

}  // namespace ingot::model
