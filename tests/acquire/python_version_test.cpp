// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/python_version.hpp>

#include <array>
#include <string>

#include <doctest/doctest.h>

using ingot::acquire::PythonVersion;

TEST_CASE("versions in the order of PEP 440") {
  constexpr std::array ordered{
      "1.0.dev456",    "1.0a1",         "1.0a2.dev456", "1.0a12.dev456", "1.0a12",    "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456",
      "1.0b2.post345", "1.0rc1.dev456", "1.0rc1",       "1.0",           "1.0+abc.5", "1.0+abc.7",    "1.0+5", "1.0.post456.dev34",
      "1.0.post456",   "1.1.dev1",      "1.9",          "1.10",          "2025.1",    "1!0.1"};
  for (std::size_t i = 0; i < ordered.size(); ++i)
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      INFO(ordered[i], " against ", ordered[j]);
      CHECK(((*PythonVersion::parse(ordered[i]) <=> *PythonVersion::parse(ordered[j])) == (i <=> j)));
    }
}

TEST_CASE("spellings of one version") {
  for (const auto& same : {std::pair{"1.0", "1"},
                           {"v1.0", "1.0.0"},
                           {"1.0-alpha.2", "1.0a2"},
                           {"1.0-1", "1.0.post1"},
                           {"1.0c1", "1.0rc1"},
                           {"1.0PREVIEW3", "1.0rc3"},
                           {"1.0-r4", "1.0.post4"},
                           {"1.0dev", "1.0.dev0"},
                           {" 1.0 ", "1.0"},
                           {"1.0+A_b", "1.0+a.b"}})
    CHECK_MESSAGE(PythonVersion::parse(same.first) == PythonVersion::parse(same.second), same.first);
}

TEST_CASE("no versions") {
  for (const char* text : {"", "a", "1.", "1..0", "1.0x", "1.0+", "1.0a1b1", "99999999999999999999999", "1.0 2", "!1", "1!"})
    CHECK_MESSAGE(!PythonVersion::parse(text), text);
  CHECK(!PythonVersion::parse("1.0rc1")->is_final());
  CHECK(!PythonVersion::parse("1.0.dev1")->is_final());
  CHECK(PythonVersion::parse("1.0.post1")->is_final());
}
