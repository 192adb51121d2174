// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/export.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/safetensors_writer.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/package.hpp>
#include <ingot/quant/unpack.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;
using quant::Mask, quant::Scheme;

namespace {

ExportOptions sparse(std::uint8_t bits, Mask mask, const Golden& golden) {
  ExportOptions options = uniform(quant::f32);
  options.layers = {.bits = bits, .group = 32, .sparsity = quant::Sparsity::two_of_four};
  options.mask = mask;
  if (mask == Mask::sparsegpt) options.search = model::Search::gptq;
  options.calibration = {"", {golden.tokens, std::vector<std::int32_t>{golden.tokens.rbegin(), golden.tokens.rend()}}};
  return options;
}

/// A copy of a golden checkpoint with two weights of each four of its projections set to 0.
std::filesystem::path pruned_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
  const auto file = checkpoint::open_safetensors(from / "model.safetensors");
  REQUIRE(file);
  std::vector<checkpoint::TensorDeclaration> declared;
  for (const checkpoint::TensorInfo& t : file->tensors) declared.push_back({t.name, t.type, {t.shape.begin(), t.shape.end()}});
  auto writer = checkpoint::SafetensorsWriter::create(to / "model.safetensors", declared, {});
  REQUIRE(writer);
  std::size_t number = 0;
  for (const checkpoint::TensorInfo& t : file->tensors) {
    std::vector<std::byte> bytes{t.bytes.begin(), t.bytes.end()};
    if (t.shape.size() == 2 && t.name.find("_proj") != std::string::npos) {
      const std::size_t size = bytes.size() / (t.shape[0] * t.shape[1]);
      for (std::size_t row = 0; row < t.shape[0]; ++row)
        for (std::size_t c = 0; c < t.shape[1]; ++c)
          if ((c % 4 + row) % 4 < 2)
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>((row * t.shape[1] + c) * size), size, std::byte{});
    }
    REQUIRE(writer->write(number++, bytes));
  }
  REQUIRE(writer->finish());
  return to;
}

std::size_t sparse_ones(const ExportReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.matrices.begin(), report.matrices.end(), [](const ExportedMatrix& m) { return m.layout.is_sparse(); }));
}

}  // namespace

TEST_CASE("2:4 packages of every family run on every instruction set as their decoded weights do") {
  for (const std::string& name : golden_names)
    for (const std::uint8_t bits : {4, 8}) {
      CAPTURE(name);
      CAPTURE(bits);
      const TemporaryDirectory temporary;
      const Golden golden = read_golden(name);
      const ExportReport report = export_model(golden.path, temporary.path() / "p", sparse(bits, Mask::magnitude, golden));
      CHECK(sparse_ones(report) > 0);
      const auto decoded = logits_of(*open_model(temporary.path() / "p", reference_mode), golden.tokens);
      for (const std::string& isa : runnable_isas()) {
        CAPTURE(isa);
        const auto package = open_model(temporary.path() / "p", {.threads = 2, .positions = 256, .kv = quant::f32, .isa = isa});
        const auto logits = logits_of(*package, golden.tokens);
        CHECK(cosine(logits, decoded) > 0.999);  // what rounding activations to int8 explains
        CHECK(same_bits(logits_of(*package, golden.tokens, 5), logits));
      }
    }
}

TEST_CASE("masks that know the inputs lose less: SparseGPT less than Wanda, Wanda less than magnitude") {
  double errors[3] = {};
  for (const std::string& name : golden_names) {
    const Golden golden = read_golden(name);
    const auto reference = rows_of(*open_model(golden.path, reference_mode), golden.tokens, at_once, true);
    for (const Mask mask : {Mask::magnitude, Mask::wanda, Mask::sparsegpt}) {
      const TemporaryDirectory temporary;
      static_cast<void>(export_model(golden.path, temporary.path() / "p", sparse(8, mask, golden)));
      const auto rows = rows_of(*open_model(temporary.path() / "p", reference_mode), golden.tokens, at_once, true);
      double sum = 0, scale = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double difference = static_cast<double>(rows[i] - reference[i]), value = static_cast<double>(reference[i]);
        sum += difference * difference, scale += value * value;
      }
      errors[static_cast<std::size_t>(mask)] += sum / scale;
    }
  }
  CHECK(errors[1] < errors[0]);
  CHECK(errors[2] < errors[1]);
}

TEST_CASE("a checkpoint that has been pruned keeps its mask, whatever is asked for, and says so") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("llama");
  const auto pruned = pruned_copy(golden.path, temporary.path() / "pruned");
  const auto original = open_checkpoint(pruned);
  REQUIRE(original);
  std::vector<ExportOptions> asked{uniform({.bits = 4, .group = 32, .zero = Zero::min})};
  for (const Mask mask : {Mask::magnitude, Mask::wanda, Mask::sparsegpt}) asked.push_back(sparse(4, mask, golden));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    CAPTURE(i);
    const auto to = temporary.path() / ("p" + std::to_string(i));
    const ExportReport report = export_model(pruned, to, asked[i]);
    CHECK(std::any_of(report.notes.begin(), report.notes.end(), [](const auto& note) { return note.find("two zeros") != note.npos; }));
    CHECK(sparse_ones(report) == 14);
    const auto package = quant::Package::open(to);
    REQUIRE(package);
    for (const auto& [name, matrix] : package->matrices()) {
      if (matrix.scheme.sparsity == quant::Sparsity::dense) continue;
      const auto* tensor = original->files.tensors.find(name);
      REQUIRE(tensor != nullptr);
      std::vector<float> before(matrix.columns), after(matrix.columns);
      for (std::size_t r = 0; r < matrix.rows; ++r) {
        REQUIRE(quant::row_source(*tensor)(r, r + 1, before));
        quant::unpack_row(matrix, r, after);
        for (std::size_t c = 0; c < before.size(); ++c)
          if (before[c] == 0) REQUIRE(after[c] == 0);
      }
    }
  }
  // Bits or floats that no 2:4 scheme has are stored as they are asked for.
  CHECK(sparse_ones(export_model(pruned, temporary.path() / "three", uniform({.bits = 3, .group = 32}))) == 0);
  CHECK(sparse_ones(export_model(pruned, temporary.path() / "float", uniform(quant::f32))) == 0);
}
