// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/all.hpp>

#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace ingot::model::families;

namespace {
template <class... Families>
void check_apart(List<Families...>) {
  std::set<std::string_view> names, types;
  std::size_t expected = 0;
  const auto add = [&]<class F>() {
    CHECK(names.insert(F::name).second);
    for (const std::string_view type : F::model_types) {
      CAPTURE(type);
      CHECK(types.insert(type).second);
      ++expected;
    }
  };
  (add.template operator()<Families>(), ...);
  CHECK(types.size() == expected);
}
}  // namespace

TEST_CASE("no two families have a name or a model_type in common") { check_apart(All{}); }

TEST_CASE("every model_type finds its family") {
  for (const std::string_view type : {"llama", "qwen3_moe", "chatglm", "chatglm-6b", "deepseek_v3-halves", "gemma3_text", "bert"}) {
    bool knows = false;
    CHECK(All::visit(type, [&]<class F>() {
      for (const std::string_view own : F::model_types) knows = knows || own == type;
    }));
    CHECK(knows);
  }
  CHECK_FALSE(All::visit("no such model", []<class F>() {}));
}
