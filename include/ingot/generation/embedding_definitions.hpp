// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/embedding_definitions.hpp: Embedder and Reranker for ingot::runtime: only for its source.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/config_file.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/core/utf8.hpp>
#include <ingot/generation/embedder.hpp>
#include <ingot/generation/pooling.hpp>
#include <ingot/generation/read_embedding_config.hpp>
#include <ingot/generation/reranker.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/generation/text_steps.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/open.hpp>
#include <ingot/model/package_directory.hpp>
#include <ingot/text/jinja/unicode.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::generation {

namespace detail {

[[nodiscard]] inline WantedRows wanted_rows(const EmbeddingConfig& config) noexcept {
  if (config.poolings.size() != 1 || reads_all_rows(config.poolings[0])) return WantedRows::all;
  return config.poolings[0] == Pooling::cls ? WantedRows::first : WantedRows::last;
}
[[nodiscard]] inline std::string prompt_names(const EmbeddingConfig& config) {
  std::string names;
  for (const auto& [name, prompt] : config.prompts)
    if (names.size() < 200) names.append(names.empty() ? "it has " : ", ").append(name.substr(0, 60));
  return names.empty() ? "it has none" : names;
}

inline constexpr std::string_view frame_begin =
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the "
    "answer can only be \"yes\" or \"no\".<|im_end|>\n<|im_start|>user\n";
inline constexpr std::string_view frame_end = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n";

/// The sequence that all prompts of a query are forked from.
struct SharedBeginning {
  explicit SharedBeginning(model::Model& m) : model{m}, sequence{m.cache().create()} {}
  SharedBeginning(const SharedBeginning&) = delete;
  SharedBeginning& operator=(const SharedBeginning&) = delete;
  ~SharedBeginning() { model.cache().release(sequence); }

  Status compute(std::span<const std::int32_t> tokens, const Cancellation* cancellation) const {
    model::Batch batch;
    for (std::size_t done = 0; done < tokens.size(); done += batch.rows()) {
      if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
      batch.clear();
      batch.add(sequence, static_cast<std::uint32_t>(done), tokens.subspan(done, std::min<std::size_t>(step_rows, tokens.size() - done)),
                model::Batch::Logits::none);
      INGOT_CHECK(model.step(batch, {}));
    }
    return {};
  }

  model::Model& model;
  model::SequenceId sequence;
};

}  // namespace detail

Embedder::Embedder(std::unique_ptr<model::Model> model, EmbeddingConfig config) : model_{std::move(model)}, config_{std::move(config)} {
  constexpr std::uint32_t most = 1u << 30;
  const model::Config& made = model_->config();
  longest_ = made.learned_positions ? made.max_positions : std::min(std::max({made.max_positions, config_.max_tokens, 512u}), most);
  cut_ = config_.max_tokens == 0 ? longest_ : std::min(config_.max_tokens, longest_);
}

Result<Embedder> Embedder::open(const std::filesystem::path& path, model::Options options) {
  const auto package = model::package_directory(path);
  const auto directory = package ? *package : config_directory(path);
  INGOT_TRY(auto said, read_embedding_config(directory));
  auto text = open_text(path);
  if (!text && text.error().code != ErrorCode::not_found) return std::move(text).error();
  options.positions = ~std::uint32_t{0};  // pages are made as texts need them
  INGOT_TRY(auto opened, model::open(path, options));
  Embedder embedder{std::move(opened), said.value_or(EmbeddingConfig{})};
  if (text) embedder.tokenizer_ = std::move(text->tokenizer);
  if (!said && !embedder.model_->config().causal) embedder.config_.poolings = {Pooling::mean};
  if (!said && options.note)
    options.note(std::string{"nothing says how this model embeds: a text is the normalized "} +
                 (embedder.model_->config().causal ? "last row" : "mean of its rows"));
  return embedder;
}

Result<std::vector<std::int32_t>> Embedder::encode(std::string_view text) const {
  std::string repaired;
  if (!is_utf8(text)) {
    text::append_lossy(repaired, text, true);
    text = repaired;
  }
  text = text::jinja::unicode::strip(text);
  return tokenizer_->encode(config_.lower_case ? text::jinja::unicode::lower(text) : std::string{text}, false);
}

Result<EmbeddingInput> Embedder::input(std::string_view text, std::string_view prompt_name) const {
  if (!tokenizer_) return Error{ErrorCode::not_found, "the model has no tokenizer", {}, "give token ids"};
  const std::string_view name = prompt_name.empty() ? std::string_view{config_.default_prompt} : prompt_name;
  const std::string* const prompt = name.empty() ? nullptr : config_.prompt(name);
  if (!name.empty() && prompt == nullptr)
    return Error{ErrorCode::usage, "the model has no such prompt", std::string{name}, detail::prompt_names(config_)};
  const auto prefix = tokenizer_->prefix(), suffix = tokenizer_->suffix();
  EmbeddingInput input;
  INGOT_TRY(auto content, encode(prompt == nullptr ? std::string{text} : std::string{*prompt}.append(text)));
  const std::size_t around = prefix.size() + suffix.size(), most = std::max<std::size_t>(cut_, around) - around;
  content.resize(std::min(content.size(), most));
  input.tokens.assign(prefix.begin(), prefix.end());
  input.tokens.insert(input.tokens.end(), content.begin(), content.end());
  input.tokens.insert(input.tokens.end(), suffix.begin(), suffix.end());
  if (prompt != nullptr && !config_.pool_prompt) {
    INGOT_TRY(const auto before, encode(*prompt));
    input.prompt_rows = prefix.size() + before.size();
  }
  return input;
}

Result<std::vector<float>> Embedder::embed(std::span<const EmbeddingInput> inputs, std::size_t dimensions,
                                           const Cancellation* cancellation) {
  const std::size_t wanted = dimensions == 0 ? this->dimensions() : dimensions;
  if (wanted > this->dimensions())
    return Error{ErrorCode::usage, "more dimensions than the model has", std::to_string(this->dimensions()), "ask for fewer"};
  for (const EmbeddingInput& input : inputs)
    if (input.tokens.empty() || input.tokens.size() > longest_)
      return Error{ErrorCode::usage,
                   "a text of " + std::to_string(input.tokens.size()) + " tokens cannot be embedded",
                   {},
                   "give 1 to " + std::to_string(longest_) + " tokens"};
  const std::size_t width = model_->config().shape.hidden;
  std::vector<float> vectors(inputs.size() * wanted), rows;
  std::optional<Pooler> pooler;
  const auto begin = [&](std::size_t i) { return TextSteps::Text{model_->cache().create(), inputs[i].tokens}; };
  const auto compute = [&](const model::Batch& batch) {
    rows.resize(batch.logit_rows().size() * width);
    return model_->embed(batch, rows);
  };
  std::size_t current = inputs.size();
  const auto finish = [&] {
    if (!pooler) return;
    std::vector<float> vector = pooler->result();
    vector.resize(wanted);
    if (config_.normalize) normalize_length(vector);
    std::copy(vector.begin(), vector.end(), vectors.begin() + static_cast<std::ptrdiff_t>(current * wanted));
  };
  const auto take = [&](std::size_t i, std::size_t position, std::size_t row) {
    if (i != current) {
      finish();
      pooler.emplace(config_.poolings, width, inputs[i].prompt_rows);
      current = i;
    }
    pooler->add(position, {rows.data() + row * width, width});
  };
  INGOT_CHECK((TextSteps{*model_, detail::wanted_rows(config_), cancellation}.run(inputs.size(), begin, compute, take)));
  finish();
  return vectors;
}

Result<Reranker> Reranker::open(const std::filesystem::path& path, model::Options options, std::uint32_t context) {
  INGOT_TRY(auto text, open_text(path));
  const auto yes = text.tokenizer.id_of("yes"), no = text.tokenizer.id_of("no");
  if (!yes || !no || !text.tokenizer.id_of("<|im_start|>"))
    return Error{
        ErrorCode::unsupported, "the vocabulary lacks <|im_start|>, yes or no: this is no model like Qwen3-Reranker", path.string(), {}};
  options.positions = ~std::uint32_t{0};  // pages are made as texts need them
  INGOT_TRY(auto opened, model::open(path, options));
  const model::Config& config = opened->config();
  const auto vocabulary = static_cast<std::int64_t>(config.shape.vocabulary);
  if (!config.causal || *yes >= vocabulary || *no >= vocabulary)
    return Error{ErrorCode::unsupported, "an encoder, or a model smaller than its vocabulary, cannot answer", path.string(), {}};
  if (config.max_positions != 0) context = std::min(context, config.max_positions);
  Reranker reranker{std::move(opened), std::move(text.tokenizer), context};
  reranker.yes_ = static_cast<std::size_t>(*yes), reranker.no_ = static_cast<std::size_t>(*no);
  INGOT_TRY(reranker.prefix_, reranker.tokenizer_.encode(detail::frame_begin, false));
  INGOT_TRY(reranker.suffix_, reranker.tokenizer_.encode(detail::frame_end, false));
  return reranker;
}

Result<std::vector<float>> Reranker::scores(std::string_view query, std::span<const std::string> documents, std::string_view instruction,
                                            const Cancellation* cancellation) {
  const std::string asked = std::string{"<Instruct>: "}.append(instruction).append("\n<Query>: ").append(query).append("\n<Document>: ");
  std::vector<std::int32_t> shared = prefix_;
  INGOT_CHECK(tokenizer_.encode_to(asked, false, shared));
  if (shared.size() + suffix_.size() >= context_)
    return Error{ErrorCode::usage, "the query leaves no room for documents", std::to_string(context_) + " tokens", "shorten it"};
  std::vector<std::vector<std::int32_t>> prompts;
  for (const std::string& document : documents) {
    auto& prompt = prompts.emplace_back(prefix_);
    INGOT_CHECK(tokenizer_.encode_to(asked + document, false, prompt));
    prompt.resize(std::min<std::size_t>(prompt.size(), context_ - suffix_.size()));
    prompt.insert(prompt.end(), suffix_.begin(), suffix_.end());
  }
  if (prompts.empty()) return std::vector<float>{};
  const detail::SharedBeginning beginning{*model_};
  INGOT_CHECK(beginning.compute(shared, cancellation));

  const std::size_t vocabulary = model_->config().shape.vocabulary;
  std::vector<float> scores(prompts.size()), logits;
  const auto begin = [&](std::size_t i) {
    const auto same = std::mismatch(shared.begin(), shared.end(), prompts[i].begin(), prompts[i].end()).first - shared.begin();
    const model::SequenceId sequence = model_->cache().fork(beginning.sequence);
    const std::uint32_t kept = model_->cache().truncate(sequence, static_cast<std::uint32_t>(same));
    return TextSteps::Text{sequence, std::span{prompts[i]}.subspan(kept)};
  };
  const auto compute = [&](const model::Batch& batch) {
    logits.resize(batch.logit_rows().size() * vocabulary);
    return model_->step(batch, logits);
  };
  const auto take = [&](std::size_t i, std::size_t, std::size_t row) {
    const double more = static_cast<double>(logits[row * vocabulary + no_]) - static_cast<double>(logits[row * vocabulary + yes_]);
    scores[i] = static_cast<float>(1 / (1 + std::exp(more)));
  };
  INGOT_CHECK((TextSteps{*model_, WantedRows::last, cancellation}.run(prompts.size(), begin, compute, take)));
  return scores;
}

}  // namespace ingot::generation
