// SPDX-License-Identifier: Apache-2.0
// Compiles and renders arbitrary bytes as a template; what stands before a line break after "\0" is the JSON context.
#include <cstdint>
#include <string_view>

#include <ingot/text/chat_template.hpp>
#include <ingot/text/jinja/context.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::text;
  static const jinja::Value variables = *jinja::value_of_json(
      R"({"messages":[{"role":"user","content":"héllo"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":{"x":1}}}]}],
          "tools":[{"name":"t","items":[1,2.5,"a",true,null,123456789012345678901234567890]}],"s":"Straße 😀","d":{"b":1,"a":[1,2]},"n":[3,1,2],"i":7,"f":1e-7})",
      "fuzz");
  std::string_view text{reinterpret_cast<const char*>(data), size};
  jinja::Value given = variables;
  if (const std::size_t split = text.find('\0'); split != text.npos) {
    if (const auto context = context_of_json(text.substr(0, split), "fuzz")) given = context->variables;
    text.remove_prefix(split + 1);
  }
  jinja::Limits limits;  // so small that no input takes long, and every limit is met
  limits.steps = 100'000;
  limits.output = 1 << 20;
  limits.elements = 1 << 16;
  if (const auto compiled = jinja::Template::compile(text, "fuzz", limits)) static_cast<void>(compiled->render(given, std::tm{}));
  return 0;
}
