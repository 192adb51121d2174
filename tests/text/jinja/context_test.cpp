// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/context.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("documents become values") {
  CHECK(shown(value_of_json(R"({"b": [1, -2, 2.5, 1e3, "é\n", true, null], "a": {}})", "d")) ==
        "{'b': [1, -2, 2.5, 1000.0, 'é\\n', True, None], 'a': {}}");
  CHECK(shown(value_of_json(R"({"a": 1, "b": 2, "a": 3})", "d")) == "{'a': 3, 'b': 2}");
  CHECK(shown(value_of_json("5", "d")) == "5");
}

TEST_CASE("numbers are read as Python reads them") {
  CHECK(shown(value_of_json("[9223372036854775807, 9223372036854775808, 18446744073709551616, -123456789012345678901234567890]", "d")) ==
        "[9223372036854775807, 9223372036854775808, 18446744073709551616, -123456789012345678901234567890]");
  CHECK(shown(value_of_json("[1e400, -1e400, 1e-400, 0.1, -0.0, 1.0, 12345678901234567890.5]", "d")) ==
        "[inf, -inf, 0.0, 0.1, -0.0, 1.0, 1.2345678901234567e+19]");
  CHECK(shown(value_of_json(R"(["*number*1", "a\"123456789012345678901", 1111111111111111111111])", "d")) ==
        "['*number*1', 'a\"123456789012345678901', 1111111111111111111111]");
}

TEST_CASE("what is no JSON is an error that names the document") {
  for (const char* bad : {"", "{", "[1,]", "{'a': 1}", "01", "[012345678901234567890123]", "1111111111111111111111.",
                          "[1111111111111111111111e]", "--111111111111111111111", "\"\\ud800\"", "[1 2]", "nul"})
    CHECK(shown(value_of_json(bad, "file.json")).find("file.json") != std::string::npos);
  CHECK_FALSE(value_of_json(std::string(100'000, '['), "d"));
  CHECK_FALSE(value_of_json(std::string(5'000, '9'), "d"));
}
