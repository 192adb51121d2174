// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/attention.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;
using kernels::AttentionTask;
using kernels::HeadShape;

namespace {

/// One KV head of a sequence: plain keys and values, and the pages that append() filled. Unwritten bytes are NaN.
struct Cache {
  HeadShape head;
  Scheme scheme;
  std::size_t positions, key_offset = 128, value_offset;
  std::vector<double> keys, values;
  std::vector<Buffer<std::byte>> pages;
  std::vector<const std::byte*> table;

  Cache(const Functions& f, const Scheme& kv, HeadShape shape, std::size_t count, Random& random)
      : head{shape}, scheme{kv}, positions{count}, value_offset{key_offset + kernels::key_bytes(kv, shape)} {
    for (std::size_t p = 0; p < positions; ++p) {
      if (p % 64 == 0) {
        pages.emplace_back(value_offset + kernels::value_bytes(kv, head));
        std::memset(pages.back().data(), 0xff, pages.back().size());
        table.push_back(pages.back().data());
      }
      const auto k = random.normals(head.key), v = random.normals(head.value);
      for (const float x : k) keys.push_back(stored(x));
      for (const float x : v) values.push_back(stored(x));
      std::byte* page = pages.back().data();
      const auto slot = static_cast<std::uint32_t>(p % 64);
      f.cache[kernels::kv_index(kv)].append(k.data(), v.data(), head, slot, page + key_offset, page + value_offset);
      if (kv.is_integer()) check_codes(k, v, slot);
    }
  }
  [[nodiscard]] double stored(float x) const { return scheme == quant::bf16 ? to_float(to_bf16(x)) : x; }

  /// int8: replaces the last key and value by what the page says they are, within half a step of what they were.
  void check_codes(const std::vector<float>& k, const std::vector<float>& v, std::uint32_t slot) {
    const quant::PackedLayout key_plane = kernels::key_layout(scheme, head), value_plane = kernels::value_layout(scheme, head);
    const std::byte *key_page = pages.back().data() + key_offset, *value_page = pages.back().data() + value_offset;
    const double key_scale = to_float(read<f16>(key_page + key_plane.quant_bytes() + key_plane.scale_offset(slot, 0) + slot % 16 * 2));
    const double value_scale = read<float>(value_page + value_plane.quant_bytes() + 4 * slot);
    for (std::uint32_t d = 0; d < head.key; ++d) {
      double& key = keys[keys.size() - head.key + d];
      const double reference = read<float>(key_page + kernels::reference_offset(scheme, head) + 4 * d);
      key = reference + key_scale * (std::to_integer<int>(key_page[key_plane.quant_offset(slot, d)]) - 128);
      REQUIRE(std::fabs(key - static_cast<double>(k[d])) <= 0.5001 * key_scale);
    }
    for (std::uint32_t d = 0; d < head.value; ++d) {
      double& value = values[values.size() - head.value + d];
      value = value_scale * (std::to_integer<int>(value_page[value_plane.quant_offset(d, slot)]) - 128);
      REQUIRE(std::fabs(value - static_cast<double>(v[d])) <= 0.5001 * value_scale);
    }
  }
};

void attend(const Functions& f, const Scheme& kv, const AttentionTask& task) {
  Buffer<float> scratch{kernels::attention_scratch(task.head) + 16};
  for (float& s : scratch) s = 777.0f;
  f.cache[kernels::kv_index(kv)].attention(task, scratch.data());
  for (std::size_t i = scratch.size() - 16; i < scratch.size(); ++i) REQUIRE(scratch[i] == 777.0f);
}

struct Case {
  std::uint32_t rows, heads, position, window;
  HeadShape head;
};

void check(const Functions& f, const Scheme& kv, const Case& c, Random& random) {
  CAPTURE(f.isa);
  CAPTURE(to_string(kv));
  CAPTURE(c.rows);
  CAPTURE(c.heads);
  CAPTURE(c.position);
  CAPTURE(c.window);
  CAPTURE(c.head.key);
  const Cache cache{f, kv, c.head, c.position + c.rows, random};
  const std::size_t query_stride = c.heads * c.head.key + 3, output_stride = c.heads * c.head.value + 5;
  const auto queries = random.normals(c.rows * query_stride);
  std::vector<float> output(c.rows * output_stride, -777.0f);
  const AttentionTask task{.queries = queries.data(),
                           .output = output.data(),
                           .query_stride = query_stride,
                           .output_stride = output_stride,
                           .rows = c.rows,
                           .heads = c.heads,
                           .head = c.head,
                           .position = c.position,
                           .window = c.window,
                           .scale = 1.0f / std::sqrt(static_cast<float>(c.head.key)),
                           .pages = cache.table.data(),
                           .key_offset = cache.key_offset,
                           .value_offset = cache.value_offset};
  attend(f, kv, task);

  double worst = 0;
  for (std::size_t i = 0; i < c.rows; ++i)
    for (std::size_t h = 0; h < c.heads; ++h) {
      const std::size_t last = c.position + i, first = c.window != 0 && last + 1 > c.window ? last + 1 - c.window : 0;
      std::vector<double> p;
      for (std::size_t j = first; j <= last; ++j) {
        double dot = 0;
        for (std::size_t d = 0; d < c.head.key; ++d) dot += queries[i * query_stride + h * c.head.key + d] * cache.keys[j * c.head.key + d];
        p.push_back(dot * static_cast<double>(task.scale));
      }
      const double largest = *std::max_element(p.begin(), p.end());
      double sum = 0;
      for (double& x : p) sum += x = std::exp(x - largest);
      for (std::size_t d = 0; d < c.head.value; ++d) {
        double expected = 0;
        for (std::size_t j = first; j <= last; ++j) expected += p[j - first] / sum * cache.values[j * c.head.value + d];
        worst = std::max(worst, std::fabs(output[i * output_stride + h * c.head.value + d] - expected));
      }
    }
  CHECK(worst < (kv.is_integer() ? 0.05 : 2e-6));  // int8: queries and weights are rounded, too
  for (std::size_t i = 0; i < c.rows; ++i)
    for (std::size_t g = c.heads * c.head.value; g < output_stride; ++g) REQUIRE(output[i * output_stride + g] == -777.0f);

  // Row by row: the same bits, or chunked prefill would not equal prefill at once.
  std::vector<float> single(output.size(), -777.0f);
  for (std::uint32_t i = 0; i < c.rows; ++i) {
    AttentionTask row = task;
    row.rows = 1, row.position += i, row.queries += i * query_stride, row.output = single.data() + i * output_stride;
    attend(f, kv, row);
  }
  CHECK(single == output);

  // Span by span, as decode computes it: the same bits.
  const kernels::SpanRange spans = kernels::spans_of(task);
  const std::size_t stride = kernels::PartialLayout{c.head}.stride(), queries_of_span = std::size_t{c.rows} * c.heads;
  Buffer<float> partials{(spans.last - spans.first) * queries_of_span * stride}, scratch{kernels::attention_scratch(c.head)};
  for (std::uint32_t span = spans.first; span < spans.last; ++span)
    f.cache[kernels::kv_index(kv)].attend_span(task, span, scratch.data(), &partials[(span - spans.first) * queries_of_span * stride]);
  std::vector<float> joined(output.size(), -777.0f);
  for (std::size_t q = 0; q < queries_of_span; ++q)
    f.join_spans(&partials[q * stride], spans.last - spans.first, queries_of_span * stride, c.head,
                 &joined[q / c.heads * output_stride + q % c.heads * c.head.value]);
  CHECK(joined == output);
}

}  // namespace

TEST_CASE("attention equals softmax(q k) v in double precision") {
  Random random{1};
  constexpr Case cases[] = {
      {1, 1, 0, 0, {8, 8}},       {1, 3, 63, 0, {64, 64}},    {1, 3, 64, 0, {64, 64}},     {5, 2, 60, 0, {16, 16}},
      {70, 3, 0, 0, {64, 64}},    {33, 4, 100, 0, {80, 80}},  {17, 1, 500, 0, {128, 128}}, {3, 7, 129, 0, {96, 40}},
      {2, 8, 30, 0, {1, 3}},      {4, 2, 300, 0, {256, 256}}, {40, 2, 100, 16, {32, 32}},  {100, 1, 0, 65, {24, 24}},
      {1, 4, 1000, 64, {64, 64}}, {9, 3, 190, 1, {16, 8}},    {130, 1, 0, 200, {8, 8}},    {49, 1, 10, 7, {33, 17}},
  };
  for (const Functions* f : runnable())
    for (const Scheme& kv : kernels::kv_schemes)
      for (const Case& c : cases) check(*f, kv, c, random);
}

TEST_CASE("large scores neither overflow nor lose the small ones") {
  Random random{2};
  for (const Functions* f : runnable()) {
    const Cache cache{*f, quant::f32, {16, 16}, 130, random};
    auto queries = random.normals(16);
    for (float& q : queries) q *= 1000;
    std::vector<float> output(16);
    attend(*f, quant::f32,
           {.queries = queries.data(),
            .output = output.data(),
            .query_stride = 16,
            .output_stride = 16,
            .rows = 1,
            .heads = 1,
            .head = {16, 16},
            .position = 129,
            .pages = cache.table.data(),
            .key_offset = cache.key_offset,
            .value_offset = cache.value_offset});
    for (const float x : output) CHECK(std::isfinite(x));
  }
}
