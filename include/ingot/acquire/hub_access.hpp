// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/hub_access.hpp: which endpoint of a hub is asked, and with which token: options, environment, files.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/url.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// How a hub is asked.
struct HubAccess {
  Url endpoint;                 ///< its path has no trailing slash: "" or "/prefix"
  std::optional<Url> second;    ///< ModelScope's other site, where nobody said which: for what the endpoint does not have
  std::string token;            ///< empty: anonymous
  std::string token_source;     ///< for messages: "HF_TOKEN", "/home/me/.cache/huggingface/token"; never the token
  bool session_cookie = false;  ///< ModelScope wants the token as the cookie m_session_id, too

  /// endpoint + `path`, which begins with a slash and is encoded.
  [[nodiscard]] std::string url(std::string_view path) const;
  /// Puts the token where the client finds it: for the endpoint's origin, and nowhere else.
  void grant(HttpContext& context) const;
  /// "with the token of HF_TOKEN" or "without a token".
  [[nodiscard]] std::string token_text() const;
};

/// What a caller says instead of the environment; empty parts are not said.
struct AccessOptions {
  std::string endpoint;              ///< for every request, mirrors included
  std::filesystem::path token_file;  ///< its first line, trimmed
};

/// The access to the hub of `reference`:
/// hugging_face and mlc: HF_ENDPOINT; HF_TOKEN, HUGGING_FACE_HUB_TOKEN, the file HF_TOKEN_PATH or $HF_HOME/token, unless
/// HF_HUB_DISABLE_IMPLICIT_TOKEN. model_scope: MODELSCOPE_ENDPOINT, MODELSCOPE_DOMAIN, else modelscope.cn and then modelscope.ai, the other
/// way round with MODELSCOPE_PREFER_AI_SITE; MODELSCOPE_API_TOKEN. A reference that is a URL names its own endpoint; the environment's
/// token is for the configured one only. Errors: usage (no http address, a token that no header can carry), not_found, disk (the token
/// file).
[[nodiscard]] Result<HubAccess> hub_access(const Reference& reference, const AccessOptions& options, const Environment& environment);

/// The value of an Authorization header for "user:password" (RFC 7617).
[[nodiscard]] std::string basic_authorization(std::string_view user);

/// $HF_HOME, else $XDG_CACHE_HOME/huggingface, else ~/.cache/huggingface.
[[nodiscard]] std::filesystem::path hugging_face_home(const Environment& environment);

}  // namespace ingot::acquire
