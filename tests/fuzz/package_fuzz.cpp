// SPDX-License-Identifier: Apache-2.0
// Any bytes as weights.safetensors: opened as a package, and every matrix that is accepted is read to its last weight.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <ingot/quant/package.hpp>
#include <ingot/quant/unpack.hpp>

namespace {

using namespace ingot;
using namespace ingot::quant;

/// A directory whose weights file is in memory: a disk would cost more than all the parsing. Gone when the process ends.
struct Workplace {
  std::filesystem::path directory;
  int memory = ::memfd_create("weights", MFD_CLOEXEC);
  Workplace() {
    std::string name = (std::filesystem::temp_directory_path() / "ingot-fuzz-XXXXXX").string();
    if (memory < 0 || ::mkdtemp(name.data()) == nullptr) std::abort();
    directory = name;
    std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(memory), directory / weights_file);
  }
  ~Workplace() { std::filesystem::remove_all(directory); }
  void fill(const std::string& bytes) const {
    const bool done = ::ftruncate(memory, static_cast<::off_t>(bytes.size())) == 0 &&
                      ::pwrite(memory, bytes.data(), bytes.size(), 0) == static_cast<::ssize_t>(bytes.size());
    if (!done) std::abort();
  }
};

/// A header with the digest it should have passes the check that only accidents fail.
std::string with_right_digest(std::string bytes, const std::filesystem::path& path) {
  const auto weights = checkpoint::open_safetensors(path);
  if (!weights) return bytes;
  std::vector<StoredTensor> tensors;
  for (const auto& tensor : weights->tensors)
    if (!tensor.name.starts_with(checkpoint::padding_prefix)) tensors.push_back({tensor.name, tensor.type, tensor.shape});
  const auto stored = weights->metadata.find(metadata_key::header);
  if (stored == weights->metadata.end() || stored->second.size() != 16) return bytes;
  const auto at = bytes.find(stored->second);
  return at == std::string::npos ? bytes : bytes.replace(at, 16, header_digest(weights->metadata, tensors));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Workplace workplace;
  const auto path = workplace.directory / weights_file;
  std::string bytes{reinterpret_cast<const char*>(data), size};
  for (int pass = 0; pass < 2; ++pass) {
    workplace.fill(bytes);
    if (const auto package = Package::open(workplace.directory)) {
      for (const auto& [name, matrix] : package->matrices()) {
        std::vector<float> row(matrix.columns);
        for (std::size_t r = 0; r < matrix.rows; ++r) unpack_row(matrix, r, row);
      }
      volatile float last = 0;
      for (const auto& [name, vector] : package->vectors())
        if (!vector.empty()) last = vector.back();
      (void)last;
    }
    bytes = with_right_digest(std::move(bytes), path);
  }
  return 0;
}
