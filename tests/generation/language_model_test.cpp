// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/language_model.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/generation/add_text.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/text/default_templates.hpp>

#include "generation/tiny_text.hpp"
#include "model/exported.hpp"

using namespace ingot;
using namespace ingot::generation;
using namespace ingot::test;

namespace {

using Tokens = std::vector<std::int32_t>;

LanguageModel opened(const std::filesystem::path& path, const OpenOptions& options = {}) {
  auto m = generation::open(path, options);
  INFO((m ? std::string{} : m.error().message()));
  REQUIRE(m);
  return *std::move(m);
}

Tokens sorted(Tokens tokens) {
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

/// The tokens of bytes, as the tiny tokenizer has them but for its one merge.
Tokens bytes(std::string_view text) {
  Tokens tokens;
  for (const char c : text) tokens.push_back(static_cast<std::int32_t>(static_cast<unsigned char>(c)));
  return tokens;
}

/// A package with text and settings, as the exporter writes it.
void export_reciter(const std::filesystem::path& from, const std::filesystem::path& to, std::string_view settings) {
  const auto checkpoint = model::open_checkpoint(from);
  REQUIRE(checkpoint);
  auto writer = quant::PackageWriter::create(to, "llama");
  REQUIRE(writer);
  REQUIRE(model::export_weights(*checkpoint, uniform(quant::f32), *writer, {}, nullptr));
  const auto text = open_text(from);
  REQUIRE(text);
  REQUIRE(add_text(*text, [&](std::string_view name, std::string_view contents) { return writer->add_file(name, contents); }));
  REQUIRE(writer->add_file("config.json", settings));
  REQUIRE(writer->commit());
}

}  // namespace

TEST_CASE("answers end with the tokens of the config, the generation config, the tokenizer and the template") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {});
  write_text(path / "generation_config.json", R"({"eos_token_id":[2,9]})");
  const LanguageModel m = opened(path);
  CHECK(sorted(m.end_tokens) == Tokens{2, 9, im_end, end_of_text});
  CHECK(m.ends(9));
  CHECK(m.ends(im_end));
  CHECK_FALSE(m.ends(im_start));
  CHECK_FALSE(m.ends(-1));
}

TEST_CASE("a template that renders no such conversation adds no end token") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {},
                                  "{{ raise_exception('only one message') if messages|length > 1 }}{{ messages[0].content }}");
  CHECK(sorted(opened(path).end_tokens) == Tokens{2, end_of_text});
  write_tiny_tokenizer(path, "{% for m in messages %}{{ m.content }} and so on{% endfor %}");  // ordinary text behind the answer
  CHECK(sorted(opened(path).end_tokens) == Tokens{2, end_of_text});
}

TEST_CASE("prompts go through the template, or as they are") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {});
  LanguageModel m = opened(path);
  const std::vector<text::Message> messages{{"user", "ok"}};
  const auto prompt = m.prompt_tokens(messages);
  REQUIRE(prompt);
  Tokens expected{im_start};
  const auto add = [&](const Tokens& tokens) { expected.insert(expected.end(), tokens.begin(), tokens.end()); };
  add(bytes("user\nok"));
  add({im_end});
  add(bytes("\n"));
  add({im_start});
  add(bytes("assistant\n"));
  CHECK(*prompt == expected);

  m.settings.use_template = false;
  const std::vector<text::Message> two{{"system", "ab"}, {"user", "cd"}};
  CHECK(*m.prompt_tokens(two) == bytes("abcd"));
  m.settings.use_template = true;
  m.chat_template.reset();
  CHECK(*m.prompt_tokens(two) == bytes("abcd"));

  write_tiny_tokenizer(path, "");
  CHECK(opened(path).text.chat_template == text::find_default_template("chatml")->source());  // by the tokens it has
}

TEST_CASE("what a template raises is the error") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {}, "{{ raise_exception('no thanks') }}");
  const LanguageModel m = opened(path);
  const std::vector<text::Message> messages{{"user", "x"}};
  const auto prompt = m.prompt_tokens(messages);
  REQUIRE_FALSE(prompt);
  CHECK(prompt.error().message().find("no thanks") != std::string::npos);
}

TEST_CASE("settings: the model's own, then the caller's, and what has no effect is noted") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {});
  write_text(path / "generation_config.json", R"({"temperature":0.25,"top_k":3})");
  CHECK(opened(path).settings.sampler.temperature == 0.25f);
  const LanguageModel m = opened(path, {.settings = {R"({"top_k":7,"max_all_tokens":100})", R"({"top_k":8})"}});
  CHECK(m.settings.sampler.temperature == 0.25f);
  CHECK(m.settings.sampler.top_k == 8);
  CHECK(m.model->cache().room(m.model->cache().create()) == 128);

  std::vector<std::string> notes;
  export_reciter(path, temporary.path() / "p", R"({"temperature":0.5,"thread_num":1,"precision":"high","no_such_key":1})");
  const LanguageModel package = opened(temporary.path() / "p", {.note = [&](std::string_view note) { notes.emplace_back(note); }});
  CHECK(package.settings.sampler.temperature == 0.5f);
  CHECK(package.model->team().size() == 1);
  CHECK(package.model->cache().shape().scheme == quant::f32);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find("no_such_key") != std::string::npos);
  CHECK(package.text.chat_template == chat_ml);
  CHECK(sorted(package.end_tokens) == Tokens{2, im_end, end_of_text});
  CHECK(*package.text.tokenizer.encode("he is", false) == Tokens{256, ' ', 'i', 's'});
}

TEST_CASE("settings that cannot be are the caller's mistake, or the package's damage") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {});
  const auto refused = [&](const std::filesystem::path& from, const OpenOptions& options, ErrorCode code) {
    const auto m = generation::open(from, options);
    REQUIRE_FALSE(m);
    INFO(m.error().message());
    CHECK(m.error().code == code);
  };
  refused(path, {.settings = {R"({"temperature":-1})"}}, ErrorCode::usage);
  refused(path, {.isa = "neon99"}, ErrorCode::usage);
  export_reciter(path, temporary.path() / "p", R"({"temperature":-1})");
  refused(temporary.path() / "p", {}, ErrorCode::damaged);
  write_text(temporary.path() / "p" / "config.json", "{\"temperature\"");
  refused(temporary.path() / "p", {}, ErrorCode::damaged);
}

TEST_CASE("a model without tokenizer and a template that does not parse are errors that say where") {
  const TemporaryDirectory temporary;
  const auto path = write_reciter(temporary.path() / "m", {}, "{% for %}");
  const auto broken = generation::open(path);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message().find(path.string()) != std::string::npos);
  std::filesystem::remove(path / "tokenizer.json");
  const auto silent = generation::open(path);
  REQUIRE_FALSE(silent);
  CHECK(silent.error().code == ErrorCode::not_found);
  CHECK(silent.error().message().find("tokenizer") != std::string::npos);
  const auto absent = generation::open(temporary.path() / "absent");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ErrorCode::not_found);
}
