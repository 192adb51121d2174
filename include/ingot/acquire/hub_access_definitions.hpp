// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/hub_access_definitions.hpp: endpoints and tokens found.

#include <algorithm>
#include <string>
#include <utility>

#include <openssl/evp.h>

#include <ingot/acquire/hub_access.hpp>
#include <ingot/core/config_file.hpp>

namespace ingot::acquire {
namespace detail {

[[nodiscard]] inline Result<Url> parse_endpoint(std::string_view text, std::string_view source) {
  auto url = Url::parse(text);
  if (!url || !url->query.empty() || !url->user.empty())
    return Error{ErrorCode::usage, "no endpoint is written like this", std::string{source}, "write https://HOST"};
  while (url->path.ends_with('/')) url->path.pop_back();
  return *std::move(url);
}

/// A header carries printable ASCII only; more would let a file write headers.
[[nodiscard]] inline Status set_token(HubAccess& access, std::string_view text, std::string source) {
  access.token = trimmed(text.substr(0, text.find('\n')));
  access.token_source = std::move(source);
  const bool printable = std::all_of(access.token.begin(), access.token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  if (!printable || access.token.size() > 4096)
    return Error{ErrorCode::usage, "no token: it holds spaces or control characters", access.token_source, "write the token alone into it"};
  return {};
}

[[nodiscard]] inline Status find_hugging_face_token(HubAccess& access, const Environment& environment) {
  if (environment.is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return {};
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
    if (const auto value = environment.find(name)) return set_token(access, *value, name);
  const auto named = environment.find("HF_TOKEN_PATH");
  const std::filesystem::path path = named ? environment.expand(*named) : hugging_face_home(environment) / "token";
  if (!is_file(path)) return {};
  INGOT_TRY(const std::string text, read_config_file(path));
  return set_token(access, text, path.string());
}

[[nodiscard]] inline std::optional<std::string> scope_endpoint(const Environment& environment) {
  if (auto endpoint = environment.find("MODELSCOPE_ENDPOINT")) return endpoint;
  const auto domain = environment.find("MODELSCOPE_DOMAIN");
  if (domain && domain->find("://") == domain->npos) return "https://" + *domain;
  return domain;
}

/// ModelScope's two sites, each with models that the other lacks.
[[nodiscard]] inline Status choose_scope_site(HubAccess& access, const std::optional<Url>& named, const Environment& environment) {
  INGOT_TRY(access.endpoint, parse_endpoint("https://modelscope.cn", {}));
  INGOT_TRY(access.second, parse_endpoint("https://www.modelscope.ai", {}));
  const bool international = named ? named->origin.host.ends_with("modelscope.ai") : environment.is_true("MODELSCOPE_PREFER_AI_SITE");
  if (international) std::swap(access.endpoint, *access.second);
  if (named) access.second.reset();
  return {};
}

}  // namespace detail

std::string HubAccess::url(std::string_view path) const {
  std::string text = endpoint.text();
  while (text.ends_with('/')) text.pop_back();
  return text.append(path);
}

void HubAccess::grant(HttpContext& context) const {
  if (token.empty()) return;
  context.credentials.add(endpoint.origin, "Authorization", "Bearer " + token);
  if (session_cookie) context.credentials.add(endpoint.origin, "Cookie", "m_session_id=" + token);
}

std::string HubAccess::token_text() const { return token.empty() ? "without a token" : "with the token of " + token_source; }

std::string basic_authorization(std::string_view user) {
  std::string encoded((user.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), reinterpret_cast<const unsigned char*>(user.data()),
                                   static_cast<int>(user.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return "Basic " + encoded;
}

std::filesystem::path hugging_face_home(const Environment& environment) {
  const auto home = environment.find("HF_HOME");
  return home ? environment.expand(*home) : environment.cache_home() / "huggingface";
}

Result<HubAccess> hub_access(const Reference& reference, const AccessOptions& options, const Environment& environment) {
  const bool scope = reference.hub == Hub::model_scope;
  HubAccess access;
  access.session_cookie = scope;
  std::string configured = options.endpoint, source = "--endpoint";
  if (configured.empty()) {
    configured =
        scope ? detail::scope_endpoint(environment).value_or("") : environment.find("HF_ENDPOINT").value_or("https://huggingface.co");
    source = scope ? "MODELSCOPE_ENDPOINT" : "HF_ENDPOINT";
  }
  std::optional<Url> named;  // by a reference that is a URL
  if (!reference.endpoint.empty()) {
    INGOT_TRY(named, detail::parse_endpoint(reference.endpoint, reference.endpoint));
  }
  if (scope && configured.empty()) {
    INGOT_CHECK(detail::choose_scope_site(access, named, environment));
  } else {
    INGOT_TRY(access.endpoint, detail::parse_endpoint(configured, source));
  }
  bool trusted = true;
  if (named) {
    const std::string& host = named->origin.host;
    const bool hub_itself =
        host == "huggingface.co" || host == "hf.co" || host.ends_with("modelscope.cn") || host.ends_with("modelscope.ai");
    // A well-known address means the hub, for which a mirror may be configured.
    if (!hub_itself && named->origin != access.endpoint.origin) {
      access.endpoint = *named;
      trusted = false;
    }
  }
  if (!options.token_file.empty()) {
    INGOT_TRY(const std::string text, read_config_file(options.token_file));
    INGOT_CHECK(detail::set_token(access, text, options.token_file.string()));
  } else if (trusted && scope) {
    if (const auto token = environment.find("MODELSCOPE_API_TOKEN")) INGOT_CHECK(detail::set_token(access, *token, "MODELSCOPE_API_TOKEN"));
  } else if (trusted) {
    INGOT_CHECK(detail::find_hugging_face_token(access, environment));
  }
  return access;
}

}  // namespace ingot::acquire
