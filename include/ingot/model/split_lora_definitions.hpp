// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/split_lora_definitions.hpp: writing an adapter's factors; ingot::runtime compiles it, once.

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/checkpoint/lora_factors.hpp>
#include <ingot/checkpoint/safetensors_writer.hpp>
#include <ingot/core/sha256.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/split_lora.hpp>

namespace ingot::model {

Result<std::size_t> split_lora(const ModelCheckpoint& adapted, quant::PackageWriter& writer) {
  INGOT_TRY(const auto requests, list_weights(adapted));
  std::vector<checkpoint::TensorDeclaration> declared;
  std::vector<const checkpoint::TensorInfo*> changed;
  for (const WeightRequest& request : requests) {
    if (!request.tensor->values || request.tensor->values->lora() == nullptr) continue;
    INGOT_TRY(const auto factors, checkpoint::lora_factors(*request.tensor));  // all are looked at before any is written
    declared.push_back({request.name + ".lora_A", checkpoint::ElementType::f32, {factors.rank, request.tensor->columns()}});
    declared.push_back({request.name + ".lora_B", checkpoint::ElementType::f32, {request.tensor->rows(), factors.rank}});
    changed.push_back(request.tensor);
  }
  if (changed.empty())
    return Error{ErrorCode::unsupported, "the adapter changes nothing that this model uses", adapted.files.directory.string(), {}};

  std::map<std::string, std::string, std::less<>> metadata{{"ingot.lora", std::string{lora_version}},
                                                           {"ingot.family", adapted.config.model_type}};
  for (const MappedFile& file : adapted.files.tensors.files()) {
    INGOT_TRY(const auto digest, sha256(file.bytes()));
    metadata.insert_or_assign("ingot.source." + file.path().filename().string(), to_hex(digest));
  }
  INGOT_TRY(const auto path, writer.place_file(lora_file));
  INGOT_TRY(auto file, checkpoint::SafetensorsWriter::create(path, declared, metadata));
  std::size_t next = 0;
  for (const checkpoint::TensorInfo* tensor : changed) {
    INGOT_TRY(const auto factors, checkpoint::lora_factors(*tensor));
    INGOT_CHECK(file.write(next++, std::as_bytes(std::span{factors.down})));
    INGOT_CHECK(file.write(next++, std::as_bytes(std::span{factors.up})));
  }
  INGOT_CHECK(file.finish());
  return changed.size();
}

}  // namespace ingot::model
