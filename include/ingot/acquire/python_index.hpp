// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/python_index.hpp: the simple pages of Python indexes: which wheels of a distribution there are.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/pip_settings.hpp>
#include <ingot/acquire/python_version.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// One wheel on an index.
struct WheelFile {
  std::string filename;      ///< passed check_path(): no directories
  std::string version_text;  ///< as the file name spells it
  PythonVersion version;
  std::string url;             ///< http(s), or empty where it is a local file
  std::filesystem::path path;  ///< of an index that is a directory
  std::optional<Digest> digest;
  std::optional<std::uint64_t> size;
  bool yanked = false;
};

/// The wheels on a page in JSON (PEP 691) or HTML (PEP 503), of `name` (normalized); all else on it is skipped. Links are relative to
/// `page`, an http(s) address or a directory. Errors: damaged (no such page, over 1 000 000 files).
[[nodiscard]] Result<std::vector<WheelFile>> parse_index_json(std::string_view body, const std::string& page, std::string_view name);
[[nodiscard]] Result<std::vector<WheelFile>> parse_index_html(std::string_view body, const std::string& page, std::string_view name);

/// The wheels of `name` on all indexes; empty where none knows it. A user and password in an index's address go to that origin only.
/// Errors: network, forbidden (an index that refuses), damaged, those of parse_index_*().
[[nodiscard]] Result<std::vector<WheelFile>> list_wheels(HttpClient& client, const PipSettings& settings, const std::string& name);

/// The wheel to take: of `version` where one is asked for (yanked ones too), else of the newest final version that is not yanked (of the
/// newest pre-release where there is no other). Of several of a version the one for every platform goes first. Errors: not_found.
[[nodiscard]] Result<WheelFile> choose_wheel(const std::vector<WheelFile>& wheels, const std::string& name, const std::string& version);

}  // namespace ingot::acquire
