// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/embedder.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/generation/read_embedding_config.hpp>
#include <ingot/model/kv_cache.hpp>

#include <doctest/doctest.h>

#include "generation/tiny_text.hpp"
#include "model/exported.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::generation;
using namespace ingot::test;
namespace fs = std::filesystem;

namespace {

/// A model of random weights; `more` goes into its config.json.
TinyModel tiny_model(std::string more = {}) {
  TinyModel tiny{.model_type = "qwen2", .bias = true, .more = std::move(more)};
  tiny.shape.vocabulary = tiny_vocabulary;
  return tiny;
}

/// Its directory, with modules.json for the pooling of this name in sentence-transformers.
fs::path write_embedder(const fs::path& directory, const TinyModel& tiny, std::string_view pooling, std::string_view more = {}) {
  write_checkpoint(directory, tiny);
  write_tiny_tokenizer(directory);
  fs::create_directories(directory / "pooling");
  write_text(directory / "modules.json", R"([{"type":"m.Transformer"},{"type":"m.Pooling","path":"pooling"},{"type":"m.Normalize"}])");
  write_text(directory / "pooling" / "config.json", R"({"pooling_mode":")" + std::string{pooling} + "\"" + std::string{more} + "}");
  return directory;
}

Embedder open_embedder(const fs::path& path, model::Options options = reference_mode) {
  auto embedder = Embedder::open(path, std::move(options));
  INFO((embedder ? std::string{} : embedder.error().message()));
  REQUIRE(embedder);
  return *std::move(embedder);
}

template <class T>
T value(Result<T> result) {
  INFO((result ? std::string{} : result.error().message()));
  REQUIRE(result);
  return *std::move(result);
}

/// The normed last rows of a text, [tokens, hidden].
std::vector<float> hidden_rows(model::Model& model, const std::vector<std::int32_t>& tokens) {
  std::vector<float> rows(tokens.size() * model.config().shape.hidden);
  model::Batch batch;
  const auto sequence = model.cache().create();
  batch.add(sequence, 0, tokens, model::Batch::Logits::all);
  REQUIRE(model.embed(batch, rows));
  model.cache().release(sequence);
  return rows;
}

std::vector<float> normalized(std::vector<double> values) {
  double squares = 0;
  for (const double x : values) squares += x * x;
  std::vector<float> result;
  for (const double x : values) result.push_back(static_cast<float>(x / std::sqrt(squares)));
  return result;
}

/// The pooling of rows from `first` on, then of length 1; `dimensions` values of it.
std::vector<float> plainly(std::string_view pooling, const std::vector<float>& rows, std::size_t width, std::size_t dimensions,
                           std::size_t first = 0) {
  const std::size_t count = rows.size() / width;
  std::vector<double> values(dimensions);
  for (std::size_t c = 0; c < dimensions; ++c) {
    const auto at = [&](std::size_t r) { return static_cast<double>(rows[r * width + c]); };
    if (pooling == "cls") values[c] = at(0);
    if (pooling == "lasttoken") values[c] = at(count - 1);
    for (std::size_t r = first; r < count && pooling == "mean"; ++r) values[c] += at(r);
    for (std::size_t r = first; r < count && pooling == "max"; ++r) values[c] = r == first ? at(r) : std::max(values[c], at(r));
    for (std::size_t r = first; r < count && pooling == "weightedmean"; ++r) values[c] += at(r) * static_cast<double>(r + 1);
  }
  return normalized(std::move(values));
}

}  // namespace

TEST_CASE("decoders and encoders pool their last rows, short texts and those of several steps") {
  for (const char* causal : {"", ",\"is_causal\":false"})
    for (const std::string pooling : {"cls", "mean", "lasttoken", "max", "weightedmean"}) {
      CAPTURE(causal);
      CAPTURE(pooling);
      const TemporaryDirectory temporary;
      Embedder embedder = open_embedder(write_embedder(temporary.path() / "m", tiny_model(std::string{causal} + ""), pooling));
      CHECK(embedder.model().config().causal == std::string_view{causal}.empty());
      std::vector<EmbeddingInput> inputs;
      for (const std::size_t count : {1u, 3u, 70u, 512u, 2u, 509u}) inputs.push_back({random_tokens(count, 250, 5), 0});
      const auto together = value(embedder.embed(inputs));
      REQUIRE(together.size() == inputs.size() * 64);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto rows = hidden_rows(embedder.model(), inputs[i].tokens);
        const std::span one{together.data() + i * 64, 64};
        CHECK(largest_difference(one, plainly(pooling, rows, 64, 64)) < 1e-6);
        CHECK(same_bits(value(embedder.embed(std::span<const std::int32_t>{inputs[i].tokens})), one));  // neighbours do not matter
        CHECK(largest_difference(value(embedder.embed({&inputs[i], 1}, 24)), plainly(pooling, rows, 64, 24)) < 1e-6);
      }
    }
}

TEST_CASE("texts get their prompt and special tokens, and lose their end where they are too long") {
  const TemporaryDirectory temporary;
  const auto path = write_embedder(temporary.path() / "m", tiny_model(), "mean", R"(,"include_prompt":false)");
  std::string tokenizer = tiny_tokenizer_json();
  const std::string_view none = R"("post_processor":null)";
  tokenizer.replace(tokenizer.find(none), none.size(),
                    R"("post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|im_start|>","type_id":0}},)"
                    R"({"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<|endoftext|>","type_id":0}}],"pair":[],)"
                    R"("special_tokens":{"<|im_start|>":{"id":"<|im_start|>","ids":[257],"tokens":["<|im_start|>"]},)"
                    R"("<|endoftext|>":{"id":"<|endoftext|>","ids":[259],"tokens":["<|endoftext|>"]}}})");
  write_text(path / "tokenizer.json", tokenizer);
  write_text(path / "config_sentence_transformers.json", R"({"prompts":{"query":"q: ","short":"s"}})");
  write_text(path / "sentence_bert_config.json", R"({"max_seq_length":8,"do_lower_case":true})");
  Embedder embedder = open_embedder(path);
  CHECK(value(embedder.input("  Ab\xC3\x84\t")).tokens == std::vector<std::int32_t>{im_start, 'a', 'b', 0xC3, 0xA4, end_of_text});
  CHECK(value(embedder.input("a", "query")).tokens == std::vector<std::int32_t>{im_start, 'q', ':', ' ', 'a', end_of_text});
  CHECK(value(embedder.input("a", "query")).prompt_rows == 3);  // without the blank at its end
  CHECK(value(embedder.input("")).tokens == std::vector<std::int32_t>{im_start, end_of_text});
  CHECK(value(embedder.input("abcdefghi")).tokens == std::vector<std::int32_t>{im_start, 'a', 'b', 'c', 'd', 'e', 'f', end_of_text});
  CHECK(value(embedder.input("\xff")).tokens == std::vector<std::int32_t>{im_start, 0xEF, 0xBF, 0xBD, end_of_text});
  const auto unknown = embedder.input("a", "passage");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::usage);
  CHECK(unknown.error().message().find("query, short") != std::string::npos);

  const auto vector = value(embedder.embed("A", 0, "query"));
  const auto rows = hidden_rows(embedder.model(), {im_start, 'q', ':', ' ', 'a', end_of_text});
  CHECK(largest_difference(vector, plainly("mean", rows, 64, 64, 3)) < 1e-6);
}

TEST_CASE("a package embeds as its checkpoint does") {
  const TemporaryDirectory temporary;
  const auto from = write_embedder(temporary.path() / "m", tiny_model(), "mean");
  write_text(from / "config_sentence_transformers.json", R"({"prompts":{"query":"q: "},"default_prompt_name":"query"})");
  static_cast<void>(export_model(from, temporary.path() / "p", uniform(quant::f32)));
  write_tiny_tokenizer(temporary.path() / "p");
  write_text(temporary.path() / "p" / embedding_file, to_json(*value(read_embedding_config(from))));
  Embedder checkpoint = open_embedder(from), package = open_embedder(temporary.path() / "p");
  CHECK(same_bits(value(checkpoint.embed("the text")), value(package.embed("the text"))));
  CHECK(same_bits(value(package.embed("the text")), value(package.embed("the text", 0, "query"))));
}

TEST_CASE("a model that says nothing gives its last row, an encoder its mean, and there is a note") {
  for (const bool causal : {true, false}) {
    const TemporaryDirectory temporary;
    const auto path = write_checkpoint(temporary.path() / "m", tiny_model(causal ? "" : ",\"is_causal\":false"));
    model::Options options = reference_mode;
    std::string said;
    options.note = [&](std::string_view note) { said = note; };
    Embedder embedder = open_embedder(path, options);
    const auto tokens = random_tokens(9, 250);
    CHECK(largest_difference(value(embedder.embed(tokens)),
                             plainly(causal ? "lasttoken" : "mean", hidden_rows(embedder.model(), tokens), 64, 64)) < 1e-6);
    CHECK(said.find(causal ? "last row" : "mean") != std::string::npos);
    const auto text = embedder.embed("no tokenizer");
    REQUIRE_FALSE(text);
    CHECK(text.error().code == ErrorCode::not_found);
  }
}

TEST_CASE("what cannot be embedded is refused, and the model goes on") {
  const TemporaryDirectory temporary;
  Embedder embedder = open_embedder(write_embedder(temporary.path() / "m", tiny_model(), "lasttoken"));
  const auto tokens = random_tokens(5, 250);
  const auto expected = value(embedder.embed(tokens));
  const auto refuse = [&](const std::vector<std::int32_t>& wrong, std::size_t dimensions = 0) {
    const std::vector<EmbeddingInput> inputs{{tokens, 0}, {wrong, 0}, {tokens, 0}};
    const auto vectors = embedder.embed(inputs, dimensions);
    REQUIRE_FALSE(vectors);
    CHECK(vectors.error().code == ErrorCode::usage);
  };
  refuse({});
  refuse({1, -1});
  refuse({1, static_cast<std::int32_t>(tiny_vocabulary)});
  refuse(random_tokens(513, 250));
  refuse({1}, 65);
  Cancellation cancellation;
  cancellation.request();
  const EmbeddingInput input{tokens, 0};
  const auto cancelled = embedder.embed({&input, 1}, 0, &cancellation);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == ErrorCode::cancelled);
  CHECK(value(embedder.embed(std::vector<EmbeddingInput>{})).empty());
  for (int i = 0; i < 200; ++i) CHECK(same_bits(value(embedder.embed(tokens)), expected));
  CHECK(embedder.model().cache().create() == model::SequenceId{0});  // nothing was left behind
}
