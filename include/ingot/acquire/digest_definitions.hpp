// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/digest_definitions.hpp: digest.hpp; ingot::acquire compiles it, once.

#include <array>
#include <string>
#include <system_error>

#include <openssl/evp.h>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/headers.hpp>

namespace ingot::acquire {

namespace detail {
[[nodiscard]] inline const EVP_MD* algorithm(Hash hash) noexcept {
  switch (hash) {
    case Hash::sha256:
      return EVP_sha256();
    case Hash::git_blob:
    case Hash::sha1:
      return EVP_sha1();
    case Hash::md5:
      return EVP_md5();
  }
  return nullptr;
}
}  // namespace detail

std::optional<Digest> Digest::parse(Hash hash, std::string_view hex) {
  if (hex.size() != 2 * digest_size(hash)) return {};
  Digest digest{hash, std::string{hex}};
  for (char& c : digest.hex) {
    c = ascii_lower(c);
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return {};
  }
  return digest;
}

Hasher::Hasher(Hash hash, std::uint64_t size) : hash_{hash}, digest_{detail::algorithm(hash)} {
  if (hash == Hash::git_blob) digest_.update("blob " + std::to_string(size) + std::string(1, '\0'));
}

Result<Digest> Hasher::finish() {
  std::array<std::uint8_t, 32> bytes;
  const auto digest = std::span{bytes}.first(digest_size(hash_));
  INGOT_CHECK(digest_.finish(digest));
  return Digest{hash_, to_hex(digest)};
}

Result<Digest> digest_file(const std::filesystem::path& path, Hash hash, const Cancellation* cancellation) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return system_error("cannot read the file", path, error.value());
  Hasher hasher{hash, size};
  INGOT_CHECK(update_from_file(hasher, path, cancellation));
  return hasher.finish();
}

}  // namespace ingot::acquire
