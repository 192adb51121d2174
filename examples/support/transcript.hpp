// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/transcript.hpp: a conversation as a JSON file, {"messages": [{"role": ..., "content": ...}]}.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <ingot/core/atomic_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/text/chat_template.hpp>

namespace program {

inline ingot::Status save_transcript(const std::string& path, const std::vector<ingot::text::Message>& messages) {
  if (path.empty()) return ingot::Error{ingot::ErrorCode::usage, "no file named", {}, "/save FILE"};
  nlohmann::ordered_json j{{"messages", nlohmann::json::array()}};
  for (const auto& message : messages) j["messages"].push_back({{"role", message.role}, {"content", message.content}});
  return ingot::write_file(path, j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

inline ingot::Result<std::vector<ingot::text::Message>> load_transcript(const std::string& path) {
  INGOT_TRY(const auto file, ingot::MappedFile::open(path));
  INGOT_TRY(const auto document, ingot::json::Document::parse(file.text(), path));
  INGOT_TRY(const auto list, document.root().at("messages"));
  std::vector<ingot::text::Message> messages;
  INGOT_CHECK(list.each_element([&](const ingot::json::Value& message) -> ingot::Status {
    INGOT_TRY(auto role, message.get<std::string>("role"));
    INGOT_TRY(auto content, message.get<std::string>("content"));
    messages.push_back({std::move(role), std::move(content)});
    return {};
  }));
  return messages;
}

}  // namespace program
