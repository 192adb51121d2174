// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/model.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/model/best_tokens.hpp>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

using Tokens = std::vector<std::int32_t>;
using Logits = std::vector<float>;

struct Opened {
  TemporaryDirectory temporary;
  std::unique_ptr<Model> model;
  std::size_t vocabulary;
  explicit Opened(const TinyModel& tiny = {}, std::uint32_t positions = 1024)
      : model{open_model(write_checkpoint(temporary.path() / "m", tiny), {.threads = 2, .positions = positions})},
        vocabulary{tiny.shape.vocabulary} {}

  /// One step of `batch` that must succeed.
  Logits step(const Batch& batch) {
    Logits logits(batch.logit_rows().size() * vocabulary);
    const auto stepped = model->step(batch, logits);
    INFO((stepped ? std::string{} : stepped.error().message()));
    REQUIRE(stepped);
    return logits;
  }
  /// Appends `tokens` to `sequence`; logits of all of them.
  Logits append(SequenceId sequence, const Tokens& tokens) { return logits_of(*model, sequence, tokens, tokens.size()); }
  [[nodiscard]] std::span<const float> row(const Logits& logits, std::size_t i) const {
    return std::span{logits}.subspan(i * vocabulary, vocabulary);
  }
};

Tokens part(const Tokens& tokens, std::size_t begin, std::size_t end) {
  return {tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.begin() + static_cast<std::ptrdiff_t>(end)};
}

TinyModel windowed() {
  return {.model_type = "qwen2", .bias = true, .more = ",\"use_sliding_window\":true,\"sliding_window\":9,\"max_window_layers\":1"};
}

}  // namespace

TEST_CASE("two sequences in one step are what each is alone") {
  for (const TinyModel& tiny : {TinyModel{}, windowed()}) {
    Opened m{tiny};
    const Tokens first = random_tokens(40, 131, 1), second = random_tokens(23, 131, 2);
    const Logits a = logits_of(*m.model, first), b = logits_of(*m.model, second);
    const SequenceId s = m.model->cache().create(), t = m.model->cache().create();
    Batch batch;
    batch.add(s, 0, part(first, 0, 33), Batch::Logits::all);
    batch.add(t, 0, second, Batch::Logits::last);
    batch.add(s, 33, part(first, 33, 40), Batch::Logits::all);  // a run of a sequence may continue another of the same step
    const Logits together = m.step(batch);
    CHECK(same_bits(std::span{together}.first(33 * m.vocabulary), std::span{a}.first(33 * m.vocabulary)));
    CHECK(same_bits(m.row(together, 33), m.row(b, 22)));
    CHECK(same_bits(std::span{together}.last(7 * m.vocabulary), std::span{a}.last(7 * m.vocabulary)));
    CHECK(m.model->cache().length(s) == 40);
    CHECK(m.model->cache().length(t) == 23);
  }
}

TEST_CASE("a few rows may continue each other in one step") {
  Opened m{TinyModel{}};
  const Tokens tokens = random_tokens(kernels::span_positions + 4, 131, 1);
  const Logits expected = logits_of(*m.model, tokens);
  const SequenceId s = m.model->cache().create(), t = m.model->cache().create();
  Batch batch;
  batch.add(s, 0, part(tokens, 0, tokens.size() - 3), Batch::Logits::none);
  static_cast<void>(m.step(batch));
  batch.clear();
  for (std::uint32_t position = static_cast<std::uint32_t>(tokens.size()) - 3; position < tokens.size(); ++position)
    batch.add(s, position, part(tokens, position, position + 1), Batch::Logits::last);
  batch.add(t, 0, part(tokens, 0, 1), Batch::Logits::last);
  CHECK(batch.continues_itself());
  const Logits together = m.step(batch);
  CHECK(same_bits(std::span{together}.first(3 * m.vocabulary), std::span{expected}.last(3 * m.vocabulary)));
  CHECK(same_bits(m.row(together, 3), std::span{expected}.first(m.vocabulary)));
}

TEST_CASE("many sequences decode together as they do alone") {
  for (const std::size_t count : {2, 3, 6, 20}) {
    CAPTURE(count);
    Opened m{{}, 64 * 40};
    std::vector<Tokens> texts;
    std::vector<Logits> alone;
    std::vector<SequenceId> sequences;
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back(random_tokens(3 + 7 * i % 50, 131, static_cast<std::uint32_t>(i)));
      alone.push_back(logits_of(*m.model, texts.back()));
      sequences.push_back(m.model->cache().create());
      const Tokens prompt = part(texts.back(), 0, texts.back().size() - 2);
      static_cast<void>(m.append(sequences.back(), prompt));
    }
    for (std::size_t step = 2; step > 0; --step) {
      Batch batch;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = texts[i].size() - step;
        batch.add(sequences[i], static_cast<std::uint32_t>(at), part(texts[i], at, at + 1), Batch::Logits::last);
      }
      const Logits together = m.step(batch);
      for (std::size_t i = 0; i < count; ++i) CHECK(same_bits(m.row(together, i), m.row(alone[i], texts[i].size() - step)));
    }
  }
}

TEST_CASE("rows without logits are computed, rows with them come in order") {
  Opened m;
  const Tokens tokens = random_tokens(30, 131);
  const Logits expected = logits_of(*m.model, tokens);
  const SequenceId s = m.model->cache().create();
  Batch batch;
  batch.add(s, 0, part(tokens, 0, 20), Batch::Logits::none);
  REQUIRE(m.model->step(batch, {}));
  batch.clear();
  batch.add(s, 20, part(tokens, 20, 25), Batch::Logits::last);
  batch.add(s, 25, part(tokens, 25, 29), Batch::Logits::none);
  batch.add(s, 29, part(tokens, 29, 30), Batch::Logits::all);
  const Logits logits = m.step(batch);
  CHECK(same_bits(m.row(logits, 0), m.row(expected, 24)));
  CHECK(same_bits(m.row(logits, 1), m.row(expected, 29)));

  batch.clear();
  REQUIRE(m.model->step(batch, {}));  // nothing to do
  CHECK(m.model->cache().length(s) == 30);
}

TEST_CASE("a fork goes its own way and leaves the original as it was") {
  Opened m;
  const Tokens common = random_tokens(100, 131, 1), one = random_tokens(40, 131, 2), other = random_tokens(40, 131, 3);
  const auto joined = [&](const Tokens& end) {
    Tokens all = common;
    all.insert(all.end(), end.begin(), end.end());
    return all;
  };
  const Logits expected_one = logits_of(*m.model, joined(one)), expected_other = logits_of(*m.model, joined(other));
  KvCache& cache = m.model->cache();
  const SequenceId a = cache.create();
  static_cast<void>(m.append(a, common));
  const SequenceId b = cache.fork(a);
  // One token each in the same step, so that both write behind the shared end at once.
  Batch batch;
  batch.add(a, 100, part(one, 0, 1), Batch::Logits::all);
  batch.add(b, 100, part(other, 0, 1), Batch::Logits::all);
  const Logits firsts = m.step(batch);
  CHECK(same_bits(m.row(firsts, 0), m.row(expected_one, 100)));
  CHECK(same_bits(m.row(firsts, 1), m.row(expected_other, 100)));
  CHECK(cache.pages(a, 0)[0] == cache.pages(b, 0)[0]);
  CHECK(same_bits(m.append(a, part(one, 1, 40)), std::span{expected_one}.last(39 * m.vocabulary)));
  CHECK(same_bits(m.append(b, part(other, 1, 40)), std::span{expected_other}.last(39 * m.vocabulary)));

  // The original gone, the fork lives on its pages.
  cache.release(a);
  cache.truncate(b, 90);
  CHECK(same_bits(m.append(b, part(common, 90, 100)), std::span{expected_one}.subspan(90 * m.vocabulary, 10 * m.vocabulary)));
}

TEST_CASE("after a rollback other tokens give what a fresh computation gives") {
  for (const TinyModel& tiny : {TinyModel{}, windowed()})
    for (const std::uint32_t kept : {0u, 1u, 63u, 64u, 65u, 100u}) {
      CAPTURE(kept);
      Opened m{tiny};
      const Tokens before = random_tokens(130, 131, 1), after = random_tokens(20, 131, 2);
      Tokens text = part(before, 0, kept);
      text.insert(text.end(), after.begin(), after.end());
      const Logits expected = logits_of(*m.model, text);
      const SequenceId s = m.model->cache().create();
      static_cast<void>(m.append(s, before));
      m.model->cache().truncate(s, kept);
      CHECK(same_bits(m.append(s, after), std::span{expected}.last(20 * m.vocabulary)));
    }
}

TEST_CASE("what a window has left behind is not missed, though others write to its pages") {
  Opened m{windowed(), 4096};
  const Tokens tokens = random_tokens(900, 131, 1), other = random_tokens(900, 131, 2);
  const Logits expected = logits_of(*m.model, tokens);
  const std::uint32_t layer = m.model->config().shape.layers - 1;
  KvCache& cache = m.model->cache();
  const SequenceId s = cache.create(), t = cache.create();
  const auto equal = [&](std::size_t begin, std::size_t end) {
    const auto rows = std::span{expected}.subspan(begin * m.vocabulary, (end - begin) * m.vocabulary);
    return same_bits(m.append(s, part(tokens, begin, end)), rows);
  };
  for (std::size_t begin = 0; begin < 800; begin += 100) {
    CHECK(equal(begin, begin + 100));
    static_cast<void>(m.append(t, part(other, begin, begin + 100)));
  }
  CHECK(cache.pages(s, layer)[0] == nullptr);
  CHECK(cache.pages(s, 0)[0] != nullptr);
  for (std::size_t i = 800; i < 830; ++i) CHECK(equal(i, i + 1));
  REQUIRE(cache.truncate(s, 766) == 766);
  CHECK(equal(766, 900));
  const SequenceId fork = cache.fork(s);
  REQUIRE(cache.truncate(fork, 100) == 0);
  CHECK(same_bits(m.append(fork, part(tokens, 0, 300)), std::span{expected}.first(300 * m.vocabulary)));
}

TEST_CASE("pages of released sequences carry nothing over") {
  Opened m{{}, 128};
  const Tokens tokens = random_tokens(128, 131);
  const Logits expected = logits_of(*m.model, tokens);
  for (std::uint32_t round = 0; round < 3; ++round) {
    static_cast<void>(logits_of(*m.model, random_tokens(128, 131, 50 + round)));
    CHECK(same_bits(logits_of(*m.model, tokens), expected));
  }
  CHECK(m.model->cache().bytes() == 2 * m.model->cache().shape().page_bytes());
}

TEST_CASE("a step that cannot be done changes nothing") {
  Opened m{{}, 128};
  const Tokens tokens = random_tokens(80, 131);
  const Logits expected = logits_of(*m.model, tokens);
  KvCache& cache = m.model->cache();
  const SequenceId s = cache.create(), other = cache.create();
  static_cast<void>(m.append(s, part(tokens, 0, 50)));
  const auto refused = [&](const Batch& batch, std::size_t logits, const char* says, ErrorCode code = ErrorCode::usage) {
    Logits out(logits);
    const auto status = m.model->step(batch, out);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == code);
    INFO(status.error().message());
    CHECK(status.error().message().find(says) != std::string::npos);
    CHECK(cache.length(s) == 50);
    CHECK(cache.length(other) == 0);
  };
  const auto batch_of = [&](SequenceId sequence, std::uint32_t position, const Tokens& text) {
    Batch batch;
    batch.add(other, 0, part(tokens, 0, 3), Batch::Logits::none);  // sound, and must be undone
    batch.add(sequence, position, text, Batch::Logits::last);
    return batch;
  };
  refused(batch_of(s, 50, {5}), m.vocabulary - 1, "wrong size");
  refused(batch_of(s, 50, {5}), 0, "wrong size");
  refused(batch_of(s, 50, {5}), 2 * m.vocabulary, "wrong size");
  refused(batch_of(s, 50, {131}), m.vocabulary, "token 131");
  refused(batch_of(s, 50, {4, -1}), m.vocabulary, "token -1");
  refused(batch_of(s, 49, {5}), m.vocabulary, "continue");
  refused(batch_of(s, 51, {5}), m.vocabulary, "continue");
  refused(batch_of(SequenceId{9}, 0, {5}), m.vocabulary, "no such sequence");
  refused(batch_of(s, 50, Tokens(79, 5)), m.vocabulary, "context is full", ErrorCode::other);
  Batch twice;
  twice.add(s, 50, Tokens{1, 2}, Batch::Logits::none);
  twice.add(s, 50, Tokens{1, 2}, Batch::Logits::none);  // should have been 52
  refused(twice, 0, "continue");

  const SequenceId dead = cache.create();
  cache.release(dead);
  refused(batch_of(dead, 0, {5}), m.vocabulary, "no such sequence");
  CHECK(same_bits(m.append(s, part(tokens, 50, 80)), std::span{expected}.last(30 * m.vocabulary)));
}

TEST_CASE("the whole context can be used, and no position more") {
  Opened m{{}, 100};  // rounded up to two pages
  const SequenceId s = m.model->cache().create();
  static_cast<void>(m.append(s, random_tokens(128, 131)));
  CHECK(m.model->cache().room(s) == 0);
  Batch batch;
  batch.add(s, 128, Tokens{1}, Batch::Logits::none);
  CHECK_FALSE(m.model->step(batch, {}));
}

TEST_CASE("cost counts what a step reads and multiplies") {
  Opened m;
  const Shape& shape = m.model->config().shape;
  const std::uint64_t layer = std::uint64_t{64} * 64 * 2 + std::uint64_t{32} * 64 * 2 + std::uint64_t{88} * 64 * 3;
  const Cost cost = m.model->cost();
  CHECK(cost.layer_macs == shape.layers * layer);
  CHECK(cost.head_macs == std::uint64_t{131} * 64);
  CHECK(cost.weight_bytes >= 4 * (cost.layer_macs + cost.head_macs));            // float32, as stored
  CHECK(cost.weight_bytes <= 4 * (cost.layer_macs + cost.head_macs) * 11 / 10);  // rows are padded to 16
}

TEST_CASE("a norm that is not finite is refused, and named") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  for (const float value : {NAN, INFINITY}) {
    TinyTensors tensors = tiny.tensors();
    tensors["model.layers.0.post_attention_layernorm.weight"].values[5] = value;
    const auto path = write_checkpoint(temporary.path() / "m", tiny.config_json(), tensors);
    for (const bool reference : {true, false}) {
      const auto model =
          model::open(path, {.threads = 2, .positions = 64, .kv = reference ? quant::f32 : quant::bf16, .float_weights = reference});
      REQUIRE(!model);
      CHECK(model.error().code == ErrorCode::damaged);
      CHECK(model.error().where.find("post_attention_layernorm") != std::string::npos);
    }
  }
}

TEST_CASE("a step tells the best tokens of its rows, whatever the number of lanes") {
  for (const std::uint32_t threads : {1u, 2u, 3u}) {
    TemporaryDirectory temporary;
    const auto model = open_model(write_checkpoint(temporary.path() / "m", {}), {.threads = threads, .positions = 64});
    const std::size_t vocabulary = model->config().shape.vocabulary;
    for (const std::uint32_t rows : {1u, 3u, 20u}) {  // replicated, and shared
      const SequenceId sequence = model->cache().create();
      const Tokens tokens = random_tokens(rows, 131, rows);
      Batch batch;
      batch.add(sequence, 0, tokens, Batch::Logits::all);
      for (const std::size_t k : {std::size_t{1}, std::size_t{5}, vocabulary + 2}) {
        Logits logits(rows * vocabulary);
        std::vector<Candidate> best(rows * k);
        model->cache().truncate(sequence, 0);
        REQUIRE(model->step(batch, logits, best));
        for (std::size_t r = 0; r < rows; ++r) {
          std::vector<Candidate> all;
          for (std::size_t i = 0; i < vocabulary; ++i) all.push_back({logits[r * vocabulary + i], static_cast<std::int32_t>(i)});
          std::sort(all.begin(), all.end(), likelier);
          all.resize(std::max(k, vocabulary), {-std::numeric_limits<float>::infinity(), 0});
          CHECK(std::equal(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k), best.begin() + static_cast<std::ptrdiff_t>(r * k)));
        }
      }
      std::vector<Candidate> odd(rows + 1);
      Logits logits(rows * vocabulary);
      model->cache().truncate(sequence, 0);
      if (rows > 1) CHECK_FALSE(model->step(batch, logits, odd));
      model->cache().release(sequence);
    }
  }
}

TEST_CASE("layers one after the other give the stream that they give together, and what it is read as") {
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    const auto model = open_model(golden.path, reference_mode);
    const std::size_t hidden = model->config().shape.hidden, layers = model->config().shape.layers;
    const auto advanced = [&](std::span<const Slice> parts) {
      std::vector<float> stream(golden.tokens.size() * hidden, 123.f);  // what is there before layer 0 is not read
      for (const Slice part : parts) {
        const SequenceId sequence = model->cache().create();
        Batch batch;
        batch.add(sequence, 0, golden.tokens, Batch::Logits::none);
        REQUIRE(model->advance(batch, part, stream));
        model->cache().release(sequence);
      }
      return stream;
    };
    std::vector<Slice> each;
    for (std::size_t i = 0; i < layers; ++i) each.push_back({i, i + 1});
    const std::vector<float> together = advanced(std::vector<Slice>{{0, layers}});
    CHECK(same_bits(advanced(each), together));
    CHECK(!same_bits(advanced(std::vector<Slice>{{0, layers - 1}}), together));
    if (name != "llama") continue;
    std::vector<float> normed(together.size());
    Batch batch;
    batch.add(model->cache().create(), 0, golden.tokens, Batch::Logits::all);
    REQUIRE(model->embed(batch, normed));
    for (std::size_t t = 0; t < golden.tokens.size(); ++t) {  // all rows of a channel have one factor between them: the norm's weight
      const auto rms = [&](std::size_t of) {
        double sum = 0;
        for (std::size_t i = 0; i < hidden; ++i) sum += std::pow(static_cast<double>(together[of * hidden + i]), 2);
        return std::sqrt(sum / static_cast<double>(hidden));
      };
      for (std::size_t i = 0; i < hidden; ++i)
        CHECK(static_cast<double>(normed[t * hidden + i]) * static_cast<double>(together[i]) * rms(t) ==
              doctest::Approx(static_cast<double>(normed[i]) * static_cast<double>(together[t * hidden + i]) * rms(0)).epsilon(1e-3));
    }
  }
}

TEST_CASE("a stream of another size and layers that are not there are refused") {
  Opened m;
  const Tokens tokens = random_tokens(5, 131, 1);
  Batch batch;
  batch.add(m.model->cache().create(), 0, tokens, Batch::Logits::none);
  std::vector<float> stream(5 * 64);
  CHECK(m.model->advance(batch, {0, 1}, std::span{stream}.first(4 * 64)).error().code == ErrorCode::usage);
  CHECK(m.model->advance(batch, {0, 3}, stream).error().code == ErrorCode::usage);
  CHECK(m.model->advance(batch, {2, 1}, stream).error().code == ErrorCode::usage);
  CHECK(m.model->advance(batch, {0, 2}, stream));
}

TEST_CASE("layers that take turns in the cache read whole texts, in the memory of one layer") {
  const TemporaryDirectory temporary;
  const auto path = write_checkpoint(temporary.path() / "m", TinyModel{});
  const Tokens tokens = random_tokens(90, 131, 1);
  Logits logits[2];
  std::size_t bytes[2] = {};
  for (const bool in_turn : {false, true}) {
    const auto model = open_model(path, {.threads = 2, .positions = 1024, .layers_in_turn = in_turn});
    Batch batch;
    const SequenceId sequence = model->cache().create();
    batch.add(sequence, 0, tokens, Batch::Logits::all);
    logits[in_turn].resize(tokens.size() * model->config().shape.vocabulary);
    REQUIRE(model->step(batch, logits[in_turn]));
    bytes[in_turn] = model->cache().bytes();

    Batch more;
    more.add(sequence, 90, part(tokens, 0, 1), Batch::Logits::none);
    const auto continued = model->step(more, {});
    CHECK(static_cast<bool>(continued) != in_turn);
    if (!continued) CHECK(continued.error().code == ErrorCode::usage);
  }
  CHECK(same_bits(logits[0], logits[1]));
  CHECK(bytes[0] == TinyModel{}.shape.layers * bytes[1]);
}
