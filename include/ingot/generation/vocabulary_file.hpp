// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/vocabulary_file.hpp: which file a directory's tokenizer is read from, and those without a tokenizer.json.

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/bert_vocabulary.hpp>
#include <ingot/text/sentencepiece.hpp>
#include <ingot/text/tiktoken.hpp>
#include <ingot/text/tokenizer.hpp>
#include <ingot/text/vocab_merges.hpp>

namespace ingot::generation::detail {

/// The files beside a vocabulary, opened.
class FilesBeside {
 public:
  [[nodiscard]] static Result<FilesBeside> open(const std::filesystem::path& directory) {
    FilesBeside beside;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (is_file(directory / names[i])) {
        INGOT_TRY(beside.files_[i], MappedFile::open(directory / names[i]));
      }
    return beside;
  }
  [[nodiscard]] text::TokenizerFiles texts() const noexcept {
    return {files_[0].text(), files_[1].text(), files_[2].text(), files_[3].text()};
  }

 private:
  static constexpr std::array<const char*, 4> names{"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json"};
  std::array<MappedFile, 4> files_;
};

/// A vocabulary without a tokenizer.json: vocab.json and merges.txt (either names both), vocab.txt, or a file told by its first byte:
/// a SentencePiece model is a protocol buffer that begins with a piece, a tiktoken file lines of base64. Errors: not_found (the other
/// one of the pair), damaged, unsupported.
inline Result<text::Definition> read_vocabulary_file(const std::filesystem::path& path) {
  const std::filesystem::path directory = path.parent_path(), name = path.filename();
  INGOT_TRY(const auto beside, FilesBeside::open(directory));
  if (name == "vocab.json" || name == "merges.txt") {
    INGOT_TRY(const auto vocabulary, MappedFile::open(directory / "vocab.json"));
    INGOT_TRY(const auto merges, MappedFile::open(directory / "merges.txt"));
    return text::read_vocab_merges(vocabulary.text(), merges.text(), beside.texts());
  }
  INGOT_TRY(const auto file, MappedFile::open(path));
  if (name == "vocab.txt") return text::read_bert_vocabulary(file.text(), beside.texts().config);
  if (file.text().starts_with('\n')) return text::read_sentencepiece(file.text(), beside.texts());
  return text::read_tiktoken(file.text(), path.stem().string(), beside.texts());
}

inline Result<text::Tokenizer> open_vocabulary_file(const std::filesystem::path& path) {
  auto definition = read_vocabulary_file(path);
  if (!definition) return std::move(definition).error().in(path.string());
  auto tokenizer = text::Tokenizer::create(*definition);
  if (!tokenizer) return std::move(tokenizer).error().in(path.string());
  return tokenizer;
}

/// The file in a directory that its tokenizer is read from; empty where there is none.
inline std::filesystem::path find_tokenizer(const std::filesystem::path& directory) {
  for (const std::string_view name :
       {"tokenizer.bin", "tokenizer.json", "tokenizer.model", "sentencepiece.bpe.model", "spiece.model", "tiktoken.model"})
    if (is_file(directory / name)) return directory / name;
  if (is_file(directory / "vocab.json") && is_file(directory / "merges.txt")) return directory / "vocab.json";
  if (is_file(directory / "vocab.txt")) return directory / "vocab.txt";
  std::vector<std::filesystem::path> found;
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry{directory, ignored}, end; !ignored && entry != end; entry.increment(ignored))
    if (entry->path().extension() == ".tiktoken") found.push_back(entry->path());
  return found.size() == 1 ? found.front() : std::filesystem::path{};
}

}  // namespace ingot::generation::detail
