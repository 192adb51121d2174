// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_data.hpp: the text that searches of codes look at, as tokens.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/core/utf8.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/text/chat_template.hpp>

#include "support/calibration_text.hpp"

namespace program {

/// Tokens of a calibration sequence, and of all of them: more of the text is not read.
inline constexpr std::size_t calibration_context = 512, calibration_tokens = 16384;

/// Samples one behind the other in sequences of `context` tokens at most: a sequence of its own for each line would mostly be padding.
/// Only samples longer than that are cut.
class PackedSamples {
 public:
  /// `prefix` begins each sequence.
  PackedSamples(std::vector<std::int32_t> prefix, std::size_t context) : prefix_{std::move(prefix)}, context_{context} {}

  void add(const std::vector<std::int32_t>& sample) {
    for (std::size_t begin = 0; begin < sample.size();) {
      const std::size_t used = sequences_.empty() ? context_ : sequences_.back().size(), rest = sample.size() - begin;
      if (used >= context_ || (used + rest > context_ && used > prefix_.size())) {
        sequences_.push_back(prefix_);
        continue;
      }
      const std::size_t count = std::min(rest, context_ - used);
      sequences_.back().insert(sequences_.back().end(), sample.data() + begin, sample.data() + begin + count);
      begin += count, tokens_ += count;
    }
  }
  [[nodiscard]] std::size_t tokens() const noexcept { return tokens_; }  ///< of samples
  [[nodiscard]] std::vector<std::vector<std::int32_t>> take() && { return std::move(sequences_); }

 private:
  std::vector<std::int32_t> prefix_;
  std::size_t context_, tokens_ = 0;
  std::vector<std::vector<std::int32_t>> sequences_;
};

/// A line of a JSONL file as text: {"messages": [...], "tools"?: [...]} as the model's template renders it, or {"text": "..."}.
[[nodiscard]] inline ingot::Result<std::string> rendered_sample(const ingot::json::Value& sample,
                                                                const std::optional<ingot::text::ChatTemplate>& chat,
                                                                const ingot::generation::TextAssets& text) {
  if (!sample.find("messages")) return sample.get<std::string>("text");
  if (!chat) return sample.problem("chat messages, but the model has no chat template", "messages");
  INGOT_TRY(const auto messages, sample.at("messages"));
  ingot::json::ObjectText context;
  context.add("add_generation_prompt", false).add_raw("messages", messages.dump());
  if (const auto tools = sample.find("tools")) context.add_raw("tools", tools->dump());
  if (!text.bos_token().empty()) context.add("bos_token", text.bos_token());
  if (!text.eos_token().empty()) context.add("eos_token", text.eos_token());
  INGOT_TRY(const auto variables, ingot::text::context_of_json(std::move(context).str(), "messages"));
  return chat->render(variables);
}

/// The text of `file` (plain, a sample a line; or JSONL, recognized by its first line), or the built-in one where that is empty.
/// Errors: usage (a text of less than two tokens), damaged (no text: NUL bytes, no UTF-8; a line that is no sample), those of reading,
/// rendering and encoding.
[[nodiscard]] inline ingot::Result<ingot::model::CalibrationText> calibration_data(const ingot::generation::TextAssets& text,
                                                                                   const std::string& file) {
  using ingot::Error, ingot::ErrorCode;
  std::optional<ingot::MappedFile> mapped;
  if (!file.empty()) {
    INGOT_TRY(mapped, ingot::MappedFile::open(file));
  }
  const std::string source = file.empty() ? "built-in" : file;
  const std::string own = mapped ? std::string{} : calibration_text();
  std::string_view rest = mapped ? mapped->text() : own;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  const bool has_zero = rest.find('\0') != rest.npos;
  if (has_zero || !ingot::is_utf8(rest))
    return Error{ErrorCode::damaged,
                 std::string{"the calibration data is not text: "} + (has_zero ? "it has NUL bytes" : "it is not UTF-8"), source,
                 "give plain text in UTF-8, a sample a line, or JSONL with {\"messages\": [...]}"};
  const std::size_t first = rest.find_first_not_of(" \t\r\n");
  if (first == rest.npos) return Error{ErrorCode::usage, "the calibration data is empty", source, "give a file with text"};
  const std::string_view opening = rest.substr(first, rest.find('\n', first) - first);
  const bool is_jsonl = file.ends_with(".jsonl") || (opening.starts_with('{') && ingot::json::Document::parse(opening, source));

  std::optional<ingot::text::ChatTemplate> chat;
  if (is_jsonl && !text.chat_template.empty()) {
    INGOT_TRY(chat, ingot::text::ChatTemplate::compile(text.chat_template, "chat_template"));
  }
  const auto prefix = text.tokenizer.prefix();
  PackedSamples samples{{prefix.begin(), prefix.end()}, calibration_context};
  for (std::size_t line = 1; !rest.empty() && samples.tokens() < calibration_tokens; ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    std::string sample{rest.substr(0, end)};
    rest.remove_prefix(end);
    if (sample.find_first_not_of(" \t\r\n") == sample.npos) continue;
    if (is_jsonl) {
      const std::string place = source + ": line " + std::to_string(line);
      INGOT_TRY(const auto document, ingot::json::Document::parse(sample, place));
      auto rendered = rendered_sample(document.root(), chat, text);
      if (!rendered) return std::move(rendered).error().in(place);
      sample = *std::move(rendered);
    }
    INGOT_TRY(const auto tokens, text.tokenizer.encode(sample, false));
    samples.add(tokens);
  }
  if (samples.tokens() < 2)
    return Error{ErrorCode::usage, "the calibration data is shorter than two tokens", source, "give a file with text"};
  return ingot::model::CalibrationText{source, std::move(samples).take()};
}

}  // namespace program
