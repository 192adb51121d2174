// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/unicode_scripts.hpp: the regex whose matches are the pieces of the pre-tokenizer UnicodeScripts.

#include <cstddef>
#include <string>
#include <string_view>

namespace ingot::text {

/// One alternative a script, of Unicode 9 as in `tokenizers`: a character of it, then all that are of it, blanks or unassigned. Han,
/// Hiragana, Katakana and the prolonged sound mark are one. Blanks and unassigned ones in front of the first script are in no match.
[[nodiscard]] inline std::string unicode_scripts_pattern() {
  constexpr std::string_view names =
      "Latin Cyrillic Greek Arabic Hebrew Devanagari Hangul Thai Inherited Adlam Ahom Anatolian_Hieroglyphs Armenian Avestan Balinese "
      "Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma "
      "Cham Cherokee Coptic Cuneiform Cypriot Deseret Duployan Egyptian_Hieroglyphs Elbasan Ethiopic Georgian Glagolitic Gothic Grantha "
      "Gujarati Gurmukhi Hanunoo Hatran Imperial_Aramaic Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Kayah_Li "
      "Kharoshthi Khmer Khojki Khudawadi Lao Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Malayalam Mandaic Manichaean "
      "Marchen Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean "
      "New_Tai_Lue Newa Nko Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_South_Arabian Old_Turkic "
      "Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra "
      "Sharada Shavian Siddham SignWriting Sinhala Sora_Sompeng Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet "
      "Takri Tamil Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Vai Warang_Citi Yi ";
  std::string pattern = R"((?![ \x{30fc}])\p{Common}(?:(?!\x{30fc})[\p{Common} \p{Unknown}])*)"
                        R"(|[\p{Han}\p{Hiragana}\p{Katakana}\x{30fc}][\p{Han}\p{Hiragana}\p{Katakana}\x{30fc} \p{Unknown}]*)";
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = names.find(' ', at);
    const std::string script = "\\p{" + std::string{names.substr(at, end - at)} + "}";
    pattern.append("|").append(script).append("[").append(script).append(" \\p{Unknown}]*");
    at = end + 1;
  }
  return pattern;
}

}  // namespace ingot::text
