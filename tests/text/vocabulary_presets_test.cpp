// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/vocabulary_presets.hpp>

#include <ingot/text/regex.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("every pattern compiles") {
  for (const VocabularyPreset& preset : vocabulary_presets) {
    INFO(preset.names);
    CHECK((preset.names.starts_with(' ') && preset.names.ends_with(' ')));
    for (const std::string_view pattern : preset.patterns)
      if (!pattern.empty()) CHECK(Regex::compile(pattern));
  }
}

TEST_CASE("names are whole and unique") {
  for (const std::string_view name : {"", " ", "llama", "gpt", "qwen", "qwen2 ", "nonesuch"}) CHECK(find_preset(name) == nullptr);
  for (const VocabularyPreset& preset : vocabulary_presets)
    for (std::size_t at = 1; at < preset.names.size();) {
      const std::size_t end = preset.names.find(' ', at);
      CHECK(find_preset(preset.names.substr(at, end - at)) == &preset);
      at = end + 1;
    }
}
