// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/pip_settings.hpp>

#include <filesystem>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using ingot::acquire::pip_settings;

namespace {

/// A home with pip's user file, and nothing of the machine's.
std::map<std::string, std::string, std::less<>> home(const test::TemporaryDirectory& directory, const std::string& configuration) {
  std::filesystem::create_directories(directory.path() / ".config/pip");
  directory.write(".config/pip/pip.conf", configuration);
  return {{"HOME", directory.path().string()}, {"XDG_CONFIG_DIRS", directory.path().string()}};
}

}  // namespace

TEST_CASE("without configuration there is one index") {
  const auto settings = pip_settings(test::environment_of({{"PIP_CONFIG_FILE", "/dev/null"}}));
  REQUIRE(settings.indexes.size() == 1);
  CHECK(settings.indexes[0] == "https://pypi.org/simple");
  CHECK(settings.find_links.empty());
}

TEST_CASE("files: sections, comments, continued lines, spellings") {
  const test::TemporaryDirectory directory;
  auto variables =
      home(directory,
           "# a comment\n[global]\nindex_url = https://a/simple\nextra-index-url =\n    https://b/simple\n    https://c/simple\n"
           "cert: /ca.pem\nproxy = http://proxy:3128\nfind-links = /wheels\n[install]\nindex-url = https://wrong\n");
  auto settings = pip_settings(test::environment_of(variables));
  REQUIRE(settings.indexes.size() == 3);
  CHECK(settings.indexes[0] == "https://a/simple");
  CHECK(settings.indexes[2] == "https://c/simple");
  CHECK(settings.certificates == "/ca.pem");
  CHECK(settings.proxy == "http://proxy:3128");
  CHECK(settings.find_links == std::vector<std::string>{"/wheels"});

  variables["PIP_CONFIG_FILE"] = directory.write("own.conf", "[download]\nindex-url = https://own/simple\n").string();
  CHECK(pip_settings(test::environment_of(variables)).indexes[0] == "https://own/simple");
  variables["PIP_INDEX_URL"] = "https://variable/simple";
  CHECK(pip_settings(test::environment_of(variables)).indexes[0] == "https://variable/simple");
  CHECK(pip_settings(test::environment_of(variables), "https://option/simple").indexes ==
        std::vector<std::string>{"https://option/simple"});
  variables["PIP_PROXY"] = "http://other:1";
  CHECK(pip_settings(test::environment_of(variables)).proxy == "http://other:1");
  variables["PIP_NO_INDEX"] = "1";
  CHECK(pip_settings(test::environment_of(variables)).indexes.empty());
  variables["PIP_CONFIG_FILE"] = "/dev/null";
  CHECK(pip_settings(test::environment_of(variables)).find_links.empty());
}
