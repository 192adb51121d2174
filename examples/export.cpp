// SPDX-License-Identifier: Apache-2.0
// ingot-export: a checkpoint (Hugging Face directory or GGUF) becomes a quantized package. Options as MNN's llmexport names them.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ingot/core/atomic_file.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/generation/read_embedding_config.hpp>
#include <ingot/generation/add_text.hpp>
#include <ingot/generation/recommended.hpp>
#include <ingot/model/bit_allocation.hpp>
#include <ingot/model/emit_header.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/finite_weights.hpp>
#include <ingot/model/rotation.hpp>
#include <ingot/model/split_lora.hpp>

#include "support/allocation_table.hpp"
#include "support/calibration_data.hpp"
#include "support/export_arguments.hpp"
#include "support/export_record.hpp"
#include "support/fetch_model.hpp"
#include "support/float_answer.hpp"
#include "support/onnx_export.hpp"
#include "support/program.hpp"
#include "support/progress_bar.hpp"
#include "support/quant_config.hpp"
#include "support/resumption.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;
namespace model = ingot::model;
namespace quant = ingot::quant;

namespace {

/// --test, with what overlays the checkpoint. The answer is the result where nothing is exported.
Status answer(const program::ExportArguments& a) {
  ingot::generation::OpenOptions options;
  options.note = a.quiet ? ingot::NoteSink{} : program::note;
  options.tokenizer = a.tokenizer_path;
  options.overlays = {.lora = a.adapter, .gptq = a.codes};
  if (a.threads != 0) options.settings.push_back(fmt::format(R"({{"thread_num": {}}})", a.threads));
  return program::answer_in_float(a.path, std::move(options), a.test, a.only_test ? stdout : stderr);
}

Status run(const program::ExportArguments& a, int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  INGOT_TRY(auto opened, model::open_checkpoint(a.path, a.quiet ? ingot::NoteSink{} : program::note,
                                                {.lora = a.split ? std::string{} : a.adapter, .gptq = a.codes}));
  if (a.rotate) {
    INGOT_TRY(opened, model::rotated(std::move(opened), a.rotation_seed));
  }
  const auto& [checkpoint, config] = opened;
  INGOT_TRY(auto wanted, program::export_options(a, program::is_quantized(checkpoint)));
  std::vector<std::string> notes;
  if (a.rotate) {
    notes.emplace_back("the residual stream is rotated; an embedding that was tied is stored apart from the head");
    if (!a.gptq)
      notes.emplace_back("a rotation helps GPTQ; codes that are only rounded lost more with it (SmolLM2: divergence 0.51 to 0.74)");
  }
  for (const std::string& option : a.without_effect) notes.push_back(option + " has no effect here: it is about MNN's graphs");
  if (!a.quant_config.empty()) {
    INGOT_TRY(const auto file, ingot::MappedFile::open(a.quant_config));
    INGOT_TRY(const auto rules, program::read_quant_config(file.text(), a.quant_config));
    INGOT_TRY(const auto planned, model::planned_storage(opened, wanted));
    INGOT_TRY(notes, program::apply(rules, planned, wanted));
  }
  if (a.type != "auto" && a.type != config.model_type)
    return Error{ErrorCode::unsupported, "the checkpoint is a " + config.model_type + ", not a " + a.type, a.path, "leave --type out"};
  auto text = ingot::generation::open_text(a.tokenizer_path.empty() ? a.path : a.tokenizer_path);
  if (!text && (text.error().code != ErrorCode::not_found || !a.tokenizer_path.empty())) return std::move(text).error();

  INGOT_TRY(const auto embedding, ingot::generation::read_embedding_config(checkpoint.directory));
  if (a.rotate && embedding)
    return Error{ErrorCode::unsupported, "an embedding model's rows would be rotated, too", a.path, "leave --rotate out"};
  if (a.asks_for_towers && program::has_tower(checkpoint.config_json))
    return Error{ErrorCode::unsupported, "towers of vision and sound are not exported by this version", a.path, "leave --visual_* out"};
  INGOT_TRY(const bool onnx, program::wants_onnx(a.onnx));
  if (onnx && a.prunes()) return Error{ErrorCode::unsupported, "ONNX files have no 2:4 matrices", {}, "leave --sparse out"};
  const bool allocates = a.allocates();
  const bool prunes = wanted.mask == quant::Mask::wanda && (a.prunes() || !a.quant_config.empty());
  const bool calibrates = wanted.search == model::Search::gptq || wanted.scales || prunes || allocates || a.onnx.calibrates();
  if (!calibrates && !a.calibration.empty())
    return Error{ErrorCode::usage, "nothing reads the calibration data", a.calibration, "add --gptq, --awq, --sparse or --target-bpw"};
  if (wanted.search != model::Search::nearest && !allocates && a.quant_config.empty() && !wanted.layers.is_integer() &&
      !wanted.head.is_integer())
    return Error{ErrorCode::usage, "a search of codes, but " + to_string(wanted.layers) + " has none", {}, "ask for 8 bits or less"};
  if (calibrates) {
    if (!text) return Error{ErrorCode::usage, "a calibration needs the model's tokenizer", a.path, "give --tokenizer-path"};
    INGOT_TRY(wanted.calibration, program::calibration_data(*text, a.calibration));
  }
  if (calibrates || a.keep_going)
    INGOT_CHECK(model::check_finite(
        opened, a.keep_going, [&](std::string_view note) { notes.emplace_back(note); }, a.threads, &program::cancellation));
  if (!a.test.empty()) {
    INGOT_CHECK(answer(a));
    if (a.only_test) return {};
  }
  if (onnx) {
    if (a.resume) return Error{ErrorCode::unsupported, "ONNX files are made in one go", "--resume", "leave it out"};
    if (allocates) return Error{ErrorCode::usage, "ONNX files have one scheme for all matrices", {}, "leave the target out"};
    INGOT_TRY(const auto form, program::onnx_form(a.onnx, wanted, a.quantize));
    INGOT_CHECK(program::export_onnx(opened, form, a.destination, text ? &*text : nullptr, a.quiet));
    fmt::print("{}\n", a.destination);
    return {};
  }

  INGOT_TRY(auto writer, quant::PackageWriter::create(a.destination, config.model_type));
  if (a.split) {
    INGOT_TRY(const auto adapted, model::open_checkpoint(a.path, {}, {.lora = a.adapter, .split = true}));
    INGOT_TRY(const auto count, model::split_lora(adapted, writer));
    if (!a.quiet) program::note(fmt::format("{} matrices of the adapter are in {}", count, model::lora_file));
  }
  std::optional<ingot::Journal> journal;
  if (a.resume) {
    INGOT_TRY(const auto identity, program::export_identity(argc, argv, opened, wanted, a.quant_config));
    INGOT_TRY(journal, ingot::Journal::open(program::work_file(writer.directory()), identity));
    if (journal->found() != 0 && !a.quiet) program::note("going on with the work in " + journal->path().string());
    INGOT_CHECK(program::replace_leftovers(*journal, writer.temporary_directory()));
    wanted.journal = &*journal;
  }
  program::ProgressBar progress{a.quiet};
  std::optional<model::Allocation> allocation;
  if (allocates) {
    model::SizeTarget target = a.target;
    target.embedding = a.embedding_bits == 0;
    INGOT_TRY(allocation, model::allocate_bits(opened, target, wanted, std::ref(progress), &program::cancellation));
    if (a.verbose && !a.quiet) {
      progress.clear();
      fmt::print(stderr, "{}", program::allocation_table(*allocation));
    }
  }
  INGOT_TRY(auto report, model::export_weights(opened, wanted, writer, std::ref(progress), &program::cancellation));
  report.notes.insert(report.notes.end(), notes.begin(), notes.end());
  std::optional<std::string> header;
  if (!a.header.empty()) {
    INGOT_TRY(header, model::header_text(model::identifier(std::filesystem::path{a.header}.stem().string()), config, report));
  }
  INGOT_TRY(auto settings, ingot::generation::recommended_settings(checkpoint.generation_config_json.value_or(""), config.max_positions));
  settings.all_logits = a.all_logits;
  INGOT_CHECK(writer.add_file("config.json", nlohmann::ordered_json::parse(to_json(settings)).dump(2) + "\n"));
  if (text)
    INGOT_CHECK(
        ingot::generation::add_text(*text, [&](std::string_view name, std::string_view bytes) { return writer.add_file(name, bytes); }));
  if (embedding) INGOT_CHECK(writer.add_file(ingot::generation::embedding_file, to_json(*embedding) + "\n"));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const std::string summary = program::export_record({argv, argv + argc}, a.path, wanted, report, allocation, taken.count());
  INGOT_CHECK(writer.add_file("export.json", summary));
  INGOT_CHECK(program::cancellation.check());
  INGOT_CHECK(writer.commit());
  if (journal) journal->remove();
  if (header) INGOT_CHECK(ingot::write_file(a.header, *header));
  progress.clear();
  if (!a.quiet) {
    for (const std::string& note : report.notes) program::note(note);
    if (!text) fmt::print(stderr, "note: no tokenizer at {}; the package takes and gives token ids only\n", a.path);
    if (a.verbose)
      for (const auto& m : report.matrices)
        fmt::print(stderr, "{:60} {:22} relative error {:.5f}\n", m.name, to_string(m.layout.scheme), m.error.relative_rms());
    fmt::print(stderr, "{} matrices, {:.2f} bits a weight\n", report.matrices.size(), report.bits_per_weight());
  }
  fmt::print("{}\n", a.json ? std::string_view{summary}.substr(0, summary.size() - 1) : std::string_view{a.destination});
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  program::ExportArguments a;
  CLI::App app{
      "Casts a checkpoint into a quantized package.\n\nExamples:\n  ingot-export --path Qwen3-0.6B --dst_path qwen3-int4 --quant_bit 4 "
      "--quant_block 64\n"
      "  ingot-export --path Qwen3-0.6B --dst_path qwen3-int4 --quant_bit 4 --gptq --resume\n"
      "  ingot-export --path Qwen3-0.6B --dst_path qwen3-2of4 --sparse 2:4 --gptq   4 bits, half of the weights, by SparseGPT\n"
      "  ingot-export --path model.gguf --dst_path model          keeps the GGUF's own bits\n"
      "Options may be written with _ or -.",
      "ingot-export"};
  program::ExportOptionList options{app, a};
  return program::run(app, argc, argv, [&]() -> Status {
    INGOT_CHECK(program::refuse(app.remaining()));
    options.settle();
    INGOT_CHECK(program::fetch_model(a.path, a.quiet));
    return run(a, argc, argv);
  });
}
