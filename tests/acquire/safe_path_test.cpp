// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/safe_path.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("names that may be written") {
  for (const char* name : {"a", "config.json", "sub/dir/model-00001-of-00002.safetensors", ".gitattributes", "caf\xC3\xA9.json", "a b.txt",
                           "console.txt", "com.json", "nulls", ".github/x"})
    CHECK_MESSAGE(check_path(name), name);
}

TEST_CASE("names that may not") {
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "d/";
  for (const std::string& name : {std::string{},
                                  std::string{"/etc/x"},
                                  std::string{"../x"},
                                  std::string{"a/../../x"},
                                  std::string{"a/.."},
                                  std::string{"."},
                                  std::string{"a//b"},
                                  std::string{"a/"},
                                  std::string{"C:\\x"},
                                  std::string{"C:/x"},
                                  std::string{"\\\\h\\s\\x"},
                                  std::string{"a\\..\\b"},
                                  std::string{"x:stream"},
                                  std::string{"CON"},
                                  std::string{"sub/com1.json"},
                                  std::string{"nul.tar.gz"},
                                  std::string{"LPT\xC2\xB9"},
                                  std::string{"aux .txt"},
                                  std::string{"x."},
                                  std::string{"x "},
                                  std::string{"a\0b", 3},
                                  std::string{"a\x1B[31m"},
                                  std::string{"a\x7F"},
                                  std::string{"a\xC2\x85"},
                                  std::string{"bad\xFF"},
                                  std::string{"\xC0\xAF"},
                                  std::string(256, 'n'),
                                  deep + "x",
                                  std::string(4097, 'x'),
                                  std::string{".git/config"},
                                  std::string{"sub/.GIT"},
                                  std::string{".cache/huggingface/x"},
                                  std::string{".Cache/HuggingFace"},
                                  std::string{".staging/x"},
                                  std::string{".msc"},
                                  std::string{".mdl"},
                                  std::string{"._____temp/x"}}) {
    const auto status = check_path(name);
    REQUIRE_MESSAGE(!status, escaped(name));
    CHECK(status.error().code == ErrorCode::damaged);
  }
}

TEST_CASE("names that are one file on some system") {
  using Names = std::vector<std::string>;
  for (const Names& names : {Names{"A", "a"}, Names{"a", "a"}, Names{"a", "a/b"}, Names{"a/b", "A"}, Names{"caf\xC3\xA9", "cafe\xCC\x81"},
                             Names{"stra\xC3\x9F"
                                   "e",
                                   "STRASSE"},
                             Names{"D/x", "d/y"}, Names{"x/D/a", "x/d/b"}})
    CHECK(!check_paths(names));
  CHECK(check_paths(Names{"a", "b", "c/a", "c/b", "c/d/e"}));
  CHECK(check_paths(Names{}));
  const auto status = check_paths(Names{"ok", "B/x", "b"});
  REQUIRE(!status);
  CHECK(status.error().where == "b and B/x");
}

TEST_CASE("names in messages are printable, and of long ones begin and end are seen") {
  CHECK(escaped("a\x1B[31m\n\xC3\xA9") == "a\\x1b[31m\\x0a\\xc3\\xa9");
  const std::string shown = escaped("begin" + std::string(1000, '/') + "end.json");
  CHECK(shown.size() < 200);
  CHECK(shown.starts_with("begin"));
  CHECK(shown.ends_with("end.json"));
}
