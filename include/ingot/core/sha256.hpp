// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/sha256.hpp: SHA-256 of bytes and files.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include <ingot/core/message_digest.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// A digest in the making. Move-only.
class Sha256 : public MessageDigest {
 public:
  Sha256() : MessageDigest{EVP_sha256()} {}

  /// Of all bytes so far; once. Errors: as MessageDigest::finish().
  [[nodiscard]] Result<Sha256Digest> finish() {
    Sha256Digest digest;
    INGOT_CHECK(MessageDigest::finish(digest));
    return digest;
  }
};

/// Errors: as Sha256::finish().
[[nodiscard]] inline Result<Sha256Digest> sha256(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

/// The digest of a whole file. Errors: not_found, disk, cancelled, and as above.
[[nodiscard]] inline Result<Sha256Digest> sha256_file(const std::filesystem::path& path, const Cancellation* cancellation = nullptr) {
  Sha256 digest;
  INGOT_CHECK(update_from_file(digest, path, cancellation));
  return digest.finish();
}

}  // namespace ingot
