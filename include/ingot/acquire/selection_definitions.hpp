// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/selection_definitions.hpp: files chosen.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/acquire/glob.hpp>
#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/selection.hpp>

namespace ingot::acquire {
namespace detail {

[[nodiscard]] inline bool matches_entry(std::string_view entry, std::string_view path) noexcept {
  return entry == path || (entry.ends_with('/') && path.starts_with(entry));
}

/// Files are given exactly, globs by pattern; both must match something.
template <class Matches>
[[nodiscard]] Status check_used(const std::vector<std::string>& patterns, const Listing& listing, std::string_view kind, Matches matches) {
  for (const std::string& pattern : patterns) {
    if (std::any_of(listing.files.begin(), listing.files.end(), [&](const RemoteFile& file) { return matches(pattern, file.path); }))
      continue;
    return Error{ErrorCode::not_found, std::string{kind} + " matches nothing: " + escaped(pattern),
                 listing.repository + "@" + listing.revision, "--dry-run --include '*' lists what is there"};
  }
  return {};
}

/// A GGUF file without the number of its part: model-Q4_K_M-00001-of-00003.gguf is of the group model-Q4_K_M.
[[nodiscard]] inline std::string gguf_group(std::string_view path) {
  std::string_view stem = path.substr(0, path.size() - 5);
  constexpr std::size_t tail = 15;  // -00001-of-00003
  if (stem.size() > tail) {
    const std::string_view end = stem.substr(stem.size() - tail);
    const auto digits = [](std::string_view text) { return text.find_first_not_of("0123456789") == text.npos; };
    if (end[0] == '-' && digits(end.substr(1, 5)) && end.substr(6, 4) == "-of-" && digits(end.substr(10))) stem.remove_suffix(tail);
  }
  return std::string{stem};
}

/// Whether a group's name holds `quant` as a word, in any case: Q4_K is no word of Q4_K_M.
[[nodiscard]] inline bool is_of_quant(std::string_view group, std::string_view quant) noexcept {
  const auto boundary = [](char c) { return c == '-' || c == '.' || c == '/'; };
  for (std::size_t at = 0; at + quant.size() <= group.size(); ++at) {
    if (!equal_ignoring_case(group.substr(at, quant.size()), quant)) continue;
    const std::size_t end = at + quant.size();
    if ((at == 0 || boundary(group[at - 1]) || group[at - 1] == '_') && (end == group.size() || boundary(group[end]))) return true;
  }
  return false;
}

/// What is never a language model's weights: projectors of pictures, statistics for quantization.
[[nodiscard]] inline bool is_side_gguf(std::string_view path) noexcept {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  return matches_glob("*mmproj*", name) || matches_glob("*imatrix*", name);
}

/// The group to fetch. Errors: not_found.
[[nodiscard]] inline Result<std::string> choose_group(const std::map<std::string, std::uint64_t>& groups, const std::string& quant,
                                                      const Listing& listing) {
  if (!quant.empty()) {
    for (const auto& [group, size] : groups)
      if (is_of_quant(group, quant)) return group;
    std::string names;
    for (const auto& [group, size] : groups)
      if (names.size() < 400) names.append(names.empty() ? "" : ", ").append(escaped(group.substr(group.find_last_of('/') + 1)));
    return Error{ErrorCode::not_found, "no GGUF file of " + quant, listing.repository,
                 names.empty() ? "it has no GGUF file" : "it has " + names};
  }
  for (const char* preferred : {"Q4_K_M", "Q4_K_S", "Q4_K", "Q4_0", "Q4_1", "Q5_K_M", "Q5_K_S", "Q5_0", "Q5_1", "Q6_K", "Q8_0", "Q3_K_M",
                                "Q2_K", "BF16", "F16", "FP16", "F32"})
    for (const auto& [group, size] : groups)
      if (is_of_quant(group, preferred)) return group;
  return std::min_element(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
}

/// What inference needs, from `listing`.
[[nodiscard]] inline Status select_defaults(Listing& listing, const std::string& quant, const NoteSink& note) {
  std::map<std::string, std::uint64_t> groups;  // of GGUF files, with their sizes
  bool safetensors = false, sharded = false;
  for (const RemoteFile& file : listing.files) {
    if (ends_with_any(file.path, {".gguf"}) && !is_side_gguf(file.path)) groups[gguf_group(file.path)] += file.size.value_or(0);
    safetensors = safetensors || ends_with_any(file.path, {".safetensors"});
    sharded = sharded || (file.path.starts_with("model") && ends_with_any(file.path, {".safetensors"}));
  }
  std::string chosen;
  const bool wants_gguf = !quant.empty() || (!groups.empty() && !safetensors);
  if (wants_gguf) {
    INGOT_TRY(chosen, choose_group(groups, quant, listing));
  }
  const bool better = safetensors || !groups.empty();
  std::vector<RemoteFile> kept;
  std::size_t pickles = 0;
  for (RemoteFile& file : listing.files) {
    const std::string_view path = file.path;
    const std::string_view name = path.substr(path.find_last_of('/') + 1);
    if (name == ".gitattributes" || name == ".gitignore") continue;
    if (ends_with_any(path, {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp4", ".pdf"})) continue;
    if (ends_with_any(path, {".gguf"}) && (!wants_gguf || is_side_gguf(path) || gguf_group(path) != chosen)) continue;
    if (ends_with_any(path, {".safetensors"}) && (wants_gguf || (sharded && name.starts_with("consolidated")))) continue;
    if (better && (is_pickle(path) || path.starts_with("original/") ||
                   ends_with_any(path, {".h5", ".msgpack", ".ot", ".onnx", ".onnx_data", ".tflite", ".mlmodel", ".mlpackage"})))
      continue;
    pickles += is_pickle(path) && !ends_with_any(path, {".bin"}) ? 1 : 0;
    kept.push_back(std::move(file));
  }
  if (pickles > 0 && note) note("there are no safetensors, only files that may run code when Python loads them; ingot never runs it");
  if (kept.empty() && !listing.files.empty())
    return Error{ErrorCode::not_found, "nothing that inference needs", listing.repository, "choose with --include"};
  listing.files = std::move(kept);
  return {};
}

}  // namespace detail

bool is_pickle(std::string_view path) noexcept {
  return ends_with_any(path, {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill"});
}

Status select_files(Listing& listing, const SelectionOptions& options, const NoteSink& note) {
  INGOT_CHECK(detail::check_used(options.files, listing, "a file", detail::matches_entry));
  INGOT_CHECK(detail::check_used(options.include, listing, "--include", matches_glob));
  INGOT_CHECK(detail::check_used(options.exclude, listing, "--exclude", matches_glob));
  const bool chosen = !options.files.empty() || !options.include.empty();
  const auto any = [](const std::vector<std::string>& patterns, const std::string& path, auto matches) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return matches(pattern, path); });
  };
  std::erase_if(listing.files, [&](const RemoteFile& file) {
    const bool wanted = !chosen || any(options.files, file.path, detail::matches_entry) || any(options.include, file.path, matches_glob);
    return !wanted || any(options.exclude, file.path, matches_glob);
  });
  if (listing.files.empty() && !(options.exclude.empty() && !chosen))
    return Error{ErrorCode::not_found, "nothing is left of what was asked for", listing.repository, "exclude less"};
  return chosen && options.quant.empty() ? Status{} : detail::select_defaults(listing, options.quant, note);
}

}  // namespace ingot::acquire
