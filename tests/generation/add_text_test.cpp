// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/add_text.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "generation/tiny_text.hpp"

using namespace ingot;
using namespace ingot::generation;
using namespace ingot::test;

namespace {

TextAssets open_tiny(const TemporaryDirectory& directory, std::string_view chat_template = chat_ml) {
  write_tiny_tokenizer(directory.path(), chat_template);
  auto assets = open_text(directory.path());
  REQUIRE(assets);
  return *std::move(assets);
}

using Files = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("templates get the text of the tokens that begin and end a text, where there are any") {
  const TemporaryDirectory directory;
  const TextAssets assets = open_tiny(directory);
  CHECK(assets.bos_token().empty());
  CHECK(assets.eos_token() == "<|endoftext|>");
  CHECK(assets.chat_template == chat_ml);
  CHECK(assets.end_tokens == std::vector<std::int32_t>{end_of_text});
}

TEST_CASE("a package gets an image of the tokenizer, the template and the original files") {
  const TemporaryDirectory directory, package;
  const TextAssets assets = open_tiny(directory);
  Files files;
  REQUIRE(add_text(assets, [&](std::string_view name, std::string_view bytes) -> Status {
    files.emplace_back(name, bytes);
    package.write(std::string{name}, bytes);
    return {};
  }));
  REQUIRE(files.size() == 4);
  CHECK(files[0].first == "tokenizer.bin");
  CHECK(files[1] == std::pair{std::string{"chat_template.jinja"}, std::string{chat_ml}});
  for (std::size_t i = 2; i < files.size(); ++i) CHECK(files[i].second == read_file(directory.path() / files[i].first));
  CHECK(files[2].first != files[3].first);

  const auto again = open_text(package.path());
  REQUIRE(again);
  CHECK(again->chat_template == chat_ml);
  CHECK(again->eos_token() == "<|endoftext|>");
  CHECK(again->end_tokens == assets.end_tokens);
  CHECK(*again->tokenizer.encode("hello<|im_end|>", false) == *assets.tokenizer.encode("hello<|im_end|>", false));
}

TEST_CASE("without a template there is no file for it") {
  const TemporaryDirectory directory;
  std::vector<std::string> names;
  REQUIRE(add_text(open_tiny(directory, {}), [&](std::string_view name, std::string_view) -> Status {
    names.emplace_back(name);
    return {};
  }));
  for (const std::string& name : names) CHECK(name != "chat_template.jinja");
}

TEST_CASE("what cannot be written or read any more ends it") {
  const TemporaryDirectory directory;
  const TextAssets assets = open_tiny(directory);
  for (std::size_t accepted = 0; accepted < 4; ++accepted) {
    std::size_t calls = 0;
    const Status added = add_text(assets, [&](std::string_view name, std::string_view) -> Status {
      if (calls++ == accepted) return Error{ErrorCode::disk, "full", std::string{name}, {}};
      return {};
    });
    REQUIRE_FALSE(added);
    CHECK(added.error().what == "full");
    CHECK(calls == accepted + 1);
  }
  std::filesystem::remove(directory.path() / "tokenizer.json");
  const Status added = add_text(assets, [](std::string_view, std::string_view) { return Status{}; });
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::not_found);
}

TEST_CASE("where there is no tokenizer, that is said") {
  const TemporaryDirectory directory;
  CHECK(open_text(directory.path()).error().code == ErrorCode::not_found);
}
