// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/credentials.hpp: which header fields may go to which origin, and to no other.

#include <string>
#include <utility>
#include <vector>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/url.hpp>

namespace ingot::acquire {

/// A table from origin (scheme, host and port) to secret header fields. Whoever sends a request asks it anew for every hop, so a
/// redirect, a Link header or an LFS href elsewhere never carries a token along.
class Credentials {
 public:
  /// E.g. add(origin, "Authorization", "Bearer hf_…"). Plain http is only ever served on loopback.
  void add(Origin origin, std::string name, std::string value) {
    entries_.push_back({std::move(origin), {std::move(name), std::move(value)}});
  }

  /// Sets on `headers` what belongs to `origin`.
  void apply(const Origin& origin, Headers& headers) const {
    if (!origin.is_https() && !origin.is_loopback()) return;
    for (const auto& [owner, field] : entries_)
      if (owner == origin) headers.set(field.name, field.value);
  }
  /// Whether apply() would set anything.
  [[nodiscard]] bool knows(const Origin& origin) const {
    Headers headers;
    apply(origin, headers);
    return headers.size() != 0;
  }

 private:
  std::vector<std::pair<Origin, Header>> entries_;
};

}  // namespace ingot::acquire
