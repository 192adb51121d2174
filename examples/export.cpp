// SPDX-License-Identifier: Apache-2.0
// ingot-export: a checkpoint (Hugging Face directory or GGUF) becomes a quantized package. Options as MNN's llmexport names them.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

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
#include <ingot/model/split_lora.hpp>

#include "support/allocation_table.hpp"
#include "support/calibration_data.hpp"
#include "support/export_record.hpp"
#include "support/fetch_model.hpp"
#include "support/onnx_export.hpp"
#include "support/program.hpp"
#include "support/progress_bar.hpp"
#include "support/quant_config.hpp"
#include "support/scheme_option.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;
namespace model = ingot::model;
namespace quant = ingot::quant;

namespace {

struct Arguments {
  std::string path, destination = "./model", type = "auto", tokenizer_path, header, calibration, adapter, codes, quant_config;
  int bits = 4, block = 64, head_bits = 0, head_block = -1, embedding_bits = 16;
  bool keep_going = false, hqq = false, gptq = false, awq = false, smooth = false, omni = false, act_order = false, symmetric = false,
       split = false, separate_embedding = false, quantize = false, json = false, verbose = false, quiet = false;
  quant::ScaleSearch scales;
  std::uint32_t threads = 0, activation_block = 0;
  program::OnnxOptions onnx;
  model::SizeTarget target;
};

/// Without options of quantization, a checkpoint that is quantized already keeps its own bits.
bool is_quantized(const ingot::checkpoint::Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.tensors;
  return checkpoint.gguf ||
         std::any_of(tensors.begin(), tensors.end(), [](const auto& tensor) { return tensor.values && tensor.values->is_quantized(); });
}

Result<model::ExportOptions> options(const Arguments& a, bool quantized) {
  model::ExportOptions o;
  o.keep_stored = quantized && !a.quantize;
  INGOT_TRY(o.layers, program::scheme_option(a.bits, a.block, a.symmetric));
  INGOT_TRY(o.head,
            program::scheme_option(a.head_bits == 0 ? a.bits : a.head_bits, a.head_block < 0 ? a.block : a.head_block, a.symmetric));
  INGOT_TRY(o.embedding, program::scheme_option(a.embedding_bits, a.block, a.symmetric));
  o.keep_codes = !a.codes.empty();
  o.separate_embedding = a.separate_embedding;
  o.threads = a.threads;
  if (a.hqq) o.search = model::Search::hqq;
  if (a.gptq) o.search = model::Search::gptq;
  o.gptq.act_order = a.act_order;
  o.activation_block = a.activation_block;
  if (a.awq + a.smooth + a.omni > 1)
    return Error{ErrorCode::usage, "--awq, --smooth and --omni search the same scales", {}, "give one of them"};
  if (a.awq || a.smooth || a.omni) {
    using quant::ScaleRule;
    o.scales = a.scales;
    o.scales->rule = a.awq ? ScaleRule::activation_aware : a.smooth ? ScaleRule::smooth : ScaleRule::learned;
  }
  return o;
}

Status run(const Arguments& a, int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  INGOT_TRY(auto opened, model::open_checkpoint(a.path, a.quiet ? ingot::NoteSink{} : program::note,
                                                {.lora = a.split ? std::string{} : a.adapter, .gptq = a.codes}));
  const auto& [checkpoint, config] = opened;
  INGOT_TRY(auto wanted, options(a, is_quantized(checkpoint)));
  std::vector<std::string> notes;
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

  INGOT_TRY(const bool onnx, program::wants_onnx(a.onnx));
  const bool allocates = a.target.bytes != 0 || a.target.bits_per_weight != 0;
  const bool calibrates = wanted.search == model::Search::gptq || wanted.scales || allocates || a.onnx.calibrates();
  if (!calibrates && !a.calibration.empty())
    return Error{ErrorCode::usage, "nothing reads the calibration data", a.calibration, "add --gptq, --awq or --target-bpw"};
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
  if (onnx) {
    if (allocates) return Error{ErrorCode::usage, "ONNX files have one scheme for all matrices", {}, "leave the target out"};
    INGOT_TRY(const auto form, program::onnx_form(a.onnx, wanted, a.quantize));
    INGOT_CHECK(program::export_onnx(opened, form, a.destination, text ? &*text : nullptr, a.quiet));
    fmt::print("{}\n", a.destination);
    return {};
  }
  INGOT_TRY(const auto embedding, ingot::generation::read_embedding_config(checkpoint.directory));

  INGOT_TRY(auto writer, quant::PackageWriter::create(a.destination, config.model_type));
  if (a.split) {
    INGOT_TRY(const auto adapted, model::open_checkpoint(a.path, {}, {.lora = a.adapter, .split = true}));
    INGOT_TRY(const auto count, model::split_lora(adapted, writer));
    if (!a.quiet) program::note(fmt::format("{} matrices of the adapter are in {}", count, model::lora_file));
  }
  program::ProgressBar progress{a.quiet};
  std::optional<model::Allocation> allocation;
  if (allocates) {
    INGOT_TRY(allocation, model::allocate_bits(opened, a.target, wanted, std::ref(progress), &program::cancellation));
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
  INGOT_TRY(const auto settings,
            ingot::generation::recommended_settings(checkpoint.generation_config_json.value_or(""), config.max_positions));
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

/// What llmexport has and this version lacks is said so, not taken for a typing error.
Status refuse(const std::vector<std::string>& unknown) {
  constexpr std::string_view later =
      " --ppl --test --eagle-path "
      "--sparse --visual-sym --visual-quant-bit --visual-quant-block ";
  for (const std::string& option : unknown) {
    const std::string name = option.substr(0, option.find('='));
    if (later.find(' ' + name + ' ') != later.npos)
      return Error{ErrorCode::unsupported, name + " is not in this version", {}, "leave it out"};
    return Error{ErrorCode::usage, "unknown argument", option, "ingot-export --help shows the options"};
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{
      "Casts a checkpoint into a quantized package.\n\nExamples:\n  ingot-export --path Qwen3-0.6B --dst_path qwen3-int4 --quant_bit 4 "
      "--quant_block 64\n"
      "  ingot-export --path model.gguf --dst_path model          keeps the GGUF's own bits",
      "ingot-export"};
  app.add_option("--path", a.path, "checkpoint directory, GGUF file, or a reference: hf:owner/name")->required();
  app.add_option("--dst-path", a.destination, "the package directory")->capture_default_str();
  app.add_option("--type", a.type, "model_type to insist on")->capture_default_str();
  app.add_option("--tokenizer-path", a.tokenizer_path, "where the tokenizer is (default: --path)");
  std::vector<CLI::Option*> quantization{
      app.add_option("--quant-bit", a.bits, "bits of the layers' weights: 2, 3, 4, 5, 6, 8, 16, 32")->capture_default_str(),
      app.add_option("--quant-block", a.block, "weights that share a scale: 16, 32, 64, 128, 256; 0: a whole row")->capture_default_str(),
      app.add_option("--lm-quant-bit", a.head_bits, "bits of the head (default: --quant-bit)"),
      app.add_option("--lm-quant-block", a.head_block, "block of the head (default: --quant-block)"),
      app.add_flag("--sym", a.symmetric, "symmetric weights, no minimum stored")};
  CLI::Option* const hqq = app.add_flag("--hqq", a.hqq, "choose scales for the least absolute error; needs no text and little time");
  CLI::Option* const gptq = app.add_flag("--gptq", a.gptq, "choose codes by what each matrix makes of a calibration text")->excludes(hqq);
  app.add_flag("--awq", a.awq, "scale channels of inputs by their size on a calibration text, so that rounding weights costs less");
  app.add_flag("--smooth", a.smooth, "the same with an eye on the rounding of inputs, too (SmoothQuant)");
  app.add_flag("--omni", a.omni, "the same as --awq, refined by gradient (OmniQuant)");
  app.add_option("--omni-epochs", a.scales.epochs, "steps of --omni")->capture_default_str();
  app.add_option("--omni-lr", a.scales.rate, "their rate")->capture_default_str();
  app.add_option("--omni-wd", a.scales.decay, "their weight decay")->capture_default_str();
  app.add_flag("--act-order", a.act_order, "GPTQ: columns of large inputs first")->needs(gptq);
  app.add_option("--act-block", a.activation_block, "activations that share a scale: 32, 64, 128, 256 (default: by measured errors)")
      ->check(CLI::IsMember({32, 64, 128, 256}));
  app.add_option("--calib-data", a.calibration, "the calibration text");
  CLI::Option* const size =
      app.add_option("--target-size", a.target.bytes, "choose bits of each matrix for a weights file of this size: 400MB")
          ->transform(CLI::AsSizeValue(true));
  CLI::Option* const rate = app.add_option("--target-bpw", a.target.bits_per_weight, "the same for bits a weight, of all matrices: 4.3")
                                ->check(CLI::Range(1.0, 16.0))
                                ->excludes(size);
  for (CLI::Option* const target : {size, rate})
    for (std::size_t i = 0; i < 4; ++i) target->excludes(quantization[i]);  // it chooses bits and blocks
  app.add_flag("--keep-going", a.keep_going, "clamp weights that are not finite, and say so");
  app.add_option("--quant-config", a.quant_config,
                 "JSON: schemes of single matrices, [{\"match\": regex, \"bits\", \"block\", \"sym\"}, ...] or {name: {\"bits\", ...}}");
  app.add_option("--embed-bit", a.embedding_bits, "bits of an embedding stored apart: 16, 8, 4")
      ->check(CLI::IsMember({16, 8, 4}))
      ->capture_default_str();
  app.add_flag("--seperate-embed,--separate-embed", a.separate_embedding, "store a tied embedding apart from the head");
  app.add_option("--gptq-path", a.codes, "GPTQ checkpoint whose quantized matrices take the place of the model's");
  CLI::Option* const adapter = app.add_option("--lora-path", a.adapter, "PEFT adapter directory, merged into the weights");
  app.add_flag("--lora-split", a.split, "write the adapter beside the base, as lora.safetensors")->needs(adapter);
  program::add_onnx_options(app, a.onnx);
  app.add_option("--emit-header", a.header, "also write a C++ header for ingot::StaticModel");
  app.add_option("--threads", a.threads, "threads (default: what this process may use)");
  app.add_flag("--json", a.json, "print export.json");
  CLI::Option* const verbose = app.add_flag("--verbose,-v", a.verbose, "one line a matrix");
  app.add_flag("--quiet,-q", a.quiet, "no progress, no notes")->excludes(verbose);
  app.allow_extras();
  return program::run(app, argc, argv, [&]() -> Status {
    INGOT_CHECK(refuse(app.remaining()));
    INGOT_CHECK(program::fetch_model(a.path, a.quiet));
    a.quantize = a.hqq || a.gptq || a.awq || a.smooth || a.omni || a.target.bytes != 0 || a.target.bits_per_weight != 0 ||
                 std::any_of(quantization.begin(), quantization.end(), [](const CLI::Option* o) { return o->count() > 0; });
    return run(a, argc, argv);
  });
}
