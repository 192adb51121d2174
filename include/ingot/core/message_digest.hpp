// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/message_digest.hpp: a digest of any algorithm in the making, of bytes or of a file, through OpenSSL's libcrypto.

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

/// Lower-case hexadecimal, two characters a byte.
[[nodiscard]] inline std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

/// A digest in the making, of the algorithm given: EVP_sha256(), EVP_sha1(), EVP_md5(). Move-only.
class MessageDigest {
 public:
  explicit MessageDigest(const EVP_MD* algorithm) : context_{EVP_MD_CTX_new()} {
    done_ = context_ != nullptr && algorithm != nullptr && EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1;
  }

  void update(std::span<const std::byte> bytes) noexcept {
    done_ = done_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  void update(std::string_view text) noexcept { update(std::as_bytes(std::span{text})); }

  /// Of all bytes so far, into `out`, which is as long as the algorithm's digests; once.
  /// Errors: other (OpenSSL lacks the memory or, in a restricted configuration, the algorithm).
  [[nodiscard]] Status finish(std::span<std::uint8_t> out) {
    done_ = done_ && static_cast<std::size_t>(EVP_MD_CTX_get_size(context_.get())) == out.size() &&
            EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1;
    if (!done_) return Error{ErrorCode::other, "OpenSSL could not compute the digest", {}, {}};
    return {};
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  bool done_ = false;  // every step so far
};

/// `digest.update()` of a whole file, read in pieces of 1 MiB. Errors: not_found, disk, cancelled.
template <class Digest>
[[nodiscard]] Status update_from_file(Digest& digest, const std::filesystem::path& path, const Cancellation* cancellation = nullptr) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error("cannot open the file", path, errno);
  struct Close {
    int file;
    ~Close() { ::close(file); }
  } const close{file};
  Buffer<std::byte> piece{std::size_t{1} << 20};
  for (;;) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    const ssize_t size = ::read(file, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("cannot read the file", path, errno);
    if (size == 0) return {};
    digest.update({piece.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace ingot
