// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/url_definitions.hpp: url.hpp through libcurl's URL interface; ingot::acquire compiles it, once.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/url.hpp>

namespace ingot::acquire {

namespace detail {

inline constexpr std::size_t longest_url = std::size_t{16} << 10;

struct CloseUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, CloseUrl>;

[[nodiscard]] inline std::string url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* value = nullptr;
  if (curl_url_get(url, part, &value, flags) != CURLUE_OK) return {};
  std::string text{value};
  curl_free(value);
  return text;
}

[[nodiscard]] inline Error bad_url(std::string_view text, std::string_view why) {
  std::string shown{text.substr(0, std::min(text.find('?'), std::size_t{200}))};
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return {ErrorCode::usage, "not an http or https address: " + std::string{why}, std::move(shown), {}};
}

/// Sets `text` on `url`, which may hold the address it is relative to.
[[nodiscard]] inline Status set_url(CURLU* url, std::string_view text, unsigned flags) {
  if (url == nullptr) return Error{ErrorCode::other, "libcurl is out of memory", {}, {}};
  if (text.size() > longest_url) return bad_url(text, "too long");
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return bad_url(text, "control characters");
  if (const CURLUcode code = curl_url_set(url, CURLUPART_URL, std::string{text}.c_str(), flags); code != CURLUE_OK)
    return bad_url(text, curl_url_strerror(code));
  return {};
}

[[nodiscard]] inline Result<Url> url_of(CURLU* parts, std::string_view text) {
  Url url;
  url.origin.scheme = url_part(parts, CURLUPART_SCHEME);
  url.origin.host = url_part(parts, CURLUPART_HOST);
  for (std::string* name : {&url.origin.scheme, &url.origin.host}) std::ranges::transform(*name, name->begin(), ascii_lower);
  if (url.origin.scheme != "http" && url.origin.scheme != "https") return bad_url(text, "another scheme");
  if (url.origin.host.empty()) return bad_url(text, "no host");
  const std::string port = url_part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (std::from_chars(port.data(), port.data() + port.size(), url.origin.port).ec != std::errc{} || url.origin.port == 0)
    return bad_url(text, "no port");
  url.user = url_part(parts, CURLUPART_USER, CURLU_URLDECODE);
  if (const std::string password = url_part(parts, CURLUPART_PASSWORD, CURLU_URLDECODE); !password.empty()) url.user += ":" + password;
  url.path = url_part(parts, CURLUPART_PATH);
  url.query = url_part(parts, CURLUPART_QUERY);
  if (url.path.empty()) url.path = "/";
  // libcurl decodes a host after it has normalized it: http://%31/ has the host "1" now and 0.0.0.1 when text() is read.
  const CurlUrl again{curl_url()};
  INGOT_CHECK(set_url(again.get(), url.text(), 0));
  if (url_part(again.get(), CURLUPART_HOST) != url.origin.host) return bad_url(text, "an encoded host");
  return url;
}

}  // namespace detail

bool Origin::is_loopback() const noexcept {
  const bool address = host.starts_with("127.") && std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); }) &&
                       std::ranges::count(host, '.') == 3;
  return address || host == "localhost" || host == "[::1]";
}

Result<Url> Url::parse(std::string_view text) {
  const detail::CurlUrl parts{curl_url()};
  if (text.find("://") == std::string_view::npos) return detail::bad_url(text, "no scheme");
  INGOT_CHECK(detail::set_url(parts.get(), text, CURLU_URLENCODE));
  return detail::url_of(parts.get(), text);
}

Result<Url> Url::join(std::string_view reference) const {
  const detail::CurlUrl parts{curl_url()};
  INGOT_CHECK(detail::set_url(parts.get(), text(), 0));
  INGOT_CHECK(detail::set_url(parts.get(), reference, CURLU_URLENCODE));
  return detail::url_of(parts.get(), reference);
}

std::string Url::text() const { return redacted() + (query.empty() ? "" : "?" + query); }

std::string Url::redacted() const {
  const bool usual = origin.port == (origin.is_https() ? 443 : 80);
  return origin.scheme + "://" + origin.host + (usual ? "" : ":" + std::to_string(origin.port)) + path;
}

std::string percent_encode(std::string_view text, std::string_view safe) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved =
        (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved || safe.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace ingot::acquire
