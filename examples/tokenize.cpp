// SPDX-License-Identifier: Apache-2.0
// ingot-tokenize: text to token ids and back, one JSON value a line, and rendered chat templates.

#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>
#include <ingot/generation/default_chat.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/text/chat_template.hpp>
#include <ingot/text/stream_decoder.hpp>
#include <ingot/text/tokenizer.hpp>

#include "support/fetch_model.hpp"
#include "support/program.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;
namespace json = ingot::json;
namespace text = ingot::text;
namespace {

struct Arguments {
  std::string model, messages, chat_template;
  bool decode = false, stream = false, no_special = false, plain = false, no_generation_prompt = false;
};

Result<std::string> read_stdin() {
  std::string all;
  char buffer[1 << 16];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) all.append(buffer, n);
  if (std::ferror(stdin)) return Error{ErrorCode::disk, "cannot read the input", "stdin", {}};
  return all;
}

/// Far more than any line has.
constexpr json::Limits line_limits{.bytes = std::size_t{512} << 20, .depth = 64};

/// Calls `visit(document, line)` for each line that is not blank.
template <class Visit>
Status each_line(std::string_view input, Visit&& visit) {
  for (std::size_t at = 0, number = 1; at < input.size(); ++number) {
    const std::size_t end = std::min(input.find('\n', at), input.size());
    const std::string_view line = input.substr(at, end - at);
    at = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    INGOT_TRY(const auto document, json::Document::parse(line, "stdin: line " + std::to_string(number), line_limits));
    INGOT_CHECK(visit(document.root()));
  }
  return {};
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string array(const auto& items, auto write) {
  std::string out = "[";
  for (const auto& item : items) out.append(out.size() > 1 ? "," : "").append(write(item));
  return out + "]";
}

Status encode(const Arguments& a, const text::Tokenizer& tokenizer, std::string_view input) {
  const auto one = [&](std::string_view piece) -> Status {
    INGOT_TRY(const auto ids, tokenizer.encode(piece, !a.no_special));
    print(array(ids, [](std::int32_t id) { return std::to_string(id); }) + "\n");
    return {};
  };
  if (a.plain) return one(input);
  return each_line(input, [&](const json::Value& value) -> Status {
    INGOT_TRY(const auto piece, value.as<std::string_view>());
    return one(piece);
  });
}

Status decode(const Arguments& a, const text::Tokenizer& tokenizer, std::string_view input) {
  return each_line(input, [&](const json::Value& value) -> Status {
    std::vector<std::int32_t> ids;
    const Status read = value.each_element([&](const json::Value& item) -> Status {
      INGOT_TRY(const auto id, item.as<std::int32_t>("token id"));
      ids.push_back(id);
      return {};
    });
    INGOT_CHECK(read);
    if (!a.stream) print(json::quoted(tokenizer.decode(ids, a.no_special)) + "\n");
    if (!a.stream) return {};
    text::StreamDecoder decoder{tokenizer, a.no_special};
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < ids.size(); ++i) pieces.emplace_back(decoder.push(ids[i], std::span{ids}.subspan(i + 1)));
    if (const auto rest = decoder.finish(); !rest.empty()) pieces.emplace_back(rest);
    print(array(pieces, json::quoted) + "\n");
    return {};
  });
}

/// Prints the chat template with the variables of a JSON file; BOS and EOS are the model's unless the file says otherwise.
Status render(const Arguments& a) {
  std::string source;
  std::vector<std::pair<text::jinja::Value, text::jinja::Value>> variables;
  if (!a.model.empty()) {
    INGOT_TRY(const auto assets, ingot::generation::open_text(a.model));
    source = assets.chat_template;
    if (source.empty() && a.chat_template.empty()) {
      if (const auto* chosen = ingot::generation::default_chat_template(assets, a.model)) {
        source = chosen->source();
        std::fprintf(stderr, "note: %s\n", ingot::generation::default_template_note(*chosen).c_str());
      }
    }
    if (assets.tokenizer.bos()) variables.emplace_back("bos_token", text::jinja::Value{std::string{assets.bos_token()}});
    if (assets.tokenizer.eos()) variables.emplace_back("eos_token", text::jinja::Value{std::string{assets.eos_token()}});
  }
  if (!a.chat_template.empty()) {
    INGOT_TRY(const auto file, ingot::MappedFile::open(a.chat_template));
    source = file.text();
  } else if (source.empty()) {
    return Error{ErrorCode::not_found, "no chat template", a.model, "name one with --template"};
  }
  INGOT_TRY(const auto file, ingot::MappedFile::open(a.messages));
  INGOT_TRY(auto context, text::context_of_json(file.text(), a.messages));
  const auto& given = context.variables.dictionary()->entries;
  variables.insert(variables.end(), given.begin(), given.end());
  if (a.no_generation_prompt) variables.emplace_back("add_generation_prompt", text::jinja::Value{false});
  text::jinja::Budget budget;
  INGOT_TRY(context.variables, text::jinja::make_dictionary(budget, std::move(variables)));
  INGOT_TRY(const auto chat, text::ChatTemplate::compile(source, a.chat_template.empty() ? a.model : a.chat_template));
  INGOT_TRY(const std::string prompt, chat.render(context));
  print(prompt);
  return {};
}

Status run(const Arguments& a) {
  if (!a.messages.empty()) return render(a);
  if (a.model.empty()) return Error{ErrorCode::usage, "no tokenizer named", {}, "ingot-tokenize --help shows the options"};
  INGOT_TRY(const auto assets, ingot::generation::open_text(a.model));
  INGOT_TRY(const std::string input, read_stdin());
  return a.decode ? decode(a, assets.tokenizer, input) : encode(a, assets.tokenizer, input);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{
      "Turns JSON strings, one a line on stdin, into arrays of token ids, or the other way round.\n\nExamples:\n"
      "  echo '\"Hello world\"' | ingot-tokenize SmolLM2-135M-int4\n  echo '[19556,905]' | ingot-tokenize --decode tokenizer.json",
      "ingot-tokenize"};
  app.add_option("model", a.model, "a package, a checkpoint directory, a GGUF file, a tokenizer.json, or a reference: hf:owner/name");
  app.add_flag("--decode", a.decode, "arrays of ids to strings");
  app.add_flag("--stream", a.stream, "with --decode: to arrays of pieces, one an id and at most one more")->needs("--decode");
  app.add_flag("--no-special", a.no_special, "add no BOS or EOS; with --decode: leave special tokens out");
  app.add_flag("--plain", a.plain, "all of stdin is one text, not JSON")->excludes("--decode");
  auto* messages = app.add_option("--messages", a.messages, "print the chat template rendered with this JSON file instead");
  app.add_option("--template", a.chat_template, "a Jinja file in place of the model's template")->needs(messages);
  app.add_flag("--no-generation-prompt", a.no_generation_prompt, "with --messages: stop behind the last message")->needs(messages);
  return program::run(app, argc, argv, [&]() -> Status {
    std::signal(SIGINT, SIG_DFL);  // nothing is half done: Ctrl-C may end a read that waits for a line
    INGOT_CHECK(program::fetch_model(a.model));
    return run(a);
  });
}
