// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/chat_template.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
constexpr std::string_view source =
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message.role + '|>' + message['content'] + eos_token }}\n{% endfor %}"
    "{% if tools is none and documents is none %}-{% else %}{{ tools | tojson }}{% endif %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}{% if date is defined %}{{ strftime_now('%d %b %Y') }}{% endif %}";

std::string rendered(std::string_view json) {
  const auto compiled = ChatTemplate::compile(source, "t");
  REQUIRE(compiled);
  const auto context = context_of_json(json, "m.json");
  if (!context) return "error: " + context.error().message();
  const auto text = compiled->render(*context);
  return text ? *text : "error: " + text.error().message();
}
}  // namespace

TEST_CASE("a document of messages and variables") {
  CHECK(rendered(R"({"messages": [{"role": "user", "content": "hi"}], "bos_token": "<s>", "eos_token": "</s>"})") ==
        "<s><|user|>hi</s>\n-<|assistant|>");
  CHECK(rendered(R"({"messages": [], "tools": [{"a": 1.0}], "add_generation_prompt": false})") == "[{\"a\": 1.0}]");
  CHECK(rendered(R"({"messages": [], "date": 1, "__now": "2024-02-29T12:00:00"})") == "-<|assistant|>29 Feb 2024");
}

TEST_CASE("a document that is not one is an error") {
  CHECK(rendered("[]") == "error: expected a JSON object with the key \"messages\": m.json");
  CHECK(rendered("{").starts_with("error: "));
  for (const char* time : {"2026", "2026-13-01", "2026-02-29", "2026-01-02T25:00:00", "2026-01-02x", "26-1", "2026-01-02T03"})
    CHECK(rendered("{\"__now\": \"" + std::string{time} + "\"}").starts_with("error: not a time"));
  CHECK(rendered(R"({"__now": 5})").starts_with("error: \"__now\" is not a string"));
}

TEST_CASE("a conversation that a program holds") {
  const auto compiled = ChatTemplate::compile(source, "t");
  REQUIRE(compiled);
  Conversation conversation;
  conversation.messages = {{"user", "a"}, {"assistant", "b"}};
  CHECK(compiled->render(conversation).error().what == "'eos_token' is undefined");
  conversation.eos_token = "$";
  conversation.add_generation_prompt = false;
  conversation.variables.emplace_back("tools", jinja::Value{"none"});
  CHECK(*compiled->render(conversation) == "<|user|>a$\n<|assistant|>b$\n\"none\"");
}

TEST_CASE("fields of messages reach the template, and what it raises is the error") {
  const auto compiled = ChatTemplate::compile(
      "{% for m in messages %}{% if m.name is defined %}{{ m.name }}{% else %}{{ raise_exception('no name in ' ~ m.role) }}{% endif %}{% "
      "endfor %}",
      "t");
  REQUIRE(compiled);
  Conversation conversation;
  conversation.messages = {{"tool", "x", {{"name", jinja::Value{"f"}}}}};
  CHECK(*compiled->render(conversation) == "f");
  conversation.messages.push_back({"user", "x"});
  const auto failed = compiled->render(conversation);
  CHECK(failed.error().what == "no name in user");
  CHECK(failed.error().code == ErrorCode::other);
  CHECK(failed.error().where == "t: line 1, column 90");
}

TEST_CASE("days of the week and of the year") {
  const auto time = [](const std::string& text) { return *context_of_json(R"({"__now": ")" + text + R"("})", "m.json")->now; };
  CHECK(time("2000-12-31").tm_wday == 0);
  CHECK(time("2000-12-31").tm_yday == 365);
  CHECK(time("2026-01-02 03:04:05").tm_wday == 5);
  CHECK(time("1900-03-01T00:00").tm_yday == 59);
}
