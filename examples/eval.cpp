// SPDX-License-Identifier: Apache-2.0
// ingot-eval: logits of given tokens and embeddings of lines as NumPy files, perplexity of a text and divergence from a reference,
// scores of documents, decoded weights.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ingot/core/atomic_file.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/generation/embedder.hpp>
#include <ingot/generation/reranker.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/open.hpp>
#include <ingot/model/package_directory.hpp>

#include "support/decoded_weights.hpp"
#include "support/divergence.hpp"
#include "support/fetch_model.hpp"
#include "support/kv_option.hpp"
#include "support/npy_file.hpp"
#include "support/program.hpp"
#include "support/progress_bar.hpp"
#include "support/stored_size.hpp"
#include "support/text_windows.hpp"
#include "support/token_file.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;
namespace model = ingot::model;

namespace {

struct Arguments {
  std::vector<std::string> paths;  // of models compared with the reference
  std::string path, reference, tokens, text, out, precision, prompt, query, instruction{ingot::Reranker::default_instruction};
  std::optional<ingot::Scheme> kv;  // nothing: as the precision asks
  std::uint32_t chunk = 0, context = 512, threads = 0, dimensions = 0;
  bool quiet = false;
};

Result<model::Options> options(const Arguments& a, std::size_t positions) {
  const bool is_package = model::package_directory(a.path).has_value();
  model::Options o;
  o.threads = a.threads;
  o.positions = static_cast<std::uint32_t>(positions);
  o.float_weights = a.precision == "f32" || (a.precision.empty() && !is_package);
  if (!a.quiet) o.note = program::note;
  o.kv = a.kv.value_or(o.float_weights ? ingot::quant::f32 : o.kv);
  return o;
}

Status logits(const Arguments& a) {
  INGOT_TRY(const auto tokens, program::read_tokens(a.tokens));
  INGOT_TRY(const auto opened, options(a, tokens.size()));
  INGOT_TRY(auto language_model, model::open(a.path, opened));
  const std::size_t vocabulary = language_model->config().shape.vocabulary, chunk = a.chunk == 0 ? tokens.size() : a.chunk;
  INGOT_TRY(auto file, ingot::AtomicFile::create(a.out));
  INGOT_CHECK(file.write(program::npy_header(tokens.size(), vocabulary)));
  program::ProgressBar progress{a.quiet};
  const auto sequence = language_model->cache().create();
  std::vector<float> rows;
  model::Batch batch;
  for (std::size_t done = 0; done < tokens.size();) {
    INGOT_CHECK(program::cancellation.check());
    const std::size_t count = std::min(chunk, tokens.size() - done);
    batch.clear();
    batch.add(sequence, static_cast<std::uint32_t>(done), std::span{tokens}.subspan(done, count), model::Batch::Logits::all);
    rows.resize(count * vocabulary);
    INGOT_CHECK(language_model->step(batch, rows));
    INGOT_CHECK(file.write(std::as_bytes(std::span{rows})));
    progress("tokens", done += count, tokens.size());
  }
  return file.commit();
}

/// A model with its tokenizer, and the text that it is evaluated on.
struct Evaluation {
  std::unique_ptr<model::Model> model;
  program::TextWindows windows;
  std::optional<program::StoredSize> stored;
  [[nodiscard]] std::size_t vocabulary() const noexcept { return model->config().shape.vocabulary; }
};

Result<Evaluation> open_evaluation(const Arguments& a, const std::string& path, const std::string& precision) {
  Arguments one = a;
  one.path = path, one.precision = precision;
  INGOT_TRY(const auto text, ingot::MappedFile::open(a.text));
  INGOT_TRY(const auto assets, ingot::generation::open_text(path));
  auto windows = program::TextWindows::cut(assets.tokenizer, text.text(), a.context);
  if (!windows) return std::move(windows).error().in(a.text);
  INGOT_TRY(const auto opened, options(one, a.context));
  INGOT_TRY(auto made, model::open(path, opened));
  INGOT_TRY(const auto stored, program::stored_size(path));
  return Evaluation{std::move(made), *std::move(windows), stored};
}

/// Puts into `result` what the model's matrices take where they are stored, and what a token reads of them where they run.
void add_size(nlohmann::json& result, const Evaluation& subject) {
  if (subject.stored) {
    result["bits_per_weight"] = subject.stored->bits_per_weight();
    result["weight_bytes"] = subject.stored->bytes;
  }
  result["bytes_per_token"] = subject.model->cost().weight_bytes;
}

/// Token-weighted perplexity over windows of --context tokens; a window's first token is not scored.
Status perplexity(const Arguments& a) {
  INGOT_TRY(const auto subject, open_evaluation(a, a.path, a.precision));
  program::ProgressBar progress{a.quiet};
  double sum = 0;
  std::size_t scored = 0;
  std::vector<float> rows;
  std::vector<program::Prediction> predictions;
  const auto score = [&](std::span<const std::int32_t> ids, std::size_t done) -> Status {
    INGOT_CHECK(program::cancellation.check());
    INGOT_CHECK(program::compute_window(*subject.model, ids, rows));
    program::predict(subject.model->team(), rows, subject.vocabulary(), predictions);
    sum += program::surprise(predictions, ids);
    scored += predictions.size();
    progress("tokens", done, subject.windows.tokens());
    return {};
  };
  INGOT_CHECK(subject.windows.each(score));
  progress.clear();
  const double nll = sum / static_cast<double>(scored);
  nlohmann::json result{{"perplexity", std::exp(nll)}, {"nll", nll}, {"tokens", scored}, {"context", a.context}};
  add_size(result, subject);
  fmt::print("{}\n", result.dump());
  return {};
}

/// How far the predictions of each model are from those of --reference, token by token, over the same windows.
Status divergence(const Arguments& a) {
  INGOT_TRY(const auto reference, open_evaluation(a, a.reference, {}));
  struct Subject {
    Evaluation model;
    program::Divergence divergence;
    double surprise = 0;
  };
  std::vector<Subject> subjects;
  for (const std::string& path : a.paths) {
    INGOT_TRY(auto opened, open_evaluation(a, path, a.precision));
    if (opened.vocabulary() != reference.vocabulary() || opened.windows != reference.windows)
      return Error{ErrorCode::usage, "the models read this text as other tokens, or have other vocabularies", path + ", " + a.reference,
                   "compare a model with what it was made from"};
    subjects.push_back({std::move(opened), {}});
  }
  program::ProgressBar progress{a.quiet};
  double surprise = 0;
  std::vector<float> rows, reference_rows;
  std::vector<program::Prediction> predictions, truth;
  const auto score = [&](std::span<const std::int32_t> ids, std::size_t done) -> Status {
    INGOT_CHECK(program::compute_window(*reference.model, ids, reference_rows));
    program::predict(reference.model->team(), reference_rows, reference.vocabulary(), truth);
    surprise += program::surprise(truth, ids);
    for (Subject& subject : subjects) {
      INGOT_CHECK(program::cancellation.check());
      INGOT_CHECK(program::compute_window(*subject.model.model, ids, rows));
      program::predict(reference.model->team(), rows, reference.vocabulary(), predictions);
      subject.divergence.add(reference.model->team(), truth, predictions);
      subject.surprise += program::surprise(predictions, ids);
    }
    progress("tokens", done, reference.windows.tokens());
    return {};
  };
  INGOT_CHECK(reference.windows.each(score));
  progress.clear();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto& [subject, divergence, own] = subjects[i];
    const auto count = static_cast<double>(divergence.tokens());
    nlohmann::json result{{"model", a.paths[i]},
                          {"kl", divergence.mean()},
                          {"kl_99", divergence.percentile(99)},
                          {"kl_max", divergence.max()},
                          {"top1", divergence.agreement()},
                          {"perplexity", std::exp(own / count)},
                          {"reference_perplexity", std::exp(surprise / count)},
                          {"tokens", divergence.tokens()},
                          {"context", a.context}};
    add_size(result, subject);
    fmt::print("{}\n", result.dump());
  }
  return {};
}

/// Lines that are computed together.
constexpr std::size_t group_lines = 64;

/// Lines in groups: calls `use(lines, number of the first)` for each.
template <class Use>
Status each_group(std::span<const std::string_view> lines, program::ProgressBar& progress, Use&& use) {
  for (std::size_t first = 0; first < lines.size(); first += group_lines) {
    const auto group = lines.subspan(first, std::min(group_lines, lines.size() - first));
    INGOT_CHECK(use(group, first));
    progress("lines", first + group.size(), lines.size());
  }
  return {};
}

Status embed(const Arguments& a) {
  const std::string& path = a.tokens.empty() ? a.text : a.tokens;
  INGOT_TRY(const auto file, ingot::MappedFile::open(path));
  const auto lines = program::lines_of(file.text());
  if (lines.empty()) return Error{ErrorCode::usage, "no lines to embed", path, {}};
  INGOT_TRY(const auto opened, options(a, 0));
  INGOT_TRY(auto embedder, ingot::Embedder::open(a.path, opened));
  const auto input = [&](std::string_view line) -> Result<ingot::generation::EmbeddingInput> {
    if (a.tokens.empty()) return embedder.input(line, a.prompt);
    INGOT_TRY(auto tokens, program::parse_tokens(line, path));
    return ingot::generation::EmbeddingInput{std::move(tokens), 0};
  };
  INGOT_TRY(auto out, ingot::AtomicFile::create(a.out));
  INGOT_CHECK(out.write(program::npy_header(lines.size(), a.dimensions == 0 ? embedder.dimensions() : a.dimensions)));
  program::ProgressBar progress{a.quiet};
  INGOT_CHECK(each_group(lines, progress, [&](std::span<const std::string_view> group, std::size_t first) -> Status {
    std::vector<ingot::generation::EmbeddingInput> inputs;
    for (const std::string_view line : group) {
      auto one = input(line);
      if (!one) return std::move(one).error().in("line " + std::to_string(first + inputs.size() + 1));
      inputs.push_back(*std::move(one));
    }
    INGOT_TRY(const auto vectors, embedder.embed(inputs, a.dimensions, &program::cancellation));
    return out.write(std::as_bytes(std::span{vectors}));
  }));
  return out.commit();
}

Status weights(const Arguments& a) {
  program::ProgressBar progress{a.quiet};
  return program::write_decoded_weights(a.path, a.out, std::ref(progress), program::cancellation);
}

Status rerank(const Arguments& a) {
  INGOT_TRY(const auto file, ingot::MappedFile::open(a.text));
  const auto lines = program::lines_of(file.text());
  INGOT_TRY(const auto opened, options(a, 0));
  INGOT_TRY(auto reranker, ingot::Reranker::open(a.path, opened));
  program::ProgressBar progress{a.quiet};
  std::string scores;
  INGOT_CHECK(each_group(lines, progress, [&](std::span<const std::string_view> group, std::size_t) -> Status {
    const std::vector<std::string> documents(group.begin(), group.end());
    INGOT_TRY(const auto some, reranker.scores(a.query, documents, a.instruction, &program::cancellation));
    for (const float score : some) scores += fmt::format("{}\n", score);
    return {};
  }));
  progress.clear();
  fmt::print("{}", scores);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{
      "Evaluates a model.\n\nExamples:\n  ingot-eval logits MODEL --tokens ids.txt --out logits.npy --chunk 1\n  ingot-eval ppl MODEL "
      "--text wiki.txt\n  ingot-eval kl PACKAGE --reference CHECKPOINT --text wiki.txt\n  ingot-eval embed MODEL --text lines.txt --out "
      "vectors.npy\n  ingot-eval rerank MODEL --query \"...\" --text "
      "documents.txt",
      "ingot-eval"};
  app.require_subcommand(1);
  const auto common = [&](CLI::App* command, bool several = false) {
    constexpr auto model_help = "package, checkpoint directory, GGUF file, or a reference: hf:owner/name";
    (several ? command->add_option("MODEL", a.paths, model_help) : command->add_option("MODEL", a.path, model_help))->required();
    command->add_option("--precision", a.precision, "f32: decode all weights to float; native: as stored (packages: the default)")
        ->check(CLI::IsMember({"f32", "native"}));
    program::add_kv_option(*command, a.kv);
    command->add_option("--threads", a.threads, "threads (default: what this process may use)");
    command->add_flag("-q,--quiet", a.quiet, "no progress");
    return command;
  };
  CLI::App* logits_command = common(app.add_subcommand("logits", "writes float32 [tokens, vocabulary] as .npy"));
  logits_command->add_option("--tokens", a.tokens, "file of whitespace-separated ids")->required();
  logits_command->add_option("--out", a.out, "the .npy file")->required();
  logits_command->add_option("--chunk", a.chunk, "tokens a step (default: all at once)")->check(CLI::Range(1u, 1u << 20));
  CLI::App* perplexity_command = common(app.add_subcommand("ppl", "prints the perplexity of a text as JSON"));
  CLI::App* divergence_command =
      common(app.add_subcommand(
                 "kl", "prints how far each model's predictions are from a reference's as JSON: Kullback-Leibler divergence in nats"),
             true);
  divergence_command->add_option("--reference", a.reference, "the model that is right; a checkpoint runs in float")->required();
  for (CLI::App* command : {perplexity_command, divergence_command}) {
    command->add_option("--text", a.text, "UTF-8 text")->required();
    command->add_option("--context", a.context, "tokens a window")->capture_default_str()->check(CLI::Range(2u, 1u << 20));
  }
  CLI::App* embed_command = common(app.add_subcommand("embed", "writes a vector for each line, float32 [lines, dimensions] as .npy"));
  auto* embed_tokens = embed_command->add_option("--tokens", a.tokens, "file with the ids of a text on each line");
  auto* embed_text = embed_command->add_option("--text", a.text, "file with a text on each line")->excludes(embed_tokens);
  embed_command->add_option("--out", a.out, "the .npy file")->required();
  embed_command->add_option("--dimensions", a.dimensions, "values of a vector that are kept (default: all)")->check(CLI::PositiveNumber);
  embed_command->add_option("--prompt", a.prompt, "name of the model's prompt before each text, such as query")->needs(embed_text);
  CLI::App* rerank_command = common(app.add_subcommand("rerank", "prints how well each line answers a query, 0 to 1"));
  rerank_command->add_option("--query", a.query, "the query")->required();
  rerank_command->add_option("--text", a.text, "file with a document on each line")->required();
  rerank_command->add_option("--instruction", a.instruction, "what the query asks for")->capture_default_str();
  CLI::App* weights_command = app.add_subcommand("weights", "writes a package's weights, decoded to float32, as .safetensors");
  weights_command->add_option("MODEL", a.path, "package")->required();
  weights_command->add_option("--out", a.out, "the .safetensors file")->required();
  weights_command->add_flag("-q,--quiet", a.quiet, "no progress");
  return program::run(app, argc, argv, [&]() -> Status {
    for (std::string* const model : {&a.path, &a.reference}) INGOT_CHECK(program::fetch_model(*model, a.quiet));
    for (std::string& model : a.paths) INGOT_CHECK(program::fetch_model(model, a.quiet));
    if (logits_command->parsed()) return logits(a);
    if (perplexity_command->parsed()) return perplexity(a);
    if (divergence_command->parsed()) return divergence(a);
    if (rerank_command->parsed()) return rerank(a);
    if (weights_command->parsed()) return weights(a);
    if (a.tokens.empty() && a.text.empty()) return Error{ErrorCode::usage, "nothing to embed", {}, "give --tokens or --text"};
    return embed(a);
  });
}
