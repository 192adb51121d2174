// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/chat_template.hpp: conversations into prompts, by the template that a model ships with.

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/jinja/template.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text {

/// One turn of a conversation. `fields` holds what some templates know besides: tool_calls, reasoning_content, name …
struct Message {
  std::string role, content;
  std::vector<std::pair<std::string, jinja::Value>> fields = {};
};

/// What a template is rendered with.
struct Conversation {
  std::vector<Message> messages;
  std::optional<std::string> bos_token, eos_token;  ///< nothing: undefined in the template, prints nothing
  bool add_generation_prompt = true;
  std::vector<std::pair<std::string, jinja::Value>> variables = {};  ///< tools, documents, enable_thinking …
  std::optional<std::tm> now = {};                                   ///< for strftime_now; nothing: the local time
};

/// The variables of one rendering, and the time that strftime_now tells (nothing: the local time).
struct ChatContext {
  jinja::Value variables;
  std::optional<std::tm> now;
};

/// The context of a document {"messages": […], "tools": […]?, any other key = template variable}: `tools` and `documents` are
/// none and add_generation_prompt is true unless given; "__now": "2026-01-02T03:04:05" fixes the time. Errors: damaged.
[[nodiscard]] Result<ChatContext> context_of_json(std::string_view text, std::string where);

/// The context of a conversation that a program holds.
[[nodiscard]] Result<ChatContext> context_of(const Conversation& conversation);

/// The `chat_template` of a model, compiled. Immutable: any number of threads may render it. Compiled in ingot::runtime.
class ChatTemplate {
 public:
  /// `name` (the file) stands in errors, which tell line and column. Errors: damaged, unsupported.
  [[nodiscard]] static Result<ChatTemplate> compile(std::string_view source, std::string name);

  /// The prompt. What the template raises is the Error's `what` (code other); a failure gives no text at all.
  [[nodiscard]] Result<std::string> render(const jinja::Value& variables, const std::optional<std::tm>& now = {}) const;
  [[nodiscard]] Result<std::string> render(const ChatContext& context) const { return render(context.variables, context.now); }
  [[nodiscard]] Result<std::string> render(const Conversation& conversation) const;

 private:
  explicit ChatTemplate(jinja::Template compiled) noexcept : template_{std::move(compiled)} {}
  jinja::Template template_;
};

}  // namespace ingot::text
