// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/normalizer_spec.hpp: the normalizers there are, as plain data.

#include <cstdint>
#include <string>
#include <variant>

#include <ingot/text/charsmap.hpp>
#include <ingot/text/pattern.hpp>
#include <ingot/text/sentencepiece_normalizer.hpp>

namespace ingot::text {

/// One normalizer each, with the fields of tokenizer.json.
namespace normalize {
enum class Form : std::uint8_t { nfc, nfd, nfkc, nfkd };
struct Unicode {
  Form form = Form::nfc;
  static void fields(auto& self, auto& archive) { archive(self.form); }
};
struct Replace {
  Pattern pattern;
  std::string content;
  static void fields(auto& self, auto& archive) { archive(self.pattern, self.content); }
};
/// Text that is not empty gets `text` in front.
struct Prepend {
  std::string text;
  static void fields(auto& self, auto& archive) { archive(self.text); }
};
struct Lowercase {
  static void fields(auto&, auto&) {}
};
/// Removes white space at either end.
struct Strip {
  bool left = true, right = true;
  static void fields(auto& self, auto& archive) { archive(self.left, self.right); }
};
/// Removes combining marks (M); stands behind NFD.
struct StripAccents {
  static void fields(auto&, auto&) {}
};
struct ByteLevel {
  static void fields(auto&, auto&) {}
};
/// SentencePiece's rules as Hugging Face's tokenizers applies them: to each grapheme of less than 6 bytes, else to each character,
/// and the shortest rule for its beginning replaces all of it.
struct Precompiled {
  Charsmap rules;
  static void fields(auto& self, auto& archive) { archive(self.rules); }
};
/// SentencePiece's clean-up: drops control characters; line breaks, tabs and other format characters become blanks.
struct Nmt {
  static void fields(auto&, auto&) {}
};
/// BERT's, in this order: control characters dropped and white space made blanks, blanks around ideographs, accents (Mn) stripped
/// from the NFD form, lower case.
struct Bert {
  bool clean_text = true, handle_chinese_chars = true, strip_accents = true, lowercase = true;
  static void fields(auto& self, auto& archive) { archive(self.clean_text, self.handle_chinese_chars, self.strip_accents, self.lowercase); }
};
constexpr Form last_enumerator(Form) noexcept { return Form::nfkd; }
}  // namespace normalize

using NormalizerSpec = std::variant<normalize::Unicode, normalize::Replace, normalize::Prepend, normalize::Lowercase, normalize::Strip,
                                    normalize::StripAccents, normalize::ByteLevel, normalize::Precompiled, normalize::Nmt, normalize::Bert,
                                    normalize::SentencePiece>;

}  // namespace ingot::text
