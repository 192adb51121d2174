// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/conversation.hpp: ingot-chat's terminal side: answers as they come, slash commands.

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <ingot/ingot.hpp>

#include "support/line_editor.hpp"
#include "support/program.hpp"
#include "support/transcript.hpp"

namespace program {

using ingot::Result, ingot::Status;

inline void print_statistics(const ingot::Chat& chat) {
  const auto& s = chat.statistics();
  fmt::print(stderr, "[prompt {} tokens ({} from the cache), {:.1f} tokens/s; answer {} tokens, {:.1f} tokens/s]\n", s.prompt_tokens,
             s.reused_tokens, s.prefill_speed(), s.decoded_tokens, s.decode_speed());
}

/// Prints the answer while it comes. Ctrl-C ends the answer.
inline Status answer(ingot::Chat& chat, std::string text) {
  auto reply = chat.say(std::move(text), &cancellation);
  for (const std::string_view piece : reply) {
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
  }
  std::fputc('\n', stdout);
  if (reply.error()) return *reply.error();
  return reply.ending() == ingot::generation::Ending::cancelled ? cancellation.check() : Status{};
}

inline constexpr std::string_view help =
    "/clear      start over\n/system TEXT  start over with this system prompt\n/save FILE  write the conversation as JSON\n/load FILE  go "
    "on with a saved one\n"
    "/stats      speed of the last answer\n/exit       leave (or Ctrl-D)\n";

/// A line that begins with a slash. False: leave.
inline Result<bool> command(ingot::LanguageModel& model, ingot::Chat& chat, std::string_view line) {
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
    INGOT_CHECK(save_transcript(argument, chat.messages()));
  } else if (name == "/load") {
    INGOT_TRY(auto messages, load_transcript(argument));
    chat.set_messages(std::move(messages));
  } else {
    fmt::print(stderr, "{}", help);
  }
  return true;
}

inline Status converse(ingot::LanguageModel& model, ingot::Chat& chat) {
  LineEditor editor{"ingot-chat"};
  fmt::print(stderr, "/help lists the commands\n");
  while (const auto line = editor.read("> ")) {
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    Status status;
    if (line->front() == '/') {
      const auto stay = command(model, chat, *line);
      if (stay && !*stay) return {};
      if (!stay) status = stay.error();
    } else {
      status = answer(chat, *line);
    }
    if (!status) fmt::print(stderr, "{}{}\n", cancellation.requested() ? "" : "error: ", status.error().message());
    cancellation.reset();
  }
  return {};
}

}  // namespace program
