// SPDX-License-Identifier: Apache-2.0
// Compiles arbitrary bytes as a template under the limits that programs use; jinja_fuzz renders them, too.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <ingot/text/jinja/template.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ingot::text::jinja::Template;
  const auto compiled = Template::compile({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (compiled) return 0;
  const std::string message = compiled.error().message();
  if (message.find("fuzz") == std::string::npos) std::abort();  // every failure says where
  return 0;
}
