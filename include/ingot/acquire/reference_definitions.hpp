// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/reference_definitions.hpp: references taken apart.

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/url.hpp>

namespace ingot::acquire {
namespace detail {

constexpr std::pair<std::string_view, Hub> schemes[] = {{"hf:", Hub::hugging_face}, {"HF:", Hub::hugging_face},   {"ms:", Hub::model_scope},
                                                        {"mlc:", Hub::mlc},         {"pypi:", Hub::python_index}, {"file:", Hub::path}};

[[nodiscard]] inline bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// One half of a repository's name: [\w.-]{1,96}, no `--`, no `..`, nothing but letters, digits and _ at the ends, no `.git`.
[[nodiscard]] inline bool is_repository_part(std::string_view part) noexcept {
  if (part.empty() || part.size() > 96 || part.ends_with(".git") || part.find("--") != part.npos || part.find("..") != part.npos)
    return false;
  const auto is_word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return is_word(part.front()) && is_word(part.back()) &&
         std::all_of(part.begin(), part.end(), [&](char c) { return is_word(c) || c == '-' || c == '.'; });
}

/// A hub's branch, tag or commit: a relative path without spaces.
[[nodiscard]] inline bool is_revision(std::string_view revision) {
  return revision.size() <= 255 && check_path(revision) && std::none_of(revision.begin(), revision.end(), [](char c) {
           return c == ' ' || c == '~' || c == '^' || c == '?' || c == '*' || c == '[';
         });
}

[[nodiscard]] inline Error malformed(std::string_view text, std::string what, std::string hint) {
  return {ErrorCode::usage, std::move(what), escaped(text), std::move(hint)};
}

/// owner/name[:QUANT][@revision] of `hub`; `text` is the whole reference, for errors.
[[nodiscard]] inline Result<Reference> parse_repository(Hub hub, std::string_view rest, std::string_view text) {
  Reference reference{.hub = hub, .name = {}, .revision = {}, .quant = {}, .endpoint = {}, .file = {}};
  if (rest.starts_with("//")) rest.remove_prefix(2);
  if (const auto at = rest.find('@'); at != rest.npos) {
    reference.revision = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!is_revision(reference.revision))
      return malformed(text, "no branch, tag or commit is named like this", "write owner/name@revision");
  }
  if (const auto colon = rest.find(':'); colon != rest.npos) {
    reference.quant = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    const bool named = !reference.quant.empty() && reference.quant.size() <= 40 && hub != Hub::mlc &&
                       std::all_of(reference.quant.begin(), reference.quant.end(),
                                   [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
    if (!named) return malformed(text, "what follows the colon names no quantization", "write hf:owner/name:Q4_K_M");
  }
  const auto slash = rest.find('/');
  const bool named = slash == rest.npos ? hub == Hub::hugging_face && is_repository_part(rest)
                                        : is_repository_part(rest.substr(0, slash)) && is_repository_part(rest.substr(slash + 1));
  if (!named || !check_path(rest))  // a hub may have a repository called "con", but its name becomes a directory's
    return malformed(text, "no repository is named like this", "write owner/name: letters, digits, '.', '-' and '_'; not CON, NUL or COM1");
  reference.name = rest;
  return reference;
}

/// https://HOST/[models/]owner/name[/tree/revision | /blob/revision/file | /resolve/revision/file]
[[nodiscard]] inline Result<Reference> parse_url_reference(std::string_view text) {
  INGOT_TRY(const Url url, Url::parse(text));
  const std::string hint = "write https://HOST/owner/name";
  std::vector<std::string> parts;
  std::string_view rest = url.path;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    if (end > 0) parts.push_back(percent_decode(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const bool scope = url.origin.host.ends_with("modelscope.cn") || url.origin.host.ends_with("modelscope.ai");
  if (scope && !parts.empty() && parts[0] == "models") parts.erase(parts.begin());
  if (parts.size() < 2) return malformed(text, "a URL that names no repository", hint);
  if (parts[1].ends_with(".git"))
    return malformed(text, "a Git repository", "clone it with GIT_LFS_SKIP_SMUDGE=1, then give the clone to --resolve-lfs");
  INGOT_TRY(Reference reference, parse_repository(scope ? Hub::model_scope : Hub::hugging_face, parts[0] + "/" + parts[1], text));
  reference.endpoint = url.origin.text();
  if (parts.size() == 2 || (scope && parts.size() == 3 && parts[2] == "files")) return reference;
  const bool one_file = parts[2] == "blob" || parts[2] == "resolve";
  if (parts.size() < (one_file ? 5u : 4u) || (!one_file && (parts[2] != "tree" || parts.size() > 4)) || !is_revision(parts[3]))
    return malformed(text, "a URL that names neither a repository nor a file of one", hint);
  reference.revision = parts[3];
  for (std::size_t i = 4; i < parts.size(); ++i) reference.file.append(i > 4 ? "/" : "").append(parts[i]);
  if (!reference.file.empty() && !check_path(reference.file)) return malformed(text, "a URL that names no file of a repository", hint);
  return reference;
}

[[nodiscard]] inline Result<Reference> parse_distribution(std::string_view rest, std::string_view text) {
  const auto at = rest.find('@'), equal = rest.find("==");
  const auto end = std::min({at, equal, rest.size()});
  const std::string_view name = rest.substr(0, end);
  Reference reference{.hub = Hub::python_index, .name = {}, .revision = {}, .quant = {}, .endpoint = {}, .file = {}};
  if (end < rest.size()) {
    reference.revision = rest.substr(end + (end == at ? 1 : 2));
    const bool version = !reference.revision.empty() && reference.revision.size() <= 64 &&
                         std::all_of(reference.revision.begin(), reference.revision.end(),
                                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '!' || c == '+' || c == '-' || c == '_'; });
    if (!version || !check_path(reference.revision)) return malformed(text, "no version is written like this", "write pypi:name==1.2.3");
  }
  const bool named = !name.empty() && name.size() <= 128 && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
                     std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
  reference.name = normalized_distribution(name);
  if (!named || !check_path(reference.name))
    return malformed(text, "no distribution is named like this", "write pypi:name or pypi:name==1.2.3");
  return reference;
}

}  // namespace detail

std::string Reference::text() const {
  std::string out;
  for (const auto& [scheme, of] : detail::schemes)
    if (of == hub && out.empty()) out = scheme;
  out += name;
  if (!quant.empty()) out.append(":").append(quant);
  if (!revision.empty()) out.append("@").append(revision);
  return out;
}

Result<Reference> parse_reference(std::string_view text) {
  if (text.empty() || text.size() > 4096 || text.find('\0') != text.npos)
    return detail::malformed(text, "no reference", "write hf:owner/name, ms:owner/name, mlc:owner/name, pypi:name or a path");
  if (text.starts_with("https://") || text.starts_with("http://")) return detail::parse_url_reference(text);
  for (const auto& [scheme, hub] : detail::schemes) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    if (hub == Hub::python_index) return detail::parse_distribution(rest, text);
    if (hub != Hub::path) return detail::parse_repository(hub, rest, text);
    if (rest.empty()) return detail::malformed(text, "no path", "write file:PATH");
    if (rest.starts_with("//") && !rest.starts_with("///")) return detail::malformed(text, "a file on another host", "write file:PATH");
    return Reference{Hub::path, std::string{rest.substr(rest.starts_with("///") ? 2 : 0)}, {}, {}, {}, {}};
  }
  const auto colon = text.find(':');
  if (colon != text.npos && colon > 0 && colon < text.find('/') &&
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), detail::is_alphanumeric))
    return detail::malformed(text, "an unknown scheme", "write hf:, ms:, mlc:, pypi:, file: or https://; or ./ before a path with a colon");
  return Reference{Hub::path, std::string{text}, {}, {}, {}, {}};
}

bool is_remote(std::string_view text) noexcept {
  if (text.starts_with("https://") || text.starts_with("http://")) return true;
  return std::any_of(std::begin(detail::schemes), std::end(detail::schemes),
                     [&](const auto& entry) { return text.starts_with(entry.first) && entry.second != Hub::path; });
}

std::string normalized_distribution(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '-' && c != '_' && c != '.')
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    else if (out.empty() || out.back() != '-')
      out.push_back('-');
  }
  return out;
}

}  // namespace ingot::acquire
