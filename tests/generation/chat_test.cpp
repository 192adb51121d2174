// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/chat.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
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

struct Opened {
  TemporaryDirectory temporary;
  LanguageModel model;
  explicit Opened(const std::map<std::int32_t, std::int32_t>& next, std::string_view chat_template = chat_ml, std::string settings = "{}")
      : model{open_it(write_reciter(temporary.path() / "m", next, chat_template), std::move(settings))} {}

 private:
  static LanguageModel open_it(const std::filesystem::path& path, std::string settings) {
    auto m = generation::open(path, {.settings = {R"({"temperature":0,"thread_num":2})", std::move(settings)}});
    INFO((m ? std::string{} : m.error().message()));
    REQUIRE(m);
    return *std::move(m);
  }
};

std::vector<std::string> pieces_of(Reply& reply) {
  std::vector<std::string> pieces;
  for (const std::string_view piece : reply) {
    CHECK_FALSE(piece.empty());
    pieces.emplace_back(piece);
  }
  return pieces;
}

std::string roles(const Chat& chat) {
  std::string text;
  for (const text::Message& message : chat.messages()) text += message.role.substr(0, 1) + ":" + message.content + ";";
  return text;
}

/// Tokens that follow one another for ever.
const std::map<std::int32_t, std::int32_t> endless{{'\n', 'a'}, {'a', 'b'}, {'b', 'a'}};

}  // namespace

TEST_CASE("an answer comes piece by piece, whole characters, and ends where the model ends it") {
  Opened m{reciting('\n', "P\xc3\xa9r\xf0\x9f\x98\x80!")};
  Chat chat{m.model};
  Reply reply = chat.say("Which?");
  CHECK(pieces_of(reply) == std::vector<std::string>{"P", "\xc3\xa9", "r", "\xf0\x9f\x98\x80", "!"});
  CHECK(reply.ending() == Ending::stop);
  CHECK_FALSE(reply.error());
  CHECK(reply.text() == "P\xc3\xa9r\xf0\x9f\x98\x80!");
  CHECK(roles(chat) == "u:Which?;a:P\xc3\xa9r\xf0\x9f\x98\x80!;");
  CHECK(reply.begin() == reply.end());
  CHECK(chat.statistics().decoded_tokens == 9);  // the end token came from the ninth step
}

TEST_CASE("a stop string ends an answer, whole or in pieces, and does not belong to it") {
  Opened m{reciting('\n', "abc;(3)xyz"), chat_ml, R"j({"stop":["c;(4)",";(3"]})j"};
  Chat chat{m.model};
  Reply reply = chat.say("?");
  std::string joined;
  for (const std::string& piece : pieces_of(reply)) joined += piece;
  CHECK(joined == reply.text());
  CHECK(reply.ending() == Ending::stop);
  CHECK(reply.text() == "abc");
  CHECK(roles(chat) == "u:?;a:" + reply.text() + ";");

  Opened held{reciting('\n', "ab<"), chat_ml, R"({"stop":"<|"})"};  // what looked like one comes out in the end
  Chat second{held.model};
  Reply whole = second.say("?");
  static_cast<void>(pieces_of(whole));
  CHECK(whole.text() == "ab<");
  CHECK(whole.ending() == Ending::stop);
}

TEST_CASE("a character that the model never finishes is replaced, at the end and not before") {
  Opened m{{{'\n', 'A'}, {'A', 0xe2}, {0xe2, 0x82}}};
  Chat chat{m.model};
  Reply reply = chat.say("?");
  CHECK(pieces_of(reply) == std::vector<std::string>{"A", "\xef\xbf\xbd"});
  CHECK(reply.ending() == Ending::stop);
  CHECK(roles(chat) == "u:?;a:A\xef\xbf\xbd;");
}

TEST_CASE("tokens beyond the tokenizer and special ones add no text") {
  Opened m{{{'\n', 265}, {265, im_start}, {im_start, 'x'}}};
  Chat chat{m.model};
  Reply reply = chat.say("?");
  CHECK(pieces_of(reply) == std::vector<std::string>{"x"});
}

TEST_CASE("an empty answer is an answer") {
  Opened m{{}};
  Chat chat{m.model};
  Reply reply = chat.say("?");
  CHECK(pieces_of(reply).empty());
  CHECK(reply.ending() == Ending::stop);
  CHECK(roles(chat) == "u:?;a:;");
}

TEST_CASE("the next turn computes only what is new") {
  Opened m{reciting('\n', "yes")};
  Chat chat{m.model};
  for (const std::string_view piece : chat.say("first")) static_cast<void>(piece);
  const std::uint32_t first = chat.statistics().prompt_tokens;
  CHECK(chat.statistics().reused_tokens == 0);
  Reply reply = chat.say("second");
  CHECK(chat.statistics().reused_tokens == first + 3);  // the prompt and the answer but for its end token
  pieces_of(reply);
  CHECK(reply.text() == "yes");
  CHECK(roles(chat) == "u:first;a:yes;u:second;a:yes;");
}

TEST_CASE("an answer ends after max_new_tokens") {
  Opened m{endless, chat_ml, R"({"max_new_tokens":7})"};
  Chat chat{m.model};
  Reply reply = chat.say("?");
  CHECK(pieces_of(reply).size() == 7);
  CHECK(reply.ending() == Ending::length);
  CHECK(reply.text() == "abababa");
}

TEST_CASE("an answer ends when the context is full, and a question that does not fit is taken back") {
  Opened m{endless, chat_ml, R"({"max_all_tokens":64})"};
  Chat chat{m.model};
  Reply reply = chat.say("?");
  const std::size_t prompt = chat.statistics().prompt_tokens;
  pieces_of(reply);
  CHECK(reply.ending() == Ending::context);
  CHECK(reply.text().size() == 64 - prompt + 1);
  CHECK(chat.room() == 0);

  const std::string before = roles(chat);
  Reply second = chat.say("and?");
  CHECK(second.ending() == Ending::failed);
  REQUIRE(second.error());
  CHECK(second.error()->message().find("context is full") != std::string::npos);
  CHECK(pieces_of(second).empty());
  CHECK(roles(chat) == before);
  chat.clear();
  CHECK(chat.messages().empty());
  Reply third = chat.say("?");
  CHECK(third.ending() == Ending::none);
  CHECK(pieces_of(third).size() == reply.text().size());
}

TEST_CASE("a question that the template refuses is taken back, too") {
  Opened m{reciting('\n', "ok"),
           "{% if messages[-1].content == 'bad' %}{{ raise_exception('not this') }}{% endif %}" + std::string{chat_ml}};
  Chat chat{m.model};
  Reply bad = chat.say("bad");
  CHECK(bad.ending() == Ending::failed);
  REQUIRE(bad.error());
  CHECK(bad.error()->message().find("not this") != std::string::npos);
  CHECK(chat.messages().empty());
  Reply good = chat.say("good");
  pieces_of(good);
  CHECK(roles(chat) == "u:good;a:ok;");
}

TEST_CASE("a cancelled answer stays as far as it came") {
  Opened m{endless};
  Chat chat{m.model};
  Cancellation cancellation;
  Reply reply = chat.say("?", &cancellation);
  std::size_t count = 0;
  for (const std::string_view piece : reply)
    if (static_cast<void>(piece), ++count == 4) cancellation.request();
  CHECK(reply.ending() == Ending::cancelled);
  CHECK_FALSE(reply.error());
  CHECK(roles(chat) == "u:?;a:abab;");

  Reply at_once = chat.say("again?", &cancellation);
  CHECK(at_once.ending() == Ending::cancelled);
  CHECK(pieces_of(at_once).empty());
}

TEST_CASE("a reply that is dropped or moved leaves what was said") {
  Opened m{endless};
  Chat chat{m.model};
  {
    Reply reply = chat.say("?");
    auto piece = reply.begin();
    ++piece;
    CHECK(*piece == "b");
    Reply moved{std::move(reply)};
    CHECK(*++moved.begin() == "a");
  }
  CHECK(roles(chat) == "u:?;a:aba;");
  { const Reply never_read = chat.say("!"); }
  CHECK(roles(chat) == "u:?;a:aba;u:!;a:a;");
}

TEST_CASE("the system prompt opens the conversation, and clear() goes back to it") {
  Opened m{reciting('\n', "ok"), chat_ml, R"({"system_prompt":"be brief"})"};
  Chat chat{m.model};
  CHECK(roles(chat) == "s:be brief;");
  for (const std::string_view piece : chat.say("?")) static_cast<void>(piece);
  CHECK(roles(chat) == "s:be brief;u:?;a:ok;");
  chat.clear();
  CHECK(roles(chat) == "s:be brief;");
  chat.set_messages({{"user", "1"}, {"assistant", "2"}});
  for (const std::string_view piece : chat.say("3")) static_cast<void>(piece);
  CHECK(roles(chat) == "u:1;a:2;u:3;a:ok;");
}

TEST_CASE("two conversations share a model") {
  Opened m{reciting('\n', "ok")};
  Chat a{m.model}, b{m.model};
  Reply one = a.say("1"), other = b.say("2");
  auto i = one.begin(), j = other.begin();
  CHECK(*i == "o");
  CHECK(*j == "o");
  ++i, ++j;
  CHECK(*i == "k");
  CHECK(*j == "k");
}
