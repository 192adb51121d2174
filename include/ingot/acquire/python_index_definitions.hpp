// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/python_index_definitions.hpp: Python indexes asked.

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include <ingot/acquire/hub_access.hpp>
#include <ingot/acquire/listing.hpp>
#include <ingot/acquire/python_index.hpp>
#include <ingot/acquire/reference.hpp>
#include <ingot/core/config_file.hpp>
#include <ingot/core/json.hpp>

namespace ingot::acquire {
namespace detail {

/// name-version(-build)?-python-abi-platform.whl of `name`; nothing for all else.
[[nodiscard]] inline std::optional<WheelFile> parse_wheel_name(std::string_view filename, std::string_view name) {
  if (!filename.ends_with(".whl") || filename.find('/') != filename.npos || !check_path(filename)) return {};
  const auto dashes = std::count(filename.begin(), filename.end(), '-');
  const auto first = filename.find('-'), second = filename.find('-', first + 1);
  if ((dashes != 4 && dashes != 5) || normalized_distribution(filename.substr(0, first)) != name) return {};
  auto version = PythonVersion::parse(filename.substr(first + 1, second - first - 1));
  if (!version) return {};
  WheelFile wheel;
  wheel.filename = filename;
  wheel.version_text = filename.substr(first + 1, second - first - 1);
  wheel.version = *std::move(version);
  return wheel;
}

[[nodiscard]] inline std::optional<Digest> parse_hash(std::string_view kind, std::string_view hex) {
  if (kind == "sha256") return Digest::parse(Hash::sha256, hex);
  if (kind == "sha1") return Digest::parse(Hash::sha1, hex);
  if (kind == "md5") return Digest::parse(Hash::md5, hex);
  return {};
}

/// Where `link` on `page` leads: an http(s) address, or a file below a directory's index. False: neither, so the link is skipped.
[[nodiscard]] inline bool set_target(WheelFile& wheel, std::string_view link, const std::string& page) {
  if (!page.starts_with("http://") && !page.starts_with("https://")) {
    if (link.starts_with("file://")) link.remove_prefix(7);
    wheel.path = std::filesystem::path{page} / percent_decode(link.substr(0, link.find('#')));
    return link.find("://") == link.npos;
  }
  const auto base = Url::parse(page);
  const auto url = base ? base->join(link.substr(0, link.find('#'))) : base;
  if (!url || (base->origin.is_https() && !url->origin.is_https())) return false;
  wheel.url = url->text();
  return true;
}

/// HTML's character references in an attribute: the five named ones that matter, and numbers up to 127.
[[nodiscard]] inline std::string unescaped_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text[0] == '&' ? text.substr(0, 10).find(';') : text.npos;
    if (end == text.npos) {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    const std::string_view name = text.substr(1, end - 1);
    char c = '\0';
    if (name.starts_with('#')) {
      const bool hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      unsigned value = 0;
      const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
      c = value < 128 ? static_cast<char>(value) : '\0';
    }
    for (const auto& [known, meant] : {std::pair{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}})
      if (name == known) c = meant;
    if (c == '\0') {
      out.append(text.substr(0, end + 1));
    } else {
      out.push_back(c);
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

/// The attributes of the tag that `text` begins with, behind its name; `text` moves behind the tag.
template <class Visit>
void each_attribute(std::string_view& text, Visit&& visit) {
  while (!(text = trimmed(text)).empty() && text[0] != '>') {
    const auto end = std::min(text.find_first_of(" \t\r\n=>"), text.size());
    const std::string_view name = text.substr(0, end);
    text = trimmed(text.substr(end));
    std::string_view value;
    if (text.starts_with('=')) {
      text = trimmed(text.substr(1));
      const char quote = text.empty() ? '\0' : text[0];
      const bool quoted = quote == '"' || quote == '\'';
      if (quoted) text.remove_prefix(1);
      const auto close = std::min(quoted ? text.find(quote) : text.find_first_of(" \t\r\n>"), text.size());
      value = text.substr(0, close);
      text.remove_prefix(quoted ? std::min(close + 1, text.size()) : close);
    } else if (name.empty()) {
      text.remove_prefix(1);
    }
    if (!name.empty()) visit(name, unescaped_html(value));
  }
}

/// A page of an index that is a directory, or a directory of wheels.
[[nodiscard]] inline Result<std::vector<WheelFile>> list_directory(const std::filesystem::path& directory, std::string_view name) {
  if (is_file(directory / "index.html")) {
    INGOT_TRY(const std::string page, read_config_file(directory / "index.html"));
    return parse_index_html(page, directory.string(), name);
  }
  std::vector<WheelFile> wheels;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error)) {
    auto wheel = parse_wheel_name(entry->path().filename().string(), name);
    if (!wheel) continue;
    wheel->path = entry->path();
    wheels.push_back(*std::move(wheel));
  }
  return wheels;  // a directory that is not there lists nothing, as with pip
}

[[nodiscard]] inline Result<std::vector<WheelFile>> list_page(HttpClient& client, const std::string& address, std::string_view name) {
  INGOT_TRY(const auto response, client.get(address, {{"Accept",
                                                       "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
                                                       "text/html;q=0.01"}}));
  if (response.status == 404 || response.status == 410) return std::vector<WheelFile>{};
  if (!response.ok()) return response_error("the Python index refuses", response);
  const bool json = response.headers.get("Content-Type").find("json") != std::string_view::npos;
  const std::string page = response.url.text();
  return json ? parse_index_json(response.body, page, name) : parse_index_html(response.body, page, name);
}

}  // namespace detail

Result<std::vector<WheelFile>> parse_index_json(std::string_view body, const std::string& page, std::string_view name) {
  INGOT_TRY(const auto document, json::Document::parse(body, page, {.bytes = most_page_bytes, .depth = 64}));
  INGOT_TRY(const auto files, document.root().at("files"));
  std::vector<WheelFile> wheels;
  std::size_t count = 0;
  const Status read = files.each_element([&](const json::Value& file) -> Status {
    if (++count > most_files) return file.problem("more than 1000000 files", "files");
    INGOT_TRY(const auto filename, file.get<std::string_view>("filename"));
    INGOT_TRY(const auto url, file.get<std::string_view>("url"));
    auto wheel = detail::parse_wheel_name(filename, name);
    if (!wheel || !detail::set_target(*wheel, url, page)) return {};
    if (const auto hashes = file.find("hashes"))
      for (const char* kind : {"sha256", "sha1", "md5"}) {
        INGOT_TRY(const auto hex, hashes->get<std::string>(kind, ""));
        if (!wheel->digest) wheel->digest = detail::parse_hash(kind, hex);
      }
    if (const auto size = file.find("size")) {
      INGOT_TRY(wheel->size, size->as<std::uint64_t>("size"));
    }
    if (const auto yanked = file.find("yanked")) wheel->yanked = yanked->is_string() || (yanked->is_bool() && *yanked->as<bool>());
    wheels.push_back(*std::move(wheel));
    return {};
  });
  INGOT_CHECK(read);
  return wheels;
}

Result<std::vector<WheelFile>> parse_index_html(std::string_view body, const std::string& page, std::string_view name) {
  std::vector<WheelFile> wheels;
  std::string base = page;
  std::size_t count = 0;
  for (auto open = body.find('<'); open != body.npos; open = body.find('<')) {
    body.remove_prefix(open + 1);
    const auto end = std::min(body.find_first_of(" \t\r\n>"), body.size());
    const std::string_view tag = body.substr(0, end);
    if (!equal_ignoring_case(tag, "a") && !equal_ignoring_case(tag, "base")) continue;
    body.remove_prefix(end);
    if (++count > most_files) return Error{ErrorCode::damaged, "more than 1000000 links", page, "try another index"};
    std::string link;
    bool yanked = false;
    detail::each_attribute(body, [&](std::string_view attribute, std::string value) {
      if (equal_ignoring_case(attribute, "href")) link = std::move(value);
      yanked = yanked || equal_ignoring_case(attribute, "data-yanked");
    });
    if (tag.size() == 4) {
      if (const auto url = Url::parse(page); url)
        if (const auto joined = url->join(link); joined) base = joined->text();
      continue;
    }
    const std::string_view address = std::string_view{link}.substr(0, link.find('#'));
    const std::string_view target = address.substr(0, address.find('?'));
    auto wheel = detail::parse_wheel_name(percent_decode(target.substr(target.find_last_of('/') + 1)), name);
    if (!wheel || !detail::set_target(*wheel, link, base)) continue;
    wheel->yanked = yanked;
    const std::string_view fragment = std::string_view{link}.substr(std::min(address.size() + 1, link.size()));
    if (const auto equal = fragment.find('='); equal != fragment.npos)
      wheel->digest = detail::parse_hash(fragment.substr(0, equal), fragment.substr(equal + 1, fragment.find('&') - equal - 1));
    wheels.push_back(*std::move(wheel));
  }
  return wheels;
}

Result<std::vector<WheelFile>> list_wheels(HttpClient& client, const PipSettings& settings, const std::string& name) {
  std::vector<WheelFile> wheels;
  const auto add = [&](std::vector<WheelFile> more) { std::move(more.begin(), more.end(), std::back_inserter(wheels)); };
  const auto local = [](std::string_view address) {
    return std::filesystem::path{percent_decode(address.starts_with("file://") ? address.substr(7) : address)};
  };
  for (const std::string& index : settings.indexes) {
    if (!index.starts_with("http://") && !index.starts_with("https://")) {
      INGOT_TRY(auto more, detail::list_directory(local(index) / name, name));
      add(std::move(more));
      continue;
    }
    INGOT_TRY(const Url url, Url::parse(index));
    if (!url.user.empty() && !client.context().credentials.knows(url.origin))
      client.context().credentials.add(url.origin, "Authorization", basic_authorization(url.user));
    const std::string text = url.text();
    INGOT_TRY(auto more, detail::list_page(client, text + (text.ends_with('/') ? "" : "/") + name + "/", name));
    add(std::move(more));
  }
  for (const std::string& place : settings.find_links) {
    const bool remote = place.starts_with("http://") || place.starts_with("https://");
    INGOT_TRY(auto more, remote ? detail::list_page(client, place, name) : detail::list_directory(local(place), name));
    add(std::move(more));
  }
  return wheels;
}

Result<WheelFile> choose_wheel(const std::vector<WheelFile>& wheels, const std::string& name, const std::string& version) {
  const auto wanted = version.empty() ? std::nullopt : PythonVersion::parse(version);
  if (!version.empty() && !wanted) return Error{ErrorCode::usage, "no version is written like this", version, "write pypi:name==1.2.3"};
  const auto matches = [&](const WheelFile& wheel) {
    return wanted ? wheel.version == *wanted || (!wanted->has_local() && wheel.version.without_local() == *wanted) : !wheel.yanked;
  };
  const auto rank = [](const WheelFile& wheel) { return wheel.filename.ends_with("-none-any.whl"); };
  const WheelFile* best = nullptr;
  for (const WheelFile& wheel : wheels) {
    if (!matches(wheel)) continue;
    if (best == nullptr ||
        std::tuple{wheel.version.is_final(), wheel.version, rank(wheel)} > std::tuple{best->version.is_final(), best->version, rank(*best)})
      best = &wheel;
  }
  if (best != nullptr) return *best;
  std::string known;
  for (const WheelFile& wheel : wheels)
    if (known.size() < 200) known.append(known.empty() ? "" : ", ").append(escaped(wheel.version_text));
  return Error{ErrorCode::not_found, wheels.empty() ? "no index has wheels of this distribution" : "no wheel of this version",
               name + (version.empty() ? "" : "==" + version), known.empty() ? "check the name, and PIP_INDEX_URL" : "there are " + known};
}

}  // namespace ingot::acquire
