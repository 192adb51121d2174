// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/float_answer.hpp: --test: what the float model says, before anything is quantized.

#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <ingot/generation/chat.hpp>
#include <ingot/generation/language_model.hpp>

#include "support/program.hpp"

namespace program {

/// Prints the greedy answer to `text` while it comes, to `out`: at most 128 tokens. Errors: those of opening; unsupported (a model without
/// a head), cancelled.
inline ingot::Status answer_in_float(const std::string& path, ingot::generation::OpenOptions options, std::string text, std::FILE* out) {
  options.float_weights = true;
  options.settings.emplace_back(R"({"temperature": 0, "max_new_tokens": 128})");
  INGOT_TRY(auto model, ingot::generation::open(path, options));
  ingot::Chat chat{model};
  auto reply = chat.say(std::move(text), &cancellation);
  for (const std::string_view piece : reply) {
    std::fwrite(piece.data(), 1, piece.size(), out);
    std::fflush(out);
  }
  std::fputc('\n', out);
  if (reply.error()) return *reply.error();
  return reply.ending() == ingot::generation::Ending::cancelled ? cancellation.check() : ingot::Status{};
}

}  // namespace program
