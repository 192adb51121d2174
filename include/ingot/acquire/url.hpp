// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/url.hpp: http and https addresses: parts, origin, relative references, percent-encoding.

#include <cstdint>
#include <string>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Whom a request goes to: what credentials, rate limits and connections belong to (RFC 6454).
struct Origin {
  std::string scheme, host;  ///< lower-case; an IPv6 host stands in brackets
  std::uint16_t port = 0;

  [[nodiscard]] bool operator==(const Origin&) const = default;
  [[nodiscard]] bool is_https() const noexcept { return scheme == "https"; }
  /// This machine itself by name or address: the only origin that plain http may carry credentials to.
  [[nodiscard]] bool is_loopback() const noexcept;
  /// "scheme://host:port", the port always written.
  [[nodiscard]] std::string text() const { return scheme + "://" + host + ":" + std::to_string(port); }
};

/// An absolute http or https address in normal form: lower-case scheme and host, no dot segments, no fragment.
struct Url {
  Origin origin;
  std::string user;   ///< "name" or "name:password", decoded; empty where there is none
  std::string path;   ///< begins with '/', percent-encoded as it came
  std::string query;  ///< without the '?', as it came

  /// Errors: usage (no absolute address, another scheme, control characters, longer than 16 KiB).
  [[nodiscard]] static Result<Url> parse(std::string_view text);
  /// `reference`, as a Location or Link header names it, resolved against this address (RFC 3986 section 5); its query is its own.
  /// Errors: as parse().
  [[nodiscard]] Result<Url> join(std::string_view reference) const;

  /// What is requested: without user, default port and fragment.
  [[nodiscard]] std::string text() const;
  /// For messages: text() without its query, which may be a signature.
  [[nodiscard]] std::string redacted() const;
};

/// RFC 3986: all but letters, digits, "-._~" and the characters in `safe` become %XX.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view safe = {});
/// %XX becomes its byte; malformed escapes stay as they are. The result may hold any byte: check it before it becomes a path.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace ingot::acquire
