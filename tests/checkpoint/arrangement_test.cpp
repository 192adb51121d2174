// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/arrangement.hpp>

#include <list>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>
#include <ingot/checkpoint/decode.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
/// Tensors of f32 in which every element is its own position.
struct Stored {
  std::list<std::vector<float>> values;
  std::vector<TensorInfo> tensors;

  Stored& add(std::string name, std::vector<std::size_t> shape) {
    const std::size_t count = std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>{});
    values.emplace_back(count);
    std::iota(values.back().begin(), values.back().end(), 0.0f);
    tensors.push_back({.name = std::move(name), .shape = std::move(shape), .bytes = std::as_bytes(std::span{values.back()}), .file = "f"});
    return *this;
  }
  Arrangement arrange() { return Arrangement{*TensorIndex::create({}, std::move(tensors))}; }
};

std::vector<float> values(const TensorIndex& index, std::string_view name) {
  const TensorInfo* tensor = index.find(name);
  REQUIRE_MESSAGE(tensor != nullptr, std::string{name});
  std::vector<float> out(tensor->elements());
  REQUIRE(decode_rows(*tensor, 0, tensor->rows(), out));
  return out;
}

/// What a matrix of `columns` columns has in these of its rows.
std::vector<float> rows(std::size_t columns, const std::vector<std::size_t>& of) {
  std::vector<float> out;
  for (const std::size_t row : of)
    for (std::size_t c = 0; c < columns; ++c) out.push_back(static_cast<float>(row * columns + c));
  return out;
}

Error failure(Arrangement arrangement) {
  const auto index = std::move(arrangement).finish();
  REQUIRE(!index);
  return index.error();
}
}  // namespace

TEST_CASE("names change by whole components, and prefixes come and go") {
  Stored stored;
  stored.add("language_model.model.layers.10.ln_1.weight", {2}).add("language_model.model.layers.10.ln_1.bias", {2});
  stored.add("language_model.model.layers.1.ln_10.weight", {2}).add("visual.patch.weight", {2}).add("wte.weight", {3, 2});
  auto arrangement = stored.arrange();
  arrangement.rename("language_model", "").drop("visual").rename("model.layers.#.ln_1", "model.layers.#.input_layernorm");
  arrangement.rename("wte", "model.embed_tokens").copy("model.embed_tokens", "lm_head").rename("nothing", "at.all");
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  CHECK(index->size() == 5);
  CHECK(index->find("model.layers.10.input_layernorm.weight") != nullptr);
  CHECK(index->find("model.layers.10.input_layernorm.bias") != nullptr);
  CHECK(index->find("model.layers.1.ln_10.weight") != nullptr);
  CHECK(values(*index, "lm_head.weight") == values(*index, "model.embed_tokens.weight"));

  Stored bare;
  auto prefixed = std::move(bare.add("layers.0.x.weight", {2}).add("norm.weight", {2}).arrange().rename("", "model")).finish();
  REQUIRE(prefixed);
  CHECK(prefixed->find("model.layers.0.x.weight") != nullptr);
  CHECK(prefixed->find("model.norm.weight") != nullptr);
}

TEST_CASE("two tensors that come to have one name are an error") {
  Stored stored;
  const auto error = failure(std::move(stored.add("a.weight", {2}).add("b.weight", {2}).arrange().rename("a", "b")));
  CHECK(error.message() == "two tensors have this name: f: b.weight");
}

TEST_CASE("fused matrices and their biases come apart") {
  Stored stored;
  stored.add("h.0.qkv.weight", {8, 3}).add("h.0.qkv.bias", {8}).add("h.1.qkv.weight", {4, 3});
  const auto split = [](std::uint32_t layer) {
    const std::size_t heads = layer == 0 ? 2 : 1;
    return Split{1, {{"h.#.q", 2 * heads}, {"", heads}, {"h.#.v", heads}}};
  };
  const auto index = std::move(stored.arrange().split("h.#.qkv", split)).finish();
  REQUIRE(index);
  CHECK(index->size() == 6);  // of three tensors two parts each; one has no name
  CHECK(values(*index, "h.0.q.weight") == rows(3, {0, 1, 2, 3}));
  CHECK(values(*index, "h.0.v.weight") == rows(3, {6, 7}));
  CHECK(values(*index, "h.0.v.bias") == std::vector<float>{6, 7});
  CHECK(values(*index, "h.1.v.weight") == rows(3, {3}));
  Stored large;
  CHECK(failure(std::move(large.add("h.99999999999.qkv.weight", {4, 3}).arrange().split("h.#.qkv", split))).code == ErrorCode::damaged);
}

TEST_CASE("parts of each head, of each group of heads and of pairs of rows") {
  Stored stored;
  stored.add("h.0.qkv.weight", {12, 2}).add("h.0.qkv.bias", {12}).add("l.0.wqkv.weight", {8, 2}).add("g.weight", {6, 2});
  auto arrangement = stored.arrange();
  arrangement.split("h.#.qkv", Split{2, {{"h.#.q", 2}, {"h.#.k", 2}, {"h.#.v", 2}}});
  arrangement.split("l.#.wqkv", Split{2, {{"l.#.q", 2}, {"l.#.k", 1}, {"l.#.v", 1}}});
  arrangement.split("g", Split{3, {{"gate", 1}, {"up", 1}}});
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  CHECK(values(*index, "h.0.q.weight") == rows(2, {0, 1, 6, 7}));
  CHECK(values(*index, "h.0.v.weight") == rows(2, {4, 5, 10, 11}));
  CHECK(values(*index, "h.0.k.bias") == std::vector<float>{2, 3, 8, 9});
  CHECK(values(*index, "l.0.q.weight") == rows(2, {0, 1, 4, 5}));
  CHECK(values(*index, "l.0.v.weight") == rows(2, {3, 7}));
  CHECK(values(*index, "up.weight") == rows(2, {1, 3, 5}));
}

TEST_CASE("a part can be taken apart once more, where that is a selection") {
  Stored stored;
  auto arrangement = stored.add("qg.weight", {12, 1}).arrange();
  arrangement.split("qg", Split{1, {{"q", 8}, {"g", 4}}}).split("q", Split{2, {{"a", 1}, {"b", 3}}});
  arrangement.split("b", Split{2, {{"b0", 1}, {"b1", 2}}});
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  CHECK(values(*index, "a.weight") == rows(1, {0, 4}));
  CHECK(values(*index, "b1.weight") == rows(1, {2, 3, 6, 7}));
  Stored twice;
  auto again = twice.add("w.weight", {12, 1}).arrange();
  again.split("w", Split{3, {{"u", 3}, {"v", 1}}}).split("u", Split{1, {{"x", 4}, {"y", 5}}});
  const auto error = failure(std::move(again));
  CHECK(error.code == ErrorCode::unsupported);
  CHECK(error.where == "f: u.weight");
}

TEST_CASE("rows of heads that rotate pairs are picked before they are put in order") {
  Stored stored;
  stored.add("qk.weight", {8, 1});
  stored.tensors.front().permutation = {4};
  const auto index = std::move(stored.arrange().split("qk", Split{1, {{"q", 4}, {"k", 4}}})).finish();
  REQUIRE(index);
  CHECK(values(*index, "k.weight") == std::vector<float>{4, 6, 5, 7});
}

TEST_CASE("experts in one tensor: stacked, interleaved, transposed, with biases") {
  for (const bool transposed : {false, true})
    for (const bool interleaved : {false, true}) {
      Stored stored;
      stored.add("l.5.gate_up", transposed ? std::vector<std::size_t>{3, 2, 4} : std::vector<std::size_t>{3, 4, 2});
      stored.add("l.5.gate_up_bias", {3, 4}).add("l.5.down", {3, 2, 2});
      auto arrangement = stored.arrange();
      arrangement.experts("l.#.gate_up", {"l.#.experts.#.gate.weight", "l.#.experts.#.up.weight"}, {transposed, interleaved});
      arrangement.experts("l.#.gate_up_bias", {"l.#.experts.#.gate.bias", "l.#.experts.#.up.bias"}, {transposed, interleaved});
      arrangement.experts("l.#.down", {"l.#.experts.#.down.weight"}, {transposed, interleaved});
      const auto index = std::move(arrangement).finish();
      REQUIRE(index);
      CHECK(index->size() == 15);
      for (std::size_t expert = 0; expert < 3; ++expert) {
        const std::string name = "l.5.experts." + std::to_string(expert) + ".";
        std::vector<float> up, bias, down;
        for (std::size_t row = 0; row < 2; ++row) {
          const std::size_t out = interleaved ? 2 * row + 1 : 2 + row;
          for (std::size_t column = 0; column < 2; ++column) {
            up.push_back(static_cast<float>(expert * 8 + (transposed ? column * 4 + out : out * 2 + column)));
            down.push_back(static_cast<float>(expert * 4 + (transposed ? column * 2 + row : row * 2 + column)));
          }
          bias.push_back(static_cast<float>(expert * 4 + out));
        }
        CHECK(index->find(name + "up.weight")->shape == std::vector<std::size_t>{2, 2});
        CHECK(values(*index, name + "up.weight") == up);
        CHECK(values(*index, name + "up.bias") == bias);
        CHECK(values(*index, name + "down.weight") == down);
      }
    }
}

TEST_CASE("latent attention: keys head by head transposed, values as they are") {
  const std::size_t heads = 3, nope = 2, value = 3, latent = 4;
  Stored stored;
  stored.add("l.0.kv_b_proj.weight", {heads * (nope + value), latent});
  const auto index = std::move(stored.arrange().split_latent("l.#.kv_b_proj", heads, nope, value, "l.#.key_up", "l.#.value_up")).finish();
  REQUIRE(index);
  CHECK(index->find("l.0.key_up.weight")->shape == std::vector<std::size_t>{heads * latent, nope});
  CHECK(index->find("l.0.value_up.weight")->shape == std::vector<std::size_t>{heads * value, latent});
  const auto key = values(*index, "l.0.key_up.weight");
  for (std::size_t h = 0; h < heads; ++h)
    for (std::size_t i = 0; i < latent; ++i)
      for (std::size_t d = 0; d < nope; ++d)
        CHECK(key[(h * latent + i) * nope + d] == static_cast<float>((h * (nope + value) + d) * latent + i));
  CHECK(values(*index, "l.0.value_up.weight") == rows(latent, {2, 3, 4, 7, 8, 9, 12, 13, 14}));
}

TEST_CASE("edits, convolutions and transposed matrices") {
  Stored stored;
  stored.add("l.0.norm.weight", {3})
      .add("head.weight", {1, 2})
      .add("l.0.conv1d.weight", {4, 1, 3})
      .add("p.weight", {2, 3})
      .add("p.bias", {3});
  auto arrangement = stored.arrange();
  arrangement.add_one("l.#.norm").normalize_rows("head").flatten("l.#.conv1d").transpose("p");
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  CHECK(values(*index, "l.0.norm.weight") == std::vector<float>{1, 2, 3});
  CHECK(values(*index, "head.weight") == std::vector<float>{0, 1});
  CHECK(index->find("l.0.conv1d.weight")->shape == std::vector<std::size_t>{4, 3});
  CHECK(values(*index, "p.bias") == std::vector<float>{0, 1, 2});
  CHECK(values(*index, "p.weight") == std::vector<float>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("shapes that contradict the config are refused, with the tensor's name") {
  const std::size_t huge = static_cast<std::size_t>(-1) / 2;
  const auto split = [](Split how, std::vector<std::size_t> shape) {
    Stored stored;
    return failure(std::move(stored.add("w.weight", std::move(shape)).arrange().split("w", how)));
  };
  const Error error = split({2, {{"a", 2}, {"b", 3}}}, {9, 1});
  CHECK(error.code == ErrorCode::damaged);
  CHECK(error.message().find("its 9 rows are not 2 times 2 + 3: f: w.weight") == 0);
  CHECK(split({1, {{"a", huge}, {"b", huge}, {"c", 8}}}, {6}).code == ErrorCode::damaged);
  CHECK(split({huge, {{"a", 2}, {"b", 2}}}, {4, 1}).code == ErrorCode::damaged);
  CHECK(split({1, {{"a", 0}, {"b", 4}}}, {4, 1}).code == ErrorCode::damaged);
  CHECK(split({1, {{"a", 2}, {"b", 2}}}, {4, 1, 2}).code == ErrorCode::damaged);
  CHECK(split({1, {{"a", 1}}}, {}).code == ErrorCode::damaged);
  CHECK(split({0, {}}, {0, 1}).code == ErrorCode::damaged);

  Stored odd;
  CHECK(failure(std::move(odd.add("e", {2, 3, 2}).arrange().experts("e", {"e.#.a", "e.#.b"}))).code == ErrorCode::damaged);
  Stored latent;
  CHECK(failure(std::move(latent.add("kv.weight", {9, 2}).arrange().split_latent("kv", 2, 2, 3, "k", "v"))).code == ErrorCode::damaged);
  Stored none;
  CHECK(failure(std::move(none.add("kv.weight", {8, 2}).arrange().split_latent("kv", 2, huge, huge + 6, "k", "v"))).code ==
        ErrorCode::damaged);
}

TEST_CASE("a header of many experts that are not there makes no endless list") {
  const std::vector<std::byte> bytes(tensor_limit + 1);
  TensorInfo tensor{.name = "e", .type = ElementType::u8, .shape = {tensor_limit + 1, 1, 1}, .bytes = bytes, .file = "f"};
  CHECK(failure(std::move(Arrangement{*TensorIndex::create({}, {tensor})}.experts("e", {"e.#"}))).code == ErrorCode::damaged);
  tensor.shape = {static_cast<std::size_t>(-1), 0, 1}, tensor.bytes = {};
  CHECK(failure(std::move(Arrangement{*TensorIndex::create({}, {tensor})}.experts("e", {"e.#"}))).code == ErrorCode::damaged);
  tensor.shape = {tensor_limit, 1, 1}, tensor.bytes = std::span{bytes}.first(tensor_limit);
  const auto error = failure(std::move(Arrangement{*TensorIndex::create({}, {tensor, {.name = "f"}})}.experts("e", {"e.#", "f.#"})));
  CHECK(error.code == ErrorCode::damaged);
}
