// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/gptq_overlay_definitions.hpp: overlaying GPTQ checkpoints; ingot::runtime compiles it, once.

#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include <ingot/checkpoint/gptq_overlay.hpp>
#include <ingot/checkpoint/module_finder.hpp>

namespace ingot::checkpoint {

Status overlay_gptq(Checkpoint& base, const std::filesystem::path& directory, const NoteSink& note) {
  INGOT_TRY(auto other, open(directory));
  std::map<std::string, TensorInfo> matrices;  // by the base's names
  std::string renamed;
  ModuleFinder finder{base.tensors};
  for (const TensorInfo& tensor : other.tensors) {
    if (!tensor.values) continue;
    if (const auto form = tensor.values->form(); form != "GPTQ" && form != "pack-quantized")
      return tensor.problem(ErrorCode::unsupported, "not of GPTQ, but " + std::string{form}, "export it by itself, as --path");
    const TensorInfo* const replaced = finder.find(tensor.name);
    if (replaced == nullptr)
      return tensor.problem(ErrorCode::damaged, "the model has no such matrix", "it was quantized from another model than --path names");
    if (replaced->shape != tensor.shape)
      return tensor.problem(ErrorCode::damaged,
                            "it is " + std::to_string(tensor.rows()) + " x " + std::to_string(tensor.columns()) + ", " + replaced->file +
                                ": " + replaced->name + " is " + std::to_string(replaced->rows()) + " x " +
                                std::to_string(replaced->columns()),
                            "it was quantized from another model than --path names");
    if (replaced->name != tensor.name && renamed.empty()) renamed = tensor.name + " of GPTQ is taken for " + replaced->name;
    TensorInfo made = tensor;
    made.name = replaced->name;
    if (!matrices.emplace(replaced->name, std::move(made)).second)
      return tensor.problem(ErrorCode::damaged, "a second matrix for " + replaced->name, {});
  }
  if (matrices.empty())
    return Error{ErrorCode::unsupported, "no matrices quantized by GPTQ", directory.string(), "name the directory of a GPTQ checkpoint"};
  if (note && !renamed.empty()) note(renamed);

  auto [files, tensors] = std::move(base.tensors).release();
  for (TensorInfo& tensor : tensors)
    if (const auto found = matrices.find(tensor.name); found != matrices.end()) tensor = std::move(found->second);
  auto other_files = std::move(other.tensors).release().first;
  std::move(other_files.begin(), other_files.end(), std::back_inserter(files));
  INGOT_TRY(base.tensors, TensorIndex::create(std::move(files), std::move(tensors)));
  return {};
}

}  // namespace ingot::checkpoint
