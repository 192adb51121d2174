// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/text/golden_cases.hpp: runs a tokenizer through a file that tools/golden_tokenizers.py wrote.

#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/text/stream_decoder.hpp>
#include <ingot/text/tokenizer_json.hpp>

namespace golden {

using ingot::Result, ingot::Status;
using Ids = std::vector<std::int32_t>;

inline Ids ids_of(const ingot::json::Value& value) {
  Ids ids;
  (void)value.each_element([&](const ingot::json::Value& item) -> Status {
    INGOT_TRY(const auto id, item.as<std::int32_t>("ids"));
    ids.push_back(id);
    return {};
  });
  return ids;
}

/// A case written as a list: its texts in order, and its ids.
struct Listed {
  std::vector<std::string> texts;
  Ids ids;
};
inline Result<Listed> listed_case(const ingot::json::Value& one) {
  Listed listed;
  INGOT_CHECK(one.each_element([&](const ingot::json::Value& part) -> Status {
    if (part.is_array()) listed.ids = ids_of(part);
    if (part.is_string()) listed.texts.push_back(*part.as<std::string>());
    return {};
  }));
  return listed;
}

inline std::string show(const Ids& ids) {
  std::string out;
  for (const auto id : ids) out += std::to_string(id) + " ";
  return out;
}

inline std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += !ingot::text::is_continuation(c);
  return count;
}

/// What differs, one line each; empty when all is equal.
inline std::vector<std::string> differences(const ingot::text::Tokenizer& tokenizer, const ingot::json::Value& cases) {
  std::vector<std::string> out;
  const auto differ = [&](std::string_view what, std::string_view text, const std::string& wanted, const std::string& got) {
    if (wanted != got)
      out.push_back(std::string{what} + " of \"" + std::string{text} + "\": expected \"" + wanted + "\", got \"" + got + "\"");
  };
  const Status status = cases.each_element([&](const ingot::json::Value& one) -> Status {
    INGOT_TRY(const auto listed, one.at("ids"));
    const Ids ids = ids_of(listed);
    INGOT_TRY(const auto text, one.get<std::string>("text", ""));
    if (one.find("text")) {
      INGOT_TRY(const Ids got, tokenizer.encode(text));
      differ("encode", text, show(ids), show(got));
      INGOT_TRY(const Ids plain, tokenizer.encode(text, false));
      differ("encode without special tokens", text, show(one.find("plain") ? ids_of(*one.find("plain")) : ids), show(plain));
    }
    INGOT_TRY(const auto decoded, one.get<std::string>("decoded"));
    INGOT_TRY(const auto skipped, one.get<std::string>("skipped", decoded));
    differ("decode", show(ids), decoded, tokenizer.decode(ids));
    differ("decode without special tokens", show(ids), skipped, tokenizer.decode(ids, true));
    ingot::text::StreamDecoder stream{tokenizer};
    std::string joined;
    INGOT_TRY(const auto least, one.at("stream"));
    const Ids counts = ids_of(least);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::string_view piece = stream.push(ids[i], std::span{ids}.subspan(i + 1));
      if (!ingot::is_utf8(piece)) out.push_back("half a character in the stream of " + show(ids));
      joined += piece;
      if (code_points(joined) < static_cast<std::size_t>(counts[i]))
        out.push_back("late stream of " + show(ids) + "after " + std::to_string(i + 1));
    }
    joined += stream.finish();
    differ("stream", show(ids), decoded, joined);
    return {};
  });
  if (!status) out.push_back(status.error().message());
  return out;
}

/// The same for a whole file, for the tokenizer as read and as exported.
inline std::vector<std::string> check_file(const std::string& path) {
  const auto run = [&]() -> Result<std::vector<std::string>> {
    INGOT_TRY(const auto file, ingot::MappedFile::open(path));
    INGOT_TRY(const auto document, ingot::json::Document::parse(file.text(), path));
    INGOT_TRY(const auto source, document.root().at("tokenizer"));
    INGOT_TRY(const auto cases, document.root().at("cases"));
    INGOT_TRY(const auto definition, ingot::text::read_tokenizer_json(source.dump()));
    INGOT_TRY(const auto tokenizer, ingot::text::Tokenizer::create(definition));
    std::vector<std::string> out = differences(tokenizer, cases);
    std::string exported{reinterpret_cast<const char*>(tokenizer.image().data()), tokenizer.image().size()};
    INGOT_TRY(const auto again, ingot::text::Tokenizer::open(std::as_bytes(std::span{exported})));
    for (auto& line : differences(again, cases)) out.push_back("exported: " + line);
    return out;
  };
  auto found = run();
  return found ? *std::move(found) : std::vector<std::string>{found.error().message()};
}

}  // namespace golden
