// SPDX-License-Identifier: Apache-2.0
// ingot-chat: a conversation on the terminal, or one answer to a prompt.

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ingot/ingot.hpp>

#include "support/line_editor.hpp"
#include "support/program.hpp"
#include "support/transcript.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;
using ingot::generation::Ending;

namespace {

struct Arguments {
  std::string model, prompt_file, prompt, isa;
  std::optional<std::string> system;
  std::optional<std::uint32_t> new_tokens, top_k, threads;
  std::optional<double> temperature, top_p, min_p;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> config;
  bool raw = false, quiet = false;
};

/// The options as an object with config.json's keys; `--config KEY=JSON` last.
Result<std::string> settings(const Arguments& a) {
  auto j = nlohmann::json::object();
  const auto put = [&](const char* key, const auto& value) {
    if (value) j[key] = *value;
  };
  put("max_new_tokens", a.new_tokens);
  put("temperature", a.temperature);
  put("top_k", a.top_k);
  put("top_p", a.top_p);
  put("min_p", a.min_p);
  put("seed", a.seed);
  put("thread_num", a.threads);
  put("system_prompt", a.system);
  if (a.raw) j["use_template"] = false;
  for (const std::string& pair : a.config) {
    const auto equals = pair.find('=');
    auto value = equals == std::string::npos ? nlohmann::json(nlohmann::json::value_t::discarded) : nlohmann::json::parse(pair.substr(equals + 1), nullptr, false);
    if (value.is_discarded()) return Error{ErrorCode::usage, "not KEY=JSON", pair, "for example --config top_k=40 or --config system_prompt='\"Be brief.\"'"};
    j[pair.substr(0, equals)] = std::move(value);
  }
  return j.dump();
}

void print_statistics(const ingot::Chat& chat) {
  const auto& s = chat.statistics();
  fmt::print(stderr, "[prompt {} tokens ({} from the cache), {:.1f} tokens/s; answer {} tokens, {:.1f} tokens/s]\n", s.prompt_tokens, s.reused_tokens,
             s.prefill_speed(), s.decoded_tokens, s.decode_speed());
}

/// Prints the answer while it comes. Ctrl-C ends the answer.
Status answer(ingot::Chat& chat, std::string text) {
  auto reply = chat.say(std::move(text), &program::cancellation);
  for (const std::string_view piece : reply) {
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
  }
  std::fputc('\n', stdout);
  if (reply.error()) return *reply.error();
  return reply.ending() == Ending::cancelled ? program::cancellation.check() : Status{};
}

constexpr std::string_view help =
    "/clear      start over\n/system TEXT  start over with this system prompt\n/save FILE  write the conversation as JSON\n/load FILE  go on with a saved one\n"
    "/stats      speed of the last answer\n/exit       leave (or Ctrl-D)\n";

/// A line that begins with a slash. False: leave.
Result<bool> command(ingot::LanguageModel& model, ingot::Chat& chat, std::string_view line) {
  const auto space = std::min(line.find(' '), line.size());
  const std::string_view name = line.substr(0, space);
  const std::string argument{line.substr(std::min(space + 1, line.size()))};
  if (name == "/exit" || name == "/quit") return false;
  if (name == "/stats") {
    print_statistics(chat);
  } else if (name == "/clear") {
    chat.clear();
  } else if (name == "/system") {
    model.settings.system_prompt = argument;
    chat.clear();
  } else if (name == "/save") {
    INGOT_CHECK(program::save_transcript(argument, chat.messages()));
  } else if (name == "/load") {
    INGOT_TRY(auto messages, program::load_transcript(argument));
    chat.set_messages(std::move(messages));
  } else {
    fmt::print(stderr, "{}", help);
  }
  return true;
}

Status converse(ingot::LanguageModel& model, ingot::Chat& chat) {
  program::LineEditor editor{"ingot-chat"};
  fmt::print(stderr, "/help lists the commands\n");
  while (const auto line = editor.read("> ")) {
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    program::cancel_on_interrupt();
    Status status;
    if (line->front() == '/') {
      const auto stay = command(model, chat, *line);
      if (stay && !*stay) return {};
      if (!stay) status = stay.error();
    } else {
      status = answer(chat, *line);
    }
    if (!status) fmt::print(stderr, "{}{}\n", program::cancellation.requested() ? "" : "error: ", status.error().message());
    program::cancellation.reset();
  }
  return {};
}

Status run(const Arguments& a) {
  INGOT_TRY(const std::string overrides, settings(a));
  const auto note = [&](std::string_view text) {
    if (!a.quiet) fmt::print(stderr, "note: {}\n", text);
  };
  INGOT_TRY(auto model, ingot::open(a.model, {.settings = {overrides}, .isa = a.isa, .note = note}));
  ingot::Chat chat{model};
  std::string prompt = a.prompt;
  if (!a.prompt_file.empty()) {
    INGOT_TRY(const auto file, ingot::MappedFile::open(a.prompt_file));
    prompt = std::string{file.text()};
  }
  if (prompt.empty()) return converse(model, chat);
  INGOT_CHECK(answer(chat, std::move(prompt)));
  if (!a.quiet) print_statistics(chat);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{"Talks with a model.\n\nExamples:\n  ingot-chat MODEL\n  ingot-chat MODEL -p 'What is the capital of France?' --temperature 0", "ingot-chat"};
  app.add_option("MODEL", a.model, "package, checkpoint directory or GGUF file")->required();
  app.add_option("PROMPT_FILE", a.prompt_file, "answer this text and end");
  app.add_option("-p,--prompt", a.prompt, "answer this text and end");
  app.add_option("-n,--max-new-tokens", a.new_tokens, "longest answer, in tokens");
  app.add_option("--temperature", a.temperature, "0: greedy");
  app.add_option("--top-k", a.top_k, "keep the K likeliest tokens");
  app.add_option("--top-p", a.top_p, "keep the likeliest tokens that have probability P together");
  app.add_option("--min-p", a.min_p, "keep tokens at least P times as likely as the best");
  app.add_option("--seed", a.seed, "of the random numbers");
  app.add_option("--system", a.system, "system prompt");
  app.add_option("--threads", a.threads, "threads (default: what this process may use)");
  app.add_option("--config", a.config, "KEY=JSON, any key of config.json; repeatable");
  app.add_option("--isa", a.isa, "instruction set: scalar, avx2, avx512vnni");
  app.add_flag("--raw", a.raw, "no chat template");
  app.add_flag("-q,--quiet", a.quiet, "the answer alone");
  return program::run(app, argc, argv, [&] { return run(a); });
}
