// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/split_lora.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/model/export.hpp>
#include <ingot/quant/package.hpp>
#include <ingot/quant/unpack.hpp>

#include "checkpoint/tensor_file.hpp"
#include "model/tiny_model.hpp"
#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

constexpr model::Shape shape{.hidden = 64, .layers = 1, .heads = 4, .kv_heads = 2, .head_dim = 16, .intermediate = 88, .vocabulary = 60};
const std::string attention = "model.layers.0.self_attn.";

/// Phi-3's layout: query, key and value in one matrix, whose adapter has one A for the three.
std::filesystem::path write_phi3(const std::filesystem::path& directory, const TinyTensors& tensors) {
  TinyTensors fused = tensors;
  const auto join = [&](const std::string& to, const std::vector<std::string>& names) {
    TinyTensor all{{0, shape.hidden}, {}};
    for (const std::string& name : names) {
      const TinyTensor part = fused.extract(name).mapped();
      all.shape[0] += part.shape[0];
      all.values.insert(all.values.end(), part.values.begin(), part.values.end());
    }
    fused[to] = all;
  };
  join(attention + "qkv_proj.weight", {attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight"});
  join("model.layers.0.mlp.gate_up_proj.weight", {"model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight"});
  return write_checkpoint(directory, TinyModel{.model_type = "phi3", .shape = shape}.config_json(), fused);
}

struct Adapter {
  FloatTensor a = random_tensor({2, 64}, 1), b = random_tensor({64 + 2 * 32, 2}, 2);
  [[nodiscard]] std::filesystem::path write(const std::filesystem::path& directory) const {
    const std::string stem = "base_model.model." + attention + "qkv_proj.";
    return write_adapter(directory, {{stem + "lora_A.weight", a}, {stem + "lora_B.weight", b}});
  }
  /// What becomes of rows [first, first + rows).
  [[nodiscard]] std::vector<float> changed(const TinyTensor& w, std::size_t first) const {
    const std::size_t rows = w.shape[0];
    const auto begin = b.values.begin() + static_cast<std::ptrdiff_t>(first * 2);
    return merged({w.shape, w.values}, {{rows, 2}, {begin, begin + static_cast<std::ptrdiff_t>(rows * 2)}}, a, 1.5);
  }
};

std::vector<float> unpacked(const quant::Package& package, const std::string& name) {
  const auto found = package.matrices().find(name);
  REQUIRE(found != package.matrices().end());
  const quant::MatrixView& view = found->second;
  std::vector<float> values(view.rows * view.columns);
  for (std::size_t row = 0; row < view.rows; ++row)
    quant::unpack_row(view, row, std::span{values}.subspan(row * view.columns, view.columns));
  return values;
}

ExportReport export_to(const std::filesystem::path& to, const ModelCheckpoint& opened, const ExportOptions& options) {
  auto writer = quant::PackageWriter::create(to, opened.config.model_type);
  REQUIRE(writer);
  auto report = export_weights(opened, options, *writer, {}, nullptr);
  REQUIRE_MESSAGE(report, report.error().message());
  REQUIRE(writer->commit());
  return *std::move(report);
}

}  // namespace

TEST_CASE("an adapter of a fused matrix is merged into its parts, or stands beside each of them") {
  const TemporaryDirectory directory;
  const TinyTensors tensors = TinyModel{.shape = shape}.tensors();
  const Adapter adapter;
  const auto base = write_phi3(directory.path() / "m", tensors), lora = adapter.write(directory.path() / "a");
  const struct {
    const char* name;
    std::size_t first;
  } parts[]{{"q_proj.weight", 0}, {"k_proj.weight", 64}, {"v_proj.weight", 96}};

  const auto merged_base = open_checkpoint(base, {}, {.lora = lora});
  REQUIRE_MESSAGE(merged_base, merged_base.error().message());
  const auto report = export_to(directory.path() / "p", *merged_base, {.layers = quant::f32, .head = quant::f32, .embedding = quant::f32});
  CHECK(report.notes.empty());
  CHECK(report.sources.size() == 2);
  const auto package = quant::Package::open(directory.path() / "p");
  REQUIRE(package);
  for (const auto& [name, first] : parts)
    CHECK(close(unpacked(*package, attention + name), adapter.changed(tensors.at(attention + name), first)));
  CHECK(unpacked(*package, attention + "o_proj.weight") == tensors.at(attention + "o_proj.weight").values);

  const auto adapted = open_checkpoint(base, {}, {.lora = lora, .split = true});
  REQUIRE(adapted);
  auto writer = quant::PackageWriter::create(directory.path() / "s", "phi3");
  REQUIRE(writer);
  const auto count = split_lora(*adapted, *writer);
  REQUIRE_MESSAGE(count, count.error().message());
  CHECK(*count == 3);
  REQUIRE(writer->commit());
  CHECK(quant::is_package(directory.path() / "s"));
  const auto file = checkpoint::open_safetensors(directory.path() / "s" / std::string{lora_file});
  REQUIRE(file);
  CHECK(file->metadata.at("ingot.lora") == lora_version);
  CHECK(file->metadata.at("ingot.family") == "phi3");
  CHECK(file->metadata.at("ingot.source.adapter_model.safetensors").size() == 64);
  for (const auto& [name, first] : parts) {
    const TinyTensor& w = tensors.at(attention + name);
    const auto *a = file->tensors.find(attention + name + ".lora_A"), *b = file->tensors.find(attention + name + ".lora_B");
    REQUIRE((a != nullptr && b != nullptr));
    CHECK(close(merged({w.shape, w.values}, {b->shape, decoded(*b)}, {a->shape, decoded(*a)}, 1), adapter.changed(w, first)));
  }
}

TEST_CASE("an adapter for what the model does not use is no adapter of it") {
  const TemporaryDirectory directory;
  TinyTensors tensors = TinyModel{.shape = shape}.tensors();
  tensors["vision.weight"] = {{3, 4}, std::vector<float>(12)};
  const auto base = write_checkpoint(directory.path() / "m", TinyModel{.shape = shape}.config_json(), tensors);
  const auto lora = write_adapter(directory.path() / "a",
                                  {{"vision.lora_A.weight", random_tensor({2, 4}, 1)}, {"vision.lora_B.weight", random_tensor({3, 2}, 1)}});
  const auto adapted = open_checkpoint(base, {}, {.lora = lora, .split = true});
  REQUIRE(adapted);
  auto writer = quant::PackageWriter::create(directory.path() / "s", "llama");
  REQUIRE(writer);
  const auto count = split_lora(*adapted, *writer);
  REQUIRE(!count);
  CHECK(count.error().code == ErrorCode::unsupported);
}

TEST_CASE(
    "matrices of a GPTQ overlay keep their codes, and what rounding them costs is said; others are quantized once more, or as asked") {
  const TemporaryDirectory directory;
  const TinyModel tiny{
      .shape = {.hidden = 64, .layers = 1, .heads = 2, .kv_heads = 2, .head_dim = 12, .intermediate = 88, .vocabulary = 60}};
  const auto base = write_checkpoint(directory.path() / "m", tiny);
  const std::string query = attention + "q_proj";  // [24, 64], as the golden matrices are
  const auto overlay = [&](const std::string& name) {
    const std::filesystem::path golden = std::filesystem::path{INGOT_GOLDEN_DIR} / "checkpoint" / "quantized" / name;
    auto renamed = open_checkpoint(base);
    REQUIRE(renamed);
    auto gptq = checkpoint::open(golden);
    REQUIRE(gptq);
    auto tensors = std::move(renamed->files.tensors).edited([&](checkpoint::TensorInfo& tensor) {
      if (tensor.name != query + ".weight") return;
      const checkpoint::TensorInfo& from = *gptq->tensors.find("m.x_proj.weight");
      tensor.values = from.values, tensor.bytes = {}, tensor.type = from.type;
    });
    REQUIRE(tensors);
    renamed->files.tensors = *std::move(tensors);
    const ExportReport report = export_to(directory.path() / name, *renamed, {.keep_codes = true});
    const auto found =
        std::find_if(report.matrices.begin(), report.matrices.end(), [&](const auto& m) { return m.name == query + ".weight"; });
    REQUIRE(found != report.matrices.end());
    std::string notes = to_string(found->layout.scheme) + "; ";
    for (const std::string& note : report.notes)
      if (note.find("codes") != note.npos || note.find("once more") != note.npos) notes += note;
    return notes;
  };
  CHECK(overlay("gptq-sym") == "int4-g32; ");
  CHECK(overlay("gptq").starts_with("int4-g32-min; 1 matrices keep their codes; that scales and minimums are binary16 changes them by "));
  CHECK(overlay("gptq-order") == "int4-g64-min; 1 matrices were quantized already, as GPTQ: decoded and quantized once more");
}
