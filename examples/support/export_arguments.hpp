// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/export_arguments.hpp: ingot-export's command line, in MNN's names, and what it asks of the library.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/bit_allocation.hpp>
#include <ingot/model/export.hpp>

#include "support/onnx_export.hpp"
#include "support/scheme_option.hpp"

namespace program {

struct ExportArguments {
  std::string path, destination = "./model", type = "auto", tokenizer_path, header, calibration, adapter, codes, quant_config, test, sparse,
                    mask;
  int bits = 4, block = 64, head_bits = 0, head_block = -1, embedding_bits = 0, scale_bits = 16;
  bool keep_going = false, hqq = false, gptq = false, awq = false, smooth = false, omni = false, act_order = false, symmetric = false,
       split = false, separate_embedding = false, quantize = false, json = false, verbose = false, quiet = false, all_logits = false,
       resume = false, rotate = false, only_test = false, asks_for_towers = false;
  ingot::quant::ScaleSearch scales;
  std::uint32_t threads = 0, activation_block = 0;
  std::uint64_t rotation_seed = 1;
  OnnxOptions onnx;
  ingot::model::SizeTarget target;
  std::vector<std::string> without_effect;  // options of MNN's graphs

  [[nodiscard]] bool allocates() const noexcept { return target.bytes != 0 || target.bits_per_weight != 0; }
  [[nodiscard]] bool prunes() const noexcept { return !sparse.empty(); }
};

/// Its options. Call settle() when they have been parsed.
class ExportOptionList {
 public:
  ExportOptionList(CLI::App& app, ExportArguments& a) : arguments_{a} {
    add_files(app);
    add_schemes(app);
    add_searches(app);
    add_onnx_options(app, a.onnx);
    add_towers(app);
    add_output(app);
    app.allow_extras();
  }

  /// What only the whole command line tells.
  void settle() {
    ExportArguments& a = arguments_;
    a.only_test = !a.test.empty() && destination_->count() == 0;
    a.asks_for_towers = std::any_of(towers_.begin(), towers_.end(), [](const CLI::Option* o) { return o->count() > 0; });
    a.quantize = a.hqq || a.gptq || a.awq || a.smooth || a.omni || a.rotate || a.prunes() || a.allocates() ||
                 std::any_of(schemes_.begin(), schemes_.end(), [](const CLI::Option* o) { return o->count() > 0; });
    for (const CLI::Option* const option : ignored_)
      if (option->count() > 0) a.without_effect.push_back("--" + option->get_lnames().front());
  }

 private:
  void add_files(CLI::App& app) {
    ExportArguments& a = arguments_;
    app.add_option("--path", a.path, "checkpoint directory, GGUF file, or a reference: hf:owner/name")->required();
    destination_ = app.add_option("--dst-path", a.destination, "the package directory")->capture_default_str();
    app.add_option("--type", a.type, "model_type that the checkpoint must have")->capture_default_str();
    app.add_option("--tokenizer-path", a.tokenizer_path, "where the tokenizer is (default: --path)");
    app.add_option("--gptq-path", a.codes, "GPTQ checkpoint whose quantized matrices take the place of the model's");
    CLI::Option* const adapter = app.add_option("--lora-path", a.adapter, "PEFT adapter directory, merged into the weights");
    app.add_flag("--lora-split", a.split, "write the adapter beside the base, as lora.safetensors")->needs(adapter);
    app.add_option("--test", a.test, "first answer this text, greedily, with the float model; without --dst_path that is all")
        ->check([](const std::string& text) { return text.empty() ? "no text" : std::string{}; });
  }
  void add_schemes(CLI::App& app) {
    ExportArguments& a = arguments_;
    schemes_ = {
        app.add_option("--quant-bit", a.bits, "bits of the layers' weights: 2, 3, 4, 5, 6, 8, 16, 32")->capture_default_str(),
        app.add_option("--quant-block", a.block, "weights that share a scale: 16, 32, 64, 128, 256; 0: a whole row")->capture_default_str(),
        app.add_option("--lm-quant-bit", a.head_bits, "bits of the head (default: --quant-bit)"),
        app.add_option("--lm-quant-block", a.head_block, "block of the head (default: --quant-block)"),
        app.add_flag("--sym", a.symmetric, "symmetric weights, no minimum stored"),
        app.add_option("--scale-bit", a.scale_bits, "bits of scales and minima: 16, 32; what 16 cannot hold gets 32 in any case")
            ->check(CLI::IsMember({16, 32}))
            ->capture_default_str()};
    app.add_option("--embed-bit", a.embedding_bits, "bits of an embedding stored apart: 16, 8, 4 (default: 16; with a target chosen, too)")
        ->check(CLI::IsMember({16, 8, 4}));
    app.add_flag("--seperate-embed,--separate-embed", a.separate_embedding, "store a tied embedding apart from the head");
    app.add_option("--quant-config", a.quant_config,
                   "JSON: schemes of single matrices, [{\"match\": regex, \"bits\", \"block\", \"sym\"}, ...] or {name: {\"bits\", ...}}");
    CLI::Option* const size =
        app.add_option("--target-size", a.target.bytes, "choose bits of each matrix for a weights file of this size: 400MB")
            ->transform(CLI::AsSizeValue(true));
    CLI::Option* const rate = app.add_option("--target-bpw", a.target.bits_per_weight, "the same for bits a weight, of all matrices: 4.3")
                                  ->check(CLI::Range(1.0, 16.0))
                                  ->excludes(size);
    CLI::Option* const sparse =
        app.add_option("--sparse", a.sparse,
                       "2:4: keep two of each four weights of the layers, in 4 or 8 bits, symmetric; the head and the embedding stay dense")
            ->check(CLI::IsMember({"2:4"}));
    app.add_option(
           "--sparse-mask", a.mask,
           "which two: magnitude, wanda (by the inputs too, reads a text), sparsegpt (in the pass of --gptq). Default: sparsegpt with "
           "--gptq, wanda where another option reads a text, else magnitude. A checkpoint that has been pruned keeps its own")
        ->check(CLI::IsMember({"magnitude", "wanda", "sparsegpt"}))
        ->needs(sparse);
    for (CLI::Option* const target : {size, rate}) {
      target->excludes(sparse);
      for (std::size_t i = 0; i < 4; ++i) target->excludes(schemes_[i]);  // it chooses bits and blocks
    }
  }
  void add_searches(CLI::App& app) {
    ExportArguments& a = arguments_;
    CLI::Option* const hqq =
        app.add_flag("--hqq", a.hqq, "choose scales for the least squared error by HQQ; needs no text and little time");
    CLI::Option* const gptq = app.add_flag("--gptq", a.gptq, "choose codes by what each matrix makes of a calibration text")->excludes(hqq);
    app.add_flag("--awq", a.awq, "scale channels of inputs by their size on a calibration text, so that rounding weights costs less");
    app.add_flag("--smooth", a.smooth, "the same with an eye on the rounding of inputs, too (SmoothQuant)");
    app.add_flag(
        "--omni", a.omni,
        "the same as --awq, refined by gradient and then, with learned clipping of weights, by what each decoder block makes of the "
        "text (OmniQuant); --gptq and --hqq behind it choose codes and ranges themselves and take the scales alone");
    app.add_option("--omni-epochs", a.scales.epochs, "gradient steps of --omni")->capture_default_str();
    app.add_option("--omni-lr", a.scales.rate, "their rate")->capture_default_str();
    app.add_option("--omni-wd", a.scales.decay, "their weight decay")->capture_default_str();
    CLI::Option* const rotate =
        app.add_flag("--rotate", a.rotate,
                     "with --gptq: first turn the residual stream by a random Hadamard rotation, folded into the weights")
            ->excludes("--gptq-path")
            ->excludes("--lora-split");
    app.add_option("--rotate-seed", a.rotation_seed, "which one")->capture_default_str()->needs(rotate);
    app.add_flag("--act-order", a.act_order, "GPTQ: columns of large inputs first")->needs(gptq);
    app.add_option("--act-block", a.activation_block, "activations that share a scale: 32, 64, 128, 256 (default: by measured errors)")
        ->check(CLI::IsMember({32, 64, 128, 256}));
    app.add_option("--calib-data", a.calibration, "the calibration text: plain, a sample a line, or JSONL with chat messages");
    app.add_flag("--keep-going", a.keep_going, "clamp weights that are not finite, and say so");
    app.add_flag("--resume", a.resume, "keep what is finished in a file beside the package, and go on from there when interrupted");
  }
  void add_towers(CLI::App& app) {
    const std::string group = "Towers of vision and sound (this version exports the language model alone)";
    constexpr auto unused = "no effect on a model without towers; one with a tower is refused with it";
    towers_ = {app.add_option("--visual-quant-bit", tower_bits_, unused)->group(group),
               app.add_option("--visual-quant-block", tower_block_, unused)->group(group),
               app.add_flag("--visual-sym", tower_symmetric_, unused)->group(group)};
  }
  void add_output(CLI::App& app) {
    ExportArguments& a = arguments_;
    app.add_option("--emit-header", a.header, "also write a C++ header for ingot::StaticModel");
    app.add_flag("--ppl", a.all_logits,
                 "set all_logits in config.json: prompts keep the logits of all their tokens (ingot-eval has them of any package)");
    app.add_option("--threads", a.threads, "threads (default: what this process may use)");
    app.add_flag("--json", a.json, "print export.json");
    CLI::Option* const verbose = app.add_flag("--verbose,-v", a.verbose, "one line a matrix");
    app.add_flag("--quiet,-q", a.quiet, "no progress, no notes")->excludes(verbose);
    for (const char* const flag :
         {"--onnx-slim", "--transformer-fuse", "--disable-transformer-c4", "--disable-fuse-qkv-proj", "--disable-fuse-gate-up-proj",
          "--disable-fuse-ln-proj", "--fuse-linear-attn-gate", "--disable-fuse-linear-attn-gate", "--group-conv-native"})
      ignored_.push_back(app.add_flag(flag)->group(""));  // of MNN's graphs and converter: taken so that its command lines work
    ignored_.push_back(app.add_option("--mnnconvert", converter_)->group(""));
  }

  ExportArguments& arguments_;
  CLI::Option* destination_ = nullptr;
  std::vector<CLI::Option*> schemes_, towers_, ignored_;
  int tower_bits_ = 0, tower_block_ = 0;
  bool tower_symmetric_ = false;
  std::string converter_;
};

/// Without options of quantization, a checkpoint that is quantized already keeps its own bits.
[[nodiscard]] inline bool is_quantized(const ingot::checkpoint::Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.tensors;
  return checkpoint.gguf ||
         std::any_of(tensors.begin(), tensors.end(), [](const auto& tensor) { return tensor.values && tensor.values->is_quantized(); });
}

/// --sparse-mask, or what it is without. Errors: usage (a search that it does not go with).
[[nodiscard]] inline ingot::Status choose_mask(const ExportArguments& a, ingot::model::ExportOptions& o) {
  using ingot::Error, ingot::ErrorCode, ingot::quant::Mask;
  const bool given = !a.mask.empty();
  if (a.mask == "sparsegpt" && a.hqq)
    return Error{ErrorCode::usage, "--sparse-mask sparsegpt chooses codes by GPTQ, --hqq by scales", {}, "give one of them"};
  if (a.prunes() && a.act_order)
    return Error{ErrorCode::usage, "--act-order rounds columns one by one, --sparse prunes them in fours", {}, "leave --act-order out"};
  if (a.mask == "sparsegpt") o.search = ingot::model::Search::gptq;
  if (given ? a.mask == "sparsegpt" : a.gptq)
    o.mask = Mask::sparsegpt;
  else if (given ? a.mask == "wanda" : o.scales || !a.calibration.empty())
    o.mask = Mask::wanda;
  return {};
}

/// Errors: unsupported (a scheme), usage (options that contradict each other).
[[nodiscard]] inline ingot::Result<ingot::model::ExportOptions> export_options(const ExportArguments& a, bool quantized) {
  using ingot::Error, ingot::ErrorCode;
  namespace model = ingot::model;
  model::ExportOptions o;
  o.keep_stored = quantized && !a.quantize;
  const auto scheme = [&](int bits, int block) { return scheme_option(bits, block, a.symmetric, a.scale_bits); };
  INGOT_TRY(o.layers, scheme(a.bits, a.block));
  INGOT_TRY(o.head, scheme(a.head_bits == 0 ? a.bits : a.head_bits, a.head_block < 0 ? a.block : a.head_block));
  INGOT_TRY(o.embedding, scheme(a.embedding_bits == 0 ? 16 : a.embedding_bits, a.block));
  if (a.prunes()) {
    INGOT_TRY(o.layers, sparse_option(o.layers));
  }
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
    using ingot::quant::ScaleRule;
    o.scales = a.scales;
    o.scales->rule = a.awq ? ScaleRule::activation_aware : a.smooth ? ScaleRule::smooth : ScaleRule::learned;
  }
  INGOT_CHECK(choose_mask(a, o));
  return o;
}

/// Whether a model has more than a language model: a part that sees or hears.
[[nodiscard]] inline bool has_tower(const std::string& config_json) {
  const auto document = ingot::json::Document::parse(config_json, "config.json");
  if (!document) return false;
  for (const std::string_view key : {"vision_config", "audio_config", "vision_tower", "mm_vision_tower", "visual"})
    if (document->root().find(key)) return true;
  return false;
}

/// What llmexport has and this version lacks is said so, not taken for a typing error.
inline ingot::Status refuse(const std::vector<std::string>& unknown) {
  using ingot::Error, ingot::ErrorCode;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> missing{{
      {"--eagle-path", "draft heads (EAGLE)"},
      {"--dflash-path", "draft heads (DFlash)"},
      {"--generate-for-npu", "MNN's graphs for NPUs"},
      {"--skip-weight", "a graph without weights"},
  }};
  for (const std::string& option : unknown) {
    const std::string name = option.substr(0, option.find('='));
    for (const auto& [known, what] : missing)
      if (name == known)
        return Error{ErrorCode::unsupported, std::string{what} + " cannot be exported by this version", name,
                     name == "--generate-for-npu" ? "give --export onnx --act_bit 16" : "leave it out"};
    return Error{ErrorCode::usage, "unknown argument", option, "ingot-export --help shows the options"};
  }
  return {};
}

}  // namespace program
