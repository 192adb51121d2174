// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/digest.hpp: the digests hubs publish (SHA-256, SHA-1, git blob, MD5), parsed and computed while bytes arrive.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/message_digest.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// In falling order of trust: MD5 finds accidents only.
enum class Hash : std::uint8_t {
  sha256,
  git_blob,  ///< SHA-1 of "blob <size>\0" and the bytes: what git and the hubs call a plain file's oid; needs the size beforehand
  sha1,
  md5,
};

[[nodiscard]] constexpr std::string_view name(Hash hash) noexcept {
  constexpr std::array<std::string_view, 4> names{"sha256", "git-blob-sha1", "sha1", "md5"};
  return names[static_cast<std::size_t>(hash)];
}
/// Bytes of a digest.
[[nodiscard]] constexpr std::size_t digest_size(Hash hash) noexcept {
  constexpr std::array<std::size_t, 4> sizes{32, 20, 20, 16};
  return sizes[static_cast<std::size_t>(hash)];
}

/// A digest of a known algorithm, in lower-case hexadecimal.
struct Digest {
  Hash hash = Hash::sha256;
  std::string hex;

  [[nodiscard]] bool operator==(const Digest&) const = default;
  /// "sha256:9f86…".
  [[nodiscard]] std::string text() const { return std::string{name(hash)} + ":" + hex; }

  /// Exactly the algorithm's number of hexadecimal digits, in either case; nothing for all else, so a parsed digest is a safe file name.
  [[nodiscard]] static std::optional<Digest> parse(Hash hash, std::string_view hex);
};

/// Computes one digest of a stream. Move-only.
class Hasher {
 public:
  /// `size`: of the whole stream; git_blob's prefix holds it, the others ignore it.
  Hasher(Hash hash, std::uint64_t size);

  void update(std::span<const std::byte> bytes) noexcept { digest_.update(bytes); }
  /// Of all bytes so far; once. Errors: other (OpenSSL lacks memory or algorithm).
  [[nodiscard]] Result<Digest> finish();

 private:
  Hash hash_;
  MessageDigest digest_;
};

/// The digest of a file. Errors: not_found, disk, cancelled, other.
[[nodiscard]] Result<Digest> digest_file(const std::filesystem::path& path, Hash hash, const Cancellation* cancellation = nullptr);

}  // namespace ingot::acquire
