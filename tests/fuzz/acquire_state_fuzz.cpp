// SPDX-License-Identifier: Apache-2.0
// Any bytes as what stands beside models: a lock file, the index of verified files, a ref, a file's metadata in a local directory.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

#include <ingot/acquire/local_directory.hpp>
#include <ingot/acquire/lock_file.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/verified_index.hpp>

namespace {
using namespace ingot::acquire;

/// A directory that the process removes when it ends.
struct Scratch {
  std::filesystem::path root = std::filesystem::temp_directory_path() / ("ingot-state-fuzz-" + std::to_string(::getpid()));
  Scratch() { std::filesystem::create_directories(root / ".cache/huggingface/refs"); }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto file = scratch.root / "state";
  const LocalDirectory local{scratch.root};
  for (const auto& path : {file, scratch.root / ".cache/huggingface/refs/main"}) std::ofstream{path, std::ios::binary} << text;

  if (const auto lock = LockFile::read(file); lock && *lock)
    for (const LockedFile& locked : (*lock)->files)
      if (!check_path(locked.path) || locked.sha256.hex.size() != 64) std::abort();
  const auto index = VerifiedIndex::open(file);
  if (const auto identity = identity_of(file))
    if (const auto digest = index.find(*identity, Hash::sha256); digest && digest->hex.size() != 64) std::abort();
  if (const auto commit = local.records().commit_of("main"); commit && !check_path(*commit)) std::abort();
  return 0;
}
