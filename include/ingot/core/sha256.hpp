// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/sha256.hpp: SHA-256 of bytes and files, through OpenSSL's libcrypto.

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <ingot/core/buffer.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// Lower-case hexadecimal, 64 characters.
[[nodiscard]] inline std::string to_hex(const Sha256Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

/// A digest in the making. Move-only.
class Sha256 {
 public:
  Sha256() : context_{EVP_MD_CTX_new()} { done_ = context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1; }

  void update(std::span<const std::byte> bytes) noexcept {
    done_ = done_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  void update(std::string_view text) noexcept { update(std::as_bytes(std::span{text})); }

  /// Of all bytes so far; once. Errors: other (OpenSSL lacks the memory or, in a restricted configuration, the algorithm).
  [[nodiscard]] Result<Sha256Digest> finish() {
    Sha256Digest digest;
    done_ = done_ && EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1;
    if (!done_) return Error{ErrorCode::other, "OpenSSL could not compute a SHA-256", {}, {}};
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  bool done_ = false;  // every step so far
};

/// Errors: as Sha256::finish().
[[nodiscard]] inline Result<Sha256Digest> sha256(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

/// The digest of a whole file, read in pieces of 1 MiB. Errors: not_found, disk, cancelled, and as above.
[[nodiscard]] inline Result<Sha256Digest> sha256_file(const std::filesystem::path& path, const Cancellation* cancellation = nullptr) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error("cannot open the file", path, errno);
  struct Close {
    int file;
    ~Close() { ::close(file); }
  } const close{file};
  Buffer<std::byte> piece{std::size_t{1} << 20};
  Sha256 digest;
  for (;;) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    const ssize_t size = ::read(file, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("cannot read the file", path, errno);
    if (size == 0) return digest.finish();
    digest.update({piece.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace ingot
