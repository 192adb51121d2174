// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/list.hpp: families as one type, and the choice of one by model_type.

#include <algorithm>
#include <iterator>
#include <string_view>

namespace ingot::model::families {

/// A family is a type with
///   `name`         std::string_view
///   `model_types`  std::string_view[], those of config.json that are read by it
///   `traits`       Family: what its graph is
///   `read`         Result<Config>(const json::Value& root)
///   `arrange`      Status(const Config&, checkpoint::Arrangement&): its tensors under canonical names; absent where they have them
template <class... Families>
struct List {
  /// The same families and more, which are looked at first.
  template <class... More>
  using with = List<More..., Families...>;

  /// Whether a family reads `model_type`.
  [[nodiscard]] static constexpr bool has(std::string_view model_type) noexcept { return (reads<Families>(model_type) || ...); }

  /// Calls `use.template operator()<F>()` for the family of `model_type`; false when there is none.
  template <class Use>
  static bool visit(std::string_view model_type, Use&& use) {
    const auto try_one = [&]<class F>() {
      if (!reads<F>(model_type)) return false;
      use.template operator()<F>();
      return true;
    };
    return (try_one.template operator()<Families>() || ...);
  }

 private:
  template <class F>
  [[nodiscard]] static constexpr bool reads(std::string_view model_type) noexcept {
    return std::find(std::begin(F::model_types), std::end(F::model_types), model_type) != std::end(F::model_types);
  }
};

}  // namespace ingot::model::families
