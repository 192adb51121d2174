// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/reference.hpp: what names a model on a hub, in a Python index, in a Git host or on the disk.

#include <cstdint>
#include <string>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Where a model comes from.
enum class Hub : std::uint8_t {
  hugging_face,  ///< hf:owner/name, HF://owner/name, https://huggingface.co/owner/name
  model_scope,   ///< ms:owner/name, https://modelscope.cn/models/owner/name
  mlc,           ///< mlc:owner/name: a Hugging Face repository whose manifest lists its shards
  python_index,  ///< pypi:distribution
  path,          ///< file:PATH, or a path as it is
};

/// A reference, taken apart. Every part is safe to put into a URL (encoded) and into a path.
struct Reference {
  Hub hub = Hub::path;
  std::string name;      ///< owner/name; a distribution's normalized name; a path
  std::string revision;  ///< branch, tag, commit or version; empty: the hub's own default
  std::string quant;     ///< of hf: and ms:, which GGUF file of several: Q4_K_M; empty: not said
  std::string endpoint;  ///< scheme://host[:port] of a URL; empty: the configured endpoint
  std::string file;      ///< the one file that a URL names (/blob/ or /resolve/); empty: all

  /// As it is written: `hf:owner/name:Q4_K_M@revision`.
  [[nodiscard]] std::string text() const;
};

/// Takes `text` apart:
///   hf:owner/name[:QUANT][@revision]   hf://owner/name[@revision]   https://HOST/owner/name[/tree/revision]
///   ms:owner/name[:QUANT][@revision]   mlc:owner/name[@revision]    pypi:name[==version | @version]
///   file:PATH   file:///PATH   PATH
/// Asks nobody. Errors: usage (unknown scheme, a name or revision that no hub has).
[[nodiscard]] Result<Reference> parse_reference(std::string_view text);

/// Whether `text` begins with a scheme of a hub: it is to be fetched, not opened.
[[nodiscard]] bool is_remote(std::string_view text) noexcept;

/// A distribution's name as indexes spell it (PEP 503): lower case, runs of `-`, `_` and `.` are one `-`.
[[nodiscard]] std::string normalized_distribution(std::string_view name);

}  // namespace ingot::acquire
