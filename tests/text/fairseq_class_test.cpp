// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/fairseq_class.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
using Type = SentencePieceModel::Type;
SentencePieceModel sample() {
  SentencePieceModel model;
  model.pieces = {{"<unk>", 0, Type::unknown}, {"<s>", 0, Type::control}, {"</s>", 0, Type::control}, {"a", -1}, {"b", -2}};
  model.unknown = 0;
  return model;
}
const FairseqClass* find(std::string name, std::string model_type = {}) {
  const auto found = find_fairseq_class({.tokenizer_class = std::move(name), .model_type = std::move(model_type)});
  REQUIRE(found);
  return *found;
}
}  // namespace

TEST_CASE("the class is told by its name, else by the model's type") {
  CHECK(find("XLMRobertaTokenizer")->name == "XLMRobertaTokenizer");
  CHECK(find("", "xmod")->name == "XLMRobertaTokenizer");
  CHECK(find("", "mbart")->name == "MBartTokenizer");
  CHECK(find("LlamaTokenizer", "mbart") == nullptr);
  CHECK(find("") == nullptr);
  CHECK(find_fairseq_class({.tokenizer_class = "NllbTokenizer"}).error().code == ErrorCode::unsupported);
}

TEST_CASE("the special pieces come first") {
  SentencePieceModel model = sample();
  REQUIRE(renumber(*find("XLMRobertaTokenizer"), model));
  CHECK(model.unknown == 3);
  CHECK(model.find(Type::control, "<pad>") == 1);
  CHECK((model.find(Type::normal, "a") == 4 && model.pieces[4].score == -1));
  CHECK(model.pieces.size() == 6);

  model = sample();
  REQUIRE(renumber(*find("CamembertTokenizer"), model));
  CHECK((model.unknown == 3 && model.find(Type::control, "<s>") == 5 && model.find(Type::normal, "b") == 8));
}

TEST_CASE("models whose special pieces lie elsewhere are refused") {
  SentencePieceModel moved = sample(), few = sample();
  std::swap(moved.pieces[2], moved.pieces[3]);
  few.pieces.resize(2);
  for (SentencePieceModel model : {moved, few, SentencePieceModel{}})
    CHECK(renumber(*find("XLMRobertaTokenizer"), model).error().code == ErrorCode::unsupported);
}

TEST_CASE("what goes around a text") {
  const auto frame = [](std::string name, std::optional<std::string> language = {}) -> Result<PostProcessor> {
    const FairseqClass& own = *find(name);
    SentencePieceModel model = sample();
    REQUIRE(renumber(own, model));
    TokenIds ids;
    for (std::size_t id = 0; id < model.pieces.size(); ++id) ids.emplace(model.pieces[id].text, static_cast<std::uint32_t>(id));
    AddedTokenList added{ids, true};
    add_tokens_behind(own, model.pieces.size(), added);
    Components components;
    INGOT_CHECK(frame_text(own, {.src_lang = std::move(language)}, added, components));
    return components.post_processor;
  };
  using Ids = std::vector<std::uint32_t>;
  CHECK((frame("XLMRobertaTokenizer")->prefix == Ids{0} && frame("XLMRobertaTokenizer")->suffix == Ids{2}));
  CHECK((frame("XGLMTokenizer")->prefix == Ids{2} && frame("XGLMTokenizer")->suffix.empty()));
  CHECK((frame("MBartTokenizer")->prefix.empty() && frame("MBartTokenizer")->suffix == Ids{2, 9}));
  CHECK(frame("MBartTokenizer", "ar_AR")->suffix == Ids{2, 6});
  CHECK(frame("MBartTokenizer", "xx_XX").error().code == ErrorCode::damaged);
}
