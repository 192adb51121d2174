// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/package_source.hpp: weights of a package, used where they are mapped, or decoded to float as an oracle.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/core/pages.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/package.hpp>

namespace ingot::model {

/// Hands out the mapped bytes themselves.
class PackageSource final : public WeightSource {
 public:
  explicit PackageSource(quant::Package package) : package_{std::move(package)} {}

  [[nodiscard]] bool has(std::string_view name) const override {
    return package_.matrices().contains(name) || package_.vectors().contains(name);
  }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    INGOT_TRY(const quant::MatrixView view, package_.matrix(name));
    if (view.rows == rows && view.columns == columns) {
      const bool by_row = role == Role::embedding || role == Role::positions || role == Role::token_types;
      if (by_row || role == Role::head)  // the file is mapped in huge pages, but a tied head comes after the embedding
        prefer(by_row ? PageSize::small : PageSize::huge, view.quants.data(), view.quants.size());
      return view;
    }
    return Error{ErrorCode::damaged, "its shape does not follow from llm_config.json", std::string{name}, "export the model again"};
  }
  Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t = 1) override {
    INGOT_TRY(const auto values, package_.vector(name));
    if (values.size() == size) return values.data();
    return Error{ErrorCode::damaged, "its size does not follow from llm_config.json", std::string{name}, "export the model again"};
  }

 private:
  quant::Package package_;
};

/// Decodes what another source has to float32: the same weights through the float kernels, to tell quantization from arithmetic.
class FloatSource final : public WeightSource {
 public:
  FloatSource(std::unique_ptr<WeightSource> source, std::uint32_t threads) : source_{std::move(source)}, team_{threads} {}

  [[nodiscard]] bool has(std::string_view name) const override { return source_->has(name); }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    if (const auto packed = matrices_.find(name); packed != matrices_.end()) return packed->second.view();
    INGOT_TRY(const quant::MatrixView stored, source_->matrix(name, role, rows, columns));
    INGOT_TRY(auto packed, quant::pack(quant::f32, rows, columns, quant::row_source(stored), team_));
    return matrices_.emplace(name, std::move(packed)).first->second.view();
  }
  Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t rows = 1) override {
    return source_->vector(name, size, rows);
  }

 private:
  std::unique_ptr<WeightSource> source_;
  Team team_;
  std::map<std::string, quant::PackedStorage, std::less<>> matrices_;
};

}  // namespace ingot::model
