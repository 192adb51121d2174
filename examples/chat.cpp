// SPDX-License-Identifier: Apache-2.0
// ingot-chat: a conversation on the terminal, or one answer to a prompt.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ingot/ingot.hpp>

#include "support/conversation.hpp"
#include "support/fetch_model.hpp"
#include "support/program.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;

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
    auto value = equals == std::string::npos ? nlohmann::json(nlohmann::json::value_t::discarded)
                                             : nlohmann::json::parse(pair.substr(equals + 1), nullptr, false);
    if (value.is_discarded())
      return Error{ErrorCode::usage, "not KEY=JSON", pair, "for example --config top_k=40 or --config system_prompt='\"Be brief.\"'"};
    j[pair.substr(0, equals)] = std::move(value);
  }
  return j.dump();
}

Status run(const Arguments& a) {
  INGOT_TRY(const std::string overrides, settings(a));
  INGOT_TRY(auto model, ingot::open(a.model, {.settings = {overrides}, .isa = a.isa, .note = a.quiet ? ingot::NoteSink{} : program::note}));
  ingot::Chat chat{model};
  std::string prompt = a.prompt;
  if (!a.prompt_file.empty()) {
    INGOT_TRY(const auto file, ingot::MappedFile::open(a.prompt_file));
    prompt = std::string{file.text()};
  }
  if (prompt.empty()) return program::converse(model, chat);
  INGOT_CHECK(program::answer(chat, std::move(prompt)));
  if (!a.quiet) program::print_statistics(chat);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{
      "Talks with a model.\n\nExamples:\n  ingot-chat MODEL\n  ingot-chat MODEL -p 'What is the capital of France?' --temperature 0",
      "ingot-chat"};
  app.add_option("MODEL", a.model, "package, checkpoint directory, GGUF file, or a reference: hf:owner/name")->required();
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
  app.add_option("--isa", a.isa, "instruction set: scalar, avx2, avx-vnni, avx512vnni, amx");
  app.add_flag("--raw", a.raw, "no chat template");
  app.add_flag("-q,--quiet", a.quiet, "the answer alone");
  return program::run(app, argc, argv, [&]() -> Status {
    INGOT_CHECK(program::fetch_model(a.model, a.quiet));
    return run(a);
  });
}
