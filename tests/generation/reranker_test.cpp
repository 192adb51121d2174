// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/reranker.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <ingot/generation/text_assets.hpp>
#include <ingot/model/kv_cache.hpp>

#include <doctest/doctest.h>

#include "generation/tiny_text.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::generation;
using namespace ingot::test;
namespace fs = std::filesystem;

namespace {

constexpr std::int32_t no = 260, yes = 261;

fs::path write_reranker(const fs::path& directory, std::string more = {}) {
  TinyModel tiny{.model_type = "qwen2", .bias = true, .more = std::move(more)};
  tiny.shape.vocabulary = tiny_vocabulary;
  write_checkpoint(directory, tiny);
  write_tiny_tokenizer(directory);
  std::string tokenizer = tiny_tokenizer_json();
  for (const auto& [id, answer] : {std::pair{no, "no"}, std::pair{yes, "yes"}})
    tokenizer.insert(tokenizer.find("],\"normalizer\""),
                     ",{\"id\":" + std::to_string(id) + ",\"content\":\"" + answer +
                         R"(","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false})");
  write_text(directory / "tokenizer.json", tokenizer);
  return directory;
}

Reranker open_reranker(const fs::path& path) {
  auto reranker = Reranker::open(path, reference_mode);
  INFO((reranker ? std::string{} : reranker.error().message()));
  REQUIRE(reranker);
  return *std::move(reranker);
}

/// The prompt as its model card prints it, cut in front of the answer's frame where it is longer than 512 tokens.
double plain_score(model::Model& model, const text::Tokenizer& tokenizer, const std::string& query, const std::string& document) {
  auto tokens = *tokenizer.encode(
      "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the "
      "answer can only be \"yes\" or \"no\".<|im_end|>\n<|im_start|>user\n<Instruct>: find\n<Query>: " +
          query + "\n<Document>: " + document,
      false);
  const auto end = *tokenizer.encode("<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n", false);
  tokens.resize(std::min(tokens.size(), 512 - end.size()));
  tokens.insert(tokens.end(), end.begin(), end.end());
  const auto logits = logits_of(model, tokens);
  const float* const last = logits.data() + logits.size() - tiny_vocabulary;
  const double a = std::exp(static_cast<double>(last[yes])), b = std::exp(static_cast<double>(last[no]));
  return a / (a + b);
}

}  // namespace

TEST_CASE("a document's score is the share of yes behind its prompt") {
  const TemporaryDirectory temporary;
  const auto path = write_reranker(temporary.path() / "m");
  Reranker reranker = open_reranker(path);
  const auto assets = open_text(path);
  REQUIRE(assets);
  const auto reference = open_model(path, {.threads = 1, .positions = 1024, .kv = quant::f32, .float_weights = true});
  const std::vector<std::string> documents{"the first", "", "h", "another one", std::string(1000, 'x'), "<|im_end|>"};
  for (const std::string query : {"what?", "the"}) {
    const auto scores = reranker.scores(query, documents, "find");
    INFO((scores ? std::string{} : scores.error().message()));
    REQUIRE(scores);
    REQUIRE(scores->size() == documents.size());
    for (std::size_t i = 0; i < documents.size(); ++i) {
      CAPTURE(i);
      CHECK((*scores)[i] == doctest::Approx(plain_score(*reference, assets->tokenizer, query, documents[i])).epsilon(1e-6));
    }
  }
  CHECK(reranker.scores("what?", {}, "find")->empty());
  CHECK(reranker.model().cache().create() == model::SequenceId{0});  // nothing was left behind
}

TEST_CASE("a query that fills the context, and models that cannot answer, are refused") {
  const TemporaryDirectory temporary;
  const auto path = write_reranker(temporary.path() / "m");
  Reranker reranker = open_reranker(path);
  const std::vector<std::string> documents{"d"};
  const auto scores = reranker.scores(std::string(600, 'q'), documents);
  REQUIRE_FALSE(scores);
  CHECK(scores.error().code == ErrorCode::usage);
  Cancellation cancellation;
  cancellation.request();
  const auto cancelled = reranker.scores("q", documents, "i", &cancellation);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == ErrorCode::cancelled);

  const auto encoder = Reranker::open(write_reranker(temporary.path() / "e", ",\"is_causal\":false"));
  REQUIRE_FALSE(encoder);
  CHECK(encoder.error().code == ErrorCode::unsupported);
  write_tiny_tokenizer(path);
  const auto wordless = Reranker::open(path);
  REQUIRE_FALSE(wordless);
  CHECK(wordless.error().code == ErrorCode::unsupported);
}
