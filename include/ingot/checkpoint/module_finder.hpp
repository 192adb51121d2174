// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/module_finder.hpp: the tensor of a checkpoint that another program names with other leading components.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/checkpoint/tensor_index.hpp>

namespace ingot::checkpoint {

/// Finds tensors by the end of their names: a model inside another one, or loaded without its head, calls its layers
/// `model.language_model.layers.0` where a checkpoint has `language_model.model.layers.0` or `layers.0`.
class ModuleFinder {
 public:
  explicit ModuleFinder(const TensorIndex& tensors) : tensors_{tensors} {}

  /// The tensor named so; or the only one with whose name it shares most of its last components, the number of the layer and what it is
  /// a number of among them. Takes time linear in the name, but for a logarithm of the number of tensors.
  [[nodiscard]] const TensorInfo* find(std::string_view name) {
    if (const TensorInfo* tensor = tensors_.find(name)) return tensor;
    sort_ends();
    const std::size_t last = shortest_end(name);
    for (std::size_t begin = 0; begin <= last;) {
      if (const auto found = ending_with(name.substr(begin))) return *found;
      begin = name.find('.', begin);
      if (begin == name.npos) break;
      ++begin;
    }
    return nullptr;
  }

 private:
  struct End {
    std::string reversed;
    const TensorInfo* tensor;
  };

  void sort_ends() {
    if (!ends_.empty()) return;
    for (const TensorInfo& tensor : tensors_) ends_.push_back({{tensor.name.rbegin(), tensor.name.rend()}, &tensor});
    std::sort(ends_.begin(), ends_.end(), [](const End& a, const End& b) { return a.reversed < b.reversed; });
  }

  /// Where the shortest end of `name` begins that still tells what it means.
  [[nodiscard]] static std::size_t shortest_end(std::string_view name) {
    std::size_t before = 0, begin = 0;
    for (; begin < name.size(); before = begin, begin = name.find('.', begin) + 1) {
      const std::size_t end = std::min(name.find('.', begin), name.size());
      if (begin != 0 && end > begin && name.substr(begin, end - begin).find_first_not_of("0123456789") == name.npos) return before;
      if (end == name.size()) break;
    }
    const std::size_t tensor = name.rfind('.');  // no layer: the module's last component and the tensor's name
    if (tensor == name.npos || tensor == 0) return 0;
    const std::size_t module = name.rfind('.', tensor - 1);
    return module == name.npos ? 0 : module + 1;
  }

  /// Nothing when no name has this end; a null pointer when several have.
  [[nodiscard]] std::optional<const TensorInfo*> ending_with(std::string_view end) const {
    std::string key{end.rbegin(), end.rend()};
    const auto at_least = [&](const std::string& wanted) {
      return std::lower_bound(ends_.begin(), ends_.end(), wanted, [](const End& e, const std::string& w) { return e.reversed < w; });
    };
    if (const auto whole = at_least(key); whole != ends_.end() && whole->reversed == key) return whole->tensor;
    key += '.';
    const auto first = at_least(key);
    if (first == ends_.end() || !first->reversed.starts_with(key)) return std::nullopt;
    const bool another = first + 1 != ends_.end() && (first + 1)->reversed.starts_with(key);
    return another ? nullptr : first->tensor;
  }

  const TensorIndex& tensors_;
  std::vector<End> ends_;
};

}  // namespace ingot::checkpoint
