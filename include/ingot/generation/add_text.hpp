// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/add_text.hpp: the text part of a package.

#include <string>
#include <string_view>
#include <utility>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/text_assets.hpp>

namespace ingot::generation {

/// Hands the files of a package's text part to `add(name, bytes) -> Status`: tokenizer.bin, chat_template.jinja, and the
/// originals for other programs to read.
template <class Add>
[[nodiscard]] Status add_text(const TextAssets& assets, Add&& add) {
  const auto image = assets.tokenizer.image();
  INGOT_CHECK(add(std::string_view{"tokenizer.bin"}, std::string_view{reinterpret_cast<const char*>(image.data()), image.size()}));
  if (!assets.chat_template.empty()) INGOT_CHECK(add(std::string_view{"chat_template.jinja"}, std::string_view{assets.chat_template}));
  for (const std::filesystem::path& original : assets.originals) {
    INGOT_TRY(const auto file, MappedFile::open(original));
    const std::string name = original.filename().string();
    INGOT_CHECK(add(std::string_view{name}, file.text()));
  }
  return {};
}

}  // namespace ingot::generation
