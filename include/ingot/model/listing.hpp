// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/listing.hpp: which tensors of a checkpoint a decoder would bind, without loading any: the exporter's work list.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// One tensor that a decoder binds; its shape has been checked.
struct WeightRequest {
  std::string name;
  const checkpoint::TensorInfo* tensor = nullptr;
  bool is_matrix = false;
  std::vector<Role> roles;  ///< of a matrix: several when it is tied, or of a block that runs several times
};

/// Writes down what is asked for, and what is not there as it should be. The tensors outlive it.
class ListingSource final : public WeightSource {
 public:
  explicit ListingSource(const checkpoint::TensorIndex& tensors) : tensors_{tensors} {}

  [[nodiscard]] bool has(std::string_view name) const override { return tensors_.find(name) != nullptr; }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    if (const auto asked = asked_.find(name); asked != asked_.end()) {
      requests_[asked->second].roles.push_back(role);
      return quant::MatrixView{};
    }
    if (const auto tensor = find_matrix(tensors_, name, rows, columns)) {
      asked_.emplace(name, requests_.size());
      requests_.push_back({std::string{name}, *tensor, true, {role}});
    } else {
      note(name, tensor.error());
    }
    return quant::MatrixView{};
  }
  Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t rows = 1) override {
    if (asked_.contains(name)) return static_cast<const float*>(nullptr);
    if (const auto tensor = find_vector(tensors_, name, size, rows)) {
      asked_.emplace(name, requests_.size());
      requests_.push_back({std::string{name}, *tensor, false, {}});
    } else {
      note(name, tensor.error());
    }
    return static_cast<const float*>(nullptr);
  }
  /// Errors: damaged (tensors that are not there, or of another shape: the first in full, then the names of others).
  [[nodiscard]] Result<std::vector<WeightRequest>> requests() && {
    if (missing_.empty()) return std::move(requests_);
    if (missing_.size() == 1) return *std::move(first_);
    constexpr std::size_t named = 12;
    std::string names;
    for (std::size_t i = 0; i < missing_.size() && i < named; ++i) names += (i == 0 ? "" : ", ") + missing_[i];
    if (missing_.size() > named) names += ", ...";
    first_->what = std::to_string(missing_.size()) + " tensors are missing or of another shape, the first: " + first_->what;
    first_->hint = names;
    return *std::move(first_);
  }

 private:
  void note(std::string_view name, const Error& error) {
    if (!first_) first_ = error;
    missing_.emplace_back(name);
  }

  const checkpoint::TensorIndex& tensors_;
  std::vector<WeightRequest> requests_;
  std::map<std::string, std::size_t, std::less<>> asked_;  // which of them: a mixture has tens of thousands
  std::vector<std::string> missing_;
  std::optional<Error> first_;
};

/// A backend that binds nothing.
struct ListingBackend : LayerExtents {
  struct Nothing {};
  template <Role>
  using matrix = Nothing;
  template <Role>
  [[nodiscard]] Result<Nothing> bind(const quant::MatrixView&) const {
    return Nothing{};
  }
};

}  // namespace ingot::model
