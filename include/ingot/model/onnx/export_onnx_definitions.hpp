// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/export_onnx_definitions.hpp: writing a checkpoint as ONNX; ingot::runtime compiles it, once.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/core/atomic_file.hpp>
#include <ingot/model/onnx/decoder_graph.hpp>
#include <ingot/model/onnx/export_onnx.hpp>
#include <ingot/model/onnx/model_proto.hpp>
#include <ingot/model/onnx/weight_writer.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model::onnx {

namespace detail {

/// Whether files may be replaced by an export: there are none, or those of one.
[[nodiscard]] inline bool is_export(const std::filesystem::path& path) {
  std::error_code error;
  bool empty = true;
  for (std::filesystem::directory_iterator entry{path, error}, end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file(error)) return false;
    empty = false;
  }
  return !error && (empty || (std::filesystem::exists(path / graph_file, error) && std::filesystem::exists(path / data_file, error)));
}

}  // namespace detail

Result<OnnxDirectory> OnnxDirectory::create(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error) && !(std::filesystem::is_directory(path, error) && detail::is_export(path)))
    return Error{ErrorCode::usage, "the destination is neither an ONNX export nor an empty directory", path.string(),
                 "choose another name"};
  OnnxDirectory directory;
  INGOT_TRY(directory.directory_, AtomicDirectory::create(path));
  return directory;
}

Status OnnxDirectory::add_file(std::string_view name, std::string_view contents) const {
  const bool plain = !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view{"/\0", 2}) == name.npos;
  if (!plain) return Error{ErrorCode::other, "not a name for a file", std::string{name}, {}};
  return write_file(temporary_path() / name, contents);
}

Status OnnxDirectory::commit() { return directory_.commit(AtomicDirectory::Existing::replace); }

Status export_onnx(const ModelCheckpoint& opened, const GraphForm& form, const OnnxDirectory& directory, WeightSource* packed,
                   std::uint32_t threads, const ProgressSink& progress, const Cancellation* cancellation) {
  const Config& config = opened.config;
  INGOT_TRY(const auto requests, list_weights(opened));
  const Family family = *with_family(config.model_type, []<class F>() { return Result<Family>{F::traits}; });
  INGOT_TRY(const DecoderGraph model, decoder_graph(family, config, requests, form));
  INGOT_CHECK(directory.add_file(graph_file, model_proto(model.graph, data_file)));
  if (form.rows > 1) {  // the same weights in the same order: one data file serves both
    GraphForm one = form;
    one.rows = 1;
    INGOT_TRY(const DecoderGraph decode, decoder_graph(family, config, requests, one));
    INGOT_CHECK(directory.add_file(decode_file, model_proto(decode.graph, data_file)));
  }
  INGOT_CHECK(directory.add_file("config.json", opened.files.config_json));
  if (opened.files.generation_config_json) INGOT_CHECK(directory.add_file("generation_config.json", *opened.files.generation_config_json));

  Team team{threads};
  INGOT_TRY(auto file, AtomicFile::create(directory.temporary_path() / data_file));
  detail::WeightWriter writer{std::move(file), packed, team};
  std::uint64_t total = 0, done = 0;
  for (const External& external : model.graph.externals) total += external.bytes();
  for (const StoredWeight& weight : model.weights) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    INGOT_CHECK(writer.write(weight, model.graph.externals));
    done += model.graph.externals[weight.values].bytes();
    if (weight.scheme.is_integer()) done += model.graph.externals[weight.scales].bytes();
    if (progress) progress(weight.sources.front()->name, done, total);
  }
  return writer.commit();
}

}  // namespace ingot::model::onnx
