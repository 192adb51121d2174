// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/export.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/sha256.hpp>

#include <ingot/quant/activation_blocks.hpp>
#include <ingot/quant/package.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

const ExportedMatrix& find(const ExportReport& report, std::string_view name) {
  const auto found = std::find_if(report.matrices.begin(), report.matrices.end(), [&](const ExportedMatrix& m) { return m.name == name; });
  REQUIRE(found != report.matrices.end());
  return *found;
}

bool mentions(const std::vector<std::string>& notes, std::string_view text) {
  return std::any_of(notes.begin(), notes.end(), [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

std::size_t entries(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{directory}, {}));
}

}  // namespace

TEST_CASE("what errors hurt most stays finer than the layers") {
  const model::ExportOptions options{.layers = {.bits = 4, .group = 32, .zero = quant::Zero::min}, .head = {.bits = 8, .group = 32}};
  const auto scheme = [&](model::Role role) { return model::storage_of(role, options); };
  CHECK(scheme(model::Role::query) == options.layers);
  CHECK(scheme(model::Role::convolution_output) == options.layers);
  CHECK(scheme(model::Role::convolution_input) == quant::Scheme{.bits = 8, .group = 32, .zero = quant::Zero::min});
  CHECK(scheme(model::Role::head) == options.head);
  for (const model::Role role : {model::Role::router, model::Role::shared_switch, model::Role::delta_beta, model::Role::delta_decay})
    CHECK(scheme(role) == quant::f32);
  for (const quant::Scheme& layers : quant::shipped) {
    const quant::Scheme chosen = model::storage_of(model::Role::convolution_input, {.layers = layers});
    CHECK((quant::is_shipped(chosen) && chosen.bits >= 8));
  }
}

TEST_CASE("a package in float32 gives the checkpoint's logits, bit for bit") {
  for (const std::string& name : golden_names) {
    CAPTURE(name);
    const TemporaryDirectory temporary;
    const Golden golden = read_golden(name);
    const ExportReport report = export_model(golden.path, temporary.path() / "p", uniform(quant::f32));
    CHECK(report.bits_per_weight() >= 32);
    CHECK(report.notes.empty());
    for (const ExportedMatrix& m : report.matrices) CHECK(m.error.max_error == 0);
    const auto checkpoint = open_model(golden.path, reference_mode), package = open_model(temporary.path() / "p", reference_mode);
    CHECK(same_bits(logits_of(*package, golden.tokens), logits_of(*checkpoint, golden.tokens)));
    CHECK(package->config().eos == checkpoint->config().eos);
  }
}

TEST_CASE("a block that runs twice is stored once; packages that hold it twice still open") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("mobilellm");
  const quant::Scheme scheme{.bits = 4, .group = 32, .zero = Zero::min};
  static_cast<void>(export_model(golden.path, temporary.path() / "once", uniform(scheme)));
  const auto once = quant::Package::open(temporary.path() / "once");
  REQUIRE(once);
  CHECK(once->matrices().size() == 2 * 7 + 1);
  CHECK(once->vectors().size() == 2 * 2 + 1);

  auto twice = quant::PackageWriter::create(temporary.path() / "twice", "mobilellm");
  REQUIRE(twice);
  const auto names = [](const std::string& name) {  // of the runs of a block
    constexpr std::string_view layers = "model.layers.";
    if (!name.starts_with(layers)) return std::vector{name};
    const int block = name[layers.size()] - '0';
    const auto run = [&](int i) { return std::string{layers} + std::to_string(2 * block + i) + name.substr(layers.size() + 1); };
    return std::vector{run(0), run(1)};
  };
  for (const auto& [stored, matrix] : once->matrices())
    for (const std::string& name : names(stored)) REQUIRE(twice->declare_matrix(name, matrix.scheme, matrix.rows, matrix.columns));
  for (const auto& [stored, vector] : once->vectors())
    for (const std::string& name : names(stored)) REQUIRE(twice->declare_vector(name, vector.size()));
  for (const auto& [stored, matrix] : once->matrices())
    for (const std::string& name : names(stored)) REQUIRE(twice->write(name, matrix));
  for (const auto& [stored, vector] : once->vectors())
    for (const std::string& name : names(stored)) REQUIRE(twice->write(name, vector));
  REQUIRE(twice->add_file("llm_config.json", *once->text("llm_config.json")));
  REQUIRE(twice->commit());

  for (const bool as_float : {false, true}) {
    const Options options{.threads = 1, .positions = 256, .float_weights = as_float};
    const auto logits = logits_of(*open_model(temporary.path() / "once", options), golden.tokens);
    CHECK(same_bits(logits_of(*open_model(temporary.path() / "twice", options), golden.tokens), logits));
    CHECK(cosine(logits, golden.logits) > 0.8);
  }
}

TEST_CASE("sixteen bits are those the checkpoint has") {
  const TemporaryDirectory temporary;
  const auto in_bf16 = export_model(golden_models / "llama", temporary.path() / "b", uniform(quant::f16));
  const auto in_f16 = export_model(golden_models / "qwen3", temporary.path() / "h", uniform(quant::bf16));
  for (const ExportedMatrix& m : in_bf16.matrices) CHECK((m.layout.scheme == quant::bf16 && m.error.max_error == 0));
  for (const ExportedMatrix& m : in_f16.matrices) CHECK((m.layout.scheme == quant::f16 && m.error.max_error == 0));
}

TEST_CASE("quantized packages stay close to the reference, and the integer kernels to the float ones") {
  struct Case {
    quant::Scheme scheme;
    double cosine;
  };
  // Random weights of 40 to 80 columns are the worst case: no outliers to spend the range on, no redundancy to hide errors.
  const Case cases[]{{{.bits = 8, .group = 32}, 0.999},
                     {{.bits = 8, .group = 0, .zero = Zero::min}, 0.999},
                     {{.bits = 4, .group = 32, .zero = Zero::min}, 0.88},
                     {{.bits = 4, .group = 64}, 0.83}};
  for (const std::string& name : golden_names)
    for (const Case& c : cases) {
      CAPTURE(name);
      CAPTURE(to_string(c.scheme));
      const TemporaryDirectory temporary;
      const Golden golden = read_golden(name);
      static_cast<void>(export_model(golden.path, temporary.path() / "p", uniform(c.scheme)));
      const auto oracle = open_model(temporary.path() / "p", reference_mode);
      const auto decoded = logits_of(*oracle, golden.tokens);
      CHECK(cosine(decoded, golden.logits) > c.cosine);
      for (const std::string& isa : runnable_isas()) {
        CAPTURE(isa);
        const auto package = open_model(temporary.path() / "p", {.threads = 2, .positions = 256, .kv = quant::f32, .isa = isa});
        const auto logits = logits_of(*package, golden.tokens);
        CHECK(cosine(logits, golden.logits) > c.cosine - 0.004);
        CHECK(cosine(logits, decoded) > 0.999);  // what rounding activations to int8 explains
        CHECK(same_bits(logits_of(*package, golden.tokens, 5), logits));
      }
    }
}

TEST_CASE("int8 logits are the same bits on every instruction set up to the order of float sums") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("llama");
  static_cast<void>(export_model(golden.path, temporary.path() / "p", uniform({.bits = 8, .group = 32})));
  std::vector<float> scalar;
  for (const std::string& isa : runnable_isas()) {
    const auto logits =
        logits_of(*open_model(temporary.path() / "p", {.threads = 1, .positions = 64, .kv = quant::f32, .isa = isa}), golden.tokens);
    if (scalar.empty()) scalar = logits;
    CHECK(cosine(logits, scalar) > 0.9999);
  }
}

TEST_CASE("the report counts bits, names sources and remarks on groups that do not divide") {
  const TemporaryDirectory temporary;
  const TinyModel tiny{
      .shape = {.hidden = 96, .layers = 1, .heads = 4, .kv_heads = 2, .head_dim = 16, .intermediate = 72, .vocabulary = 50}};
  const auto from = write_checkpoint(temporary.path() / "m", tiny);
  std::vector<std::string> steps;
  std::uint64_t last = 0, all = 0;
  const auto report =
      try_export(from, temporary.path() / "p", {.layers = {.bits = 4, .group = 64, .zero = Zero::min}, .head = {.bits = 8, .group = 32}},
                 [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
                   steps.emplace_back(what);
                   CHECK(done > last);
                   last = done, all = total;
                 });
  REQUIRE(report);
  CHECK(steps.size() == report->matrices.size());
  CHECK(last == all);
  CHECK(all == 2u * 50 * 96 + 2 * 64 * 96 + 2 * 32 * 96 + 3 * 72 * 96);

  const ExportedMatrix& query = find(*report, "model.layers.0.self_attn.q_proj.weight");
  CHECK(query.layout.scheme == quant::Scheme{.bits = 4, .group = 32, .zero = Zero::min});  // 96 is no multiple of 64
  CHECK(mentions(report->notes, "q_proj.weight: groups of 32"));
  const ExportedMatrix& down = find(*report, "model.layers.0.mlp.down_proj.weight");
  CHECK(down.layout.scheme.group == 64);  // nothing divides 72: padded
  CHECK(mentions(report->notes, "down_proj.weight: the last group of 64 is padded"));
  CHECK(find(*report, "lm_head.weight").layout.scheme == quant::Scheme{.bits = 8, .group = 32});
  CHECK(find(*report, "model.embed_tokens.weight").layout.scheme == quant::bf16);
  CHECK_FALSE(mentions(report->notes, "lm_head"));
  CHECK(query.error.weights == 64 * 96);
  CHECK(query.error.relative_rms() > 0.01);
  CHECK(query.error.relative_rms() < 0.12);
  CHECK(report->bits_per_weight() > 4.5);
  CHECK(report->bits_per_weight() < 16);
  CHECK(ExportReport{}.bits_per_weight() == 0);

  REQUIRE(report->sources.size() == 1);
  CHECK(report->sources[0].first == "model.safetensors");
  const std::string bytes = read_file(from / "model.safetensors");
  const auto digest = sha256(std::as_bytes(std::span{bytes}));
  REQUIRE(digest);
  CHECK(report->sources[0].second == to_hex(*digest));
  const auto package = quant::Package::open(temporary.path() / "p");
  REQUIRE(package);
  CHECK(package->family() == "llama");
  CHECK(read_file(temporary.path() / "p" / "llm_config.json") == tiny.config_json());
  CHECK_FALSE(std::filesystem::exists(temporary.path() / "p" / "generation_config.json"));
}

TEST_CASE("a tied embedding is stored once, or twice when asked") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("llama-tied");
  ExportOptions options = uniform({.bits = 8, .group = 32});
  options.embedding = quant::f32;
  const ExportReport once = export_model(golden.path, temporary.path() / "once", options);
  CHECK(find(once, "model.embed_tokens.weight").layout.scheme == options.head);
  CHECK(std::none_of(once.matrices.begin(), once.matrices.end(), [](const ExportedMatrix& m) { return m.name == "lm_head.weight"; }));

  options.separate_embedding = true;
  const ExportReport twice = export_model(golden.path, temporary.path() / "twice", options);
  CHECK(twice.matrices.size() == once.matrices.size() + 1);
  CHECK(find(twice, "model.embed_tokens.weight").layout.scheme == quant::f32);
  CHECK(find(twice, "lm_head.weight").layout.scheme == options.head);
  for (const char* name : {"once", "twice"})
    CHECK(cosine(logits_of(*open_model(temporary.path() / name, {.threads = 1, .positions = 64}), golden.tokens), golden.logits) > 0.99);
}

TEST_CASE("a checkpoint that has only the head is tied the other way round") {
  const TemporaryDirectory temporary;
  const TinyModel tiny{.tied = true};
  TinyTensors tensors = tiny.tensors();
  const auto usual = write_checkpoint(temporary.path() / "usual", tiny);
  tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"];
  tensors.erase("model.embed_tokens.weight");
  const auto other = write_checkpoint(temporary.path() / "other", tiny.config_json(), tensors);
  const auto tokens = random_tokens(9, tiny.shape.vocabulary);
  const auto expected = logits_of(*open_model(usual, reference_mode), tokens);
  CHECK(same_bits(logits_of(*open_model(other, reference_mode), tokens), expected));
  for (const bool separate : {false, true}) {
    CAPTURE(separate);
    ExportOptions options = uniform(quant::f32);
    options.separate_embedding = separate;
    static_cast<void>(export_model(other, temporary.path() / "p", options));
    CHECK(same_bits(logits_of(*open_model(temporary.path() / "p", reference_mode), tokens), expected));
  }
}

TEST_CASE("a GGUF file keeps its blocks when asked to") {
  const TemporaryDirectory temporary;
  const auto gguf = std::filesystem::path{INGOT_GOLDEN_DIR} / "checkpoint" / "llama.gguf";
  const ExportReport report = export_model(gguf, temporary.path() / "p", {.keep_stored = true});
  for (const ExportedMatrix& m : report.matrices) CHECK(m.error.max_error == 0);
  const auto checkpoint = open_model(gguf, reference_mode), package = open_model(temporary.path() / "p", reference_mode);
  const auto tokens = random_tokens(20, checkpoint->config().shape.vocabulary);
  CHECK(same_bits(logits_of(*package, tokens), logits_of(*checkpoint, tokens)));
  // The checkpoint opened as it is stored runs the very same matrices.
  const Options stored{.threads = 2, .positions = 64};
  CHECK(same_bits(logits_of(*open_model(temporary.path() / "p", stored), tokens), logits_of(*open_model(gguf, stored), tokens)));
}

TEST_CASE("a cancelled or failed export leaves nothing") {
  const TemporaryDirectory temporary, output;
  const auto from = write_checkpoint(temporary.path() / "m", TinyModel{});
  Cancellation at_once;
  at_once.request();
  const auto refused = try_export(from, output.path() / "p", uniform({.bits = 4}), {}, &at_once);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::cancelled);
  CHECK(entries(output.path()) == 0);

  Cancellation later;
  const auto midway = try_export(
      from, output.path() / "p", uniform({.bits = 4}),
      [&](std::string_view, std::uint64_t done, std::uint64_t total) {
        if (2 * done > total) later.request();
      },
      &later);
  REQUIRE_FALSE(midway);
  CHECK(midway.error().code == ErrorCode::cancelled);
  CHECK(entries(output.path()) == 0);

  TinyTensors tensors = TinyModel{}.tensors();
  tensors["model.layers.1.mlp.down_proj.weight"].values[88 * 7 + 1] = NAN;
  const auto damaged = write_checkpoint(temporary.path() / "damaged", TinyModel{}.config_json(), tensors);
  const auto failed = try_export(damaged, output.path() / "p", uniform({.bits = 4}));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::damaged);
  CHECK(failed.error().message().find("model.layers.1.mlp.down_proj.weight: row 7") != std::string::npos);
  CHECK(entries(output.path()) == 0);

  const auto unknown = try_export(from, output.path() / "p", uniform({.bits = 7}));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::unsupported);
  CHECK(entries(output.path()) == 0);
}

TEST_CASE("the same checkpoint gives the same bytes for any number of threads") {
  const TemporaryDirectory temporary;
  ExportOptions options = uniform({.bits = 4, .group = 32, .zero = Zero::min});
  options.threads = 1;
  static_cast<void>(export_model(golden_models / "qwen2", temporary.path() / "one", options));
  options.threads = 3;
  static_cast<void>(export_model(golden_models / "qwen2", temporary.path() / "three", options));
  const std::string weights{quant::weights_file};
  CHECK(read_file(temporary.path() / "one" / weights) == read_file(temporary.path() / "three" / weights));
}

TEST_CASE("GPTQ brings every family nearer to its float model on the calibration's text") {
  double nearest = 0, gptq = 0;
  std::size_t better = 0, all = 0;
  for (const std::string& name : all_golden_names()) {
    const Golden golden = read_golden(name);
    CAPTURE(name);
    const auto reference = rows_of(*open_model(golden.path, reference_mode), golden.tokens, at_once, true);
    const auto error = [&](model::Search search) {
      const TemporaryDirectory temporary;
      model::ExportOptions options = uniform({.bits = 4, .group = 32, .zero = quant::Zero::min});
      options.search = search, options.embedding = quant::f32;
      options.calibration = {"", {golden.tokens, std::vector<std::int32_t>{golden.tokens.rbegin(), golden.tokens.rend()}}};
      const auto report = export_model(golden.path, temporary.path() / "p", options);
      CHECK(!report.matrices.empty());
      const auto rows = rows_of(*open_model(temporary.path() / "p", reference_mode), golden.tokens, at_once, true);
      double sum = 0, scale = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double difference = static_cast<double>(rows[i] - reference[i]), value = static_cast<double>(reference[i]);
        sum += difference * difference, scale += value * value;
      }
      return sum / scale;
    };
    const double before = error(model::Search::nearest), after = error(model::Search::gptq);
    nearest += before, gptq += after, better += after < before, ++all;
  }
  // Where embeddings are tied, the head's outputs are kept at the cost of the first layer's inputs: random models of 40 columns lose by it.
  CHECK(gptq < 0.75 * nearest);
  CHECK(better >= all - all / 5);
}

TEST_CASE("an export that is calibrated can be cancelled, and needs a text") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("llama");
  model::ExportOptions options = uniform({.bits = 4, .group = 32});
  options.search = model::Search::gptq;
  CHECK(try_export(golden.path, temporary.path() / "p", options).error().code == ErrorCode::usage);
  options.calibration = {"", {golden.tokens}};
  Cancellation cancellation;
  const ProgressSink stop = [&](std::string_view, std::uint64_t done, std::uint64_t total) {
    if (2 * done > total) cancellation.request();
  };
  CHECK(try_export(golden.path, temporary.path() / "p", options, stop, &cancellation).error().code == ErrorCode::cancelled);
  CHECK(entries(temporary.path()) == 0);
}

TEST_CASE("how finely activations are scaled can be asked for, is chosen by a calibration, and moves the logits") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("qwen3");
  model::ExportOptions options = uniform({.bits = 4, .group = 32});
  export_model(golden.path, temporary.path() / "usual", options);
  CHECK(!std::filesystem::exists(temporary.path() / "usual" / quant::activations_file));
  options.activation_block = 32;
  export_model(golden.path, temporary.path() / "fine", options);
  const auto blocks = quant::read_activation_blocks(read_file(temporary.path() / "fine" / quant::activations_file), "f");
  REQUIRE(blocks);
  CHECK(blocks->size() >= 14);
  for (const auto& [name, block] : *blocks) CHECK(block == 32);
  const model::Options run{.threads = 1, .positions = 256};
  const auto logits = [&](const char* package) { return logits_of(*open_model(temporary.path() / package, run), golden.tokens); };
  CHECK(!same_bits(logits("usual"), logits("fine")));
  options.activation_block = 0, options.search = model::Search::gptq, options.calibration = {"", {golden.tokens}};
  export_model(golden.path, temporary.path() / "chosen", options);
  const auto chosen = quant::read_activation_blocks(read_file(temporary.path() / "chosen" / quant::activations_file), "f");
  REQUIRE(chosen);
  CHECK(chosen->size() >= 14);
  CHECK(chosen->at("model.layers.0.self_attn.q_proj.weight") == chosen->at("model.layers.0.self_attn.v_proj.weight"));
}

TEST_CASE("matrices whose scales binary16 cannot hold get scales of binary32, and a note") {
  const std::string name = "model.layers.1.mlp.down_proj.weight";
  const TinyTensors plain = TinyModel{}.tensors();
  struct Case {
    float factor;
    bool row_alone, widened;
  };
  for (const Case& tried :
       {Case{1, false, false}, Case{1e-7f, false, true}, Case{1e-7f, true, false}, Case{1e9f, false, true}, Case{1e9f, true, true}}) {
    const float factor = tried.factor;
    const bool row_alone = tried.row_alone, widened = tried.widened;
    CAPTURE(factor);
    CAPTURE(row_alone);
    const TemporaryDirectory temporary;
    TinyTensors tensors = plain;
    for (std::size_t i = 0; i < tensors[name].values.size(); ++i)
      if (!row_alone || i < 88) tensors[name].values[i] *= factor;
    const auto from = write_checkpoint(temporary.path() / "m", TinyModel{}.config_json(), tensors);
    for (const Zero zero : {Zero::none, Zero::min}) {
      const ExportReport report = export_model(from, temporary.path() / "p", uniform({.bits = 4, .group = 32, .zero = zero}));
      const auto noted = [&](const std::string& note) { return note.starts_with(name + ": scales of 32 bits"); };
      CHECK(std::any_of(report.notes.begin(), report.notes.end(), noted) == widened);
      for (const ExportedMatrix& m : report.matrices) {
        CHECK((m.layout.scheme.scale == quant::Scale::single) == (widened && m.name == name));
        if (m.name == name && !row_alone) CHECK(m.error.relative_rms() < 0.1);
      }
      std::filesystem::remove_all(temporary.path() / "p");
    }
  }
}
