// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/attention.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

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
      f.cache(kv).append(k.data(), v.data(), head, slot, page + key_offset, page + value_offset);
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
  f.cache(kv).attention(task, scratch.data());
  for (std::size_t i = scratch.size() - 16; i < scratch.size(); ++i) REQUIRE(scratch[i] == 777.0f);
}

struct Case {
  std::uint32_t rows, heads, position, window;
  HeadShape head;
  std::uint32_t chunk = 0, prefix = 0;
  float soft_cap = 0;
  bool alibi = false, sinks = false;
};

/// Whether row `i` sees key `j`, as the fields of a task say.
bool sees(const Case& c, std::size_t i, std::size_t j) {
  const std::size_t p = c.position + i;
  if (c.prefix != 0) return j < c.prefix || j <= p;
  return j <= p && (c.window == 0 || j + c.window > p) && (c.chunk == 0 || j / c.chunk == p / c.chunk);
}

void check(const Functions& f, const Scheme& kv, const Case& c, Random& random) {
  CAPTURE(f.isa);
  CAPTURE(to_string(kv));
  CAPTURE(c.rows);
  CAPTURE(c.heads);
  CAPTURE(c.position);
  CAPTURE(c.window);
  CAPTURE(c.head.key);
  CAPTURE(c.chunk);
  CAPTURE(c.prefix);
  CAPTURE(c.soft_cap);
  CAPTURE(c.alibi);
  CAPTURE(c.sinks);
  const std::size_t positions = std::max(c.position + c.rows, c.prefix);
  const Cache cache{f, kv, c.head, positions, random};
  const std::size_t query_stride = c.heads * c.head.key + 3, output_stride = c.heads * c.head.value + 5;
  auto queries = random.normals(c.rows * query_stride);
  if (c.soft_cap != 0)
    for (float& q : queries) q *= 2;  // so that the cap shows
  std::vector<float> output(c.rows * output_stride, -777.0f), slopes, sinks;
  for (std::uint32_t h = 0; h < c.heads; ++h) slopes.push_back(std::exp2(-8.0f * static_cast<float>(h + 1) / static_cast<float>(c.heads)));
  for (std::uint32_t h = 0; h < c.heads; ++h) sinks.push_back(c.sinks ? 3 * random.normal() : 0);
  const AttentionTask task{.queries = queries.data(),
                           .output = output.data(),
                           .query_stride = query_stride,
                           .output_stride = output_stride,
                           .rows = c.rows,
                           .heads = c.heads,
                           .head = c.head,
                           .position = c.position,
                           .window = c.window,
                           .chunk = c.chunk,
                           .prefix = c.prefix,
                           .scale = 1.0f / std::sqrt(static_cast<float>(c.head.key)),
                           .soft_cap = c.soft_cap,
                           .slopes = c.alibi ? slopes.data() : nullptr,
                           .sinks = c.sinks ? sinks.data() : nullptr,
                           .pages = cache.table.data(),
                           .key_offset = cache.key_offset,
                           .value_offset = cache.value_offset};
  attend(f, kv, task);

  double worst = 0;
  for (std::size_t i = 0; i < c.rows; ++i)
    for (std::size_t h = 0; h < c.heads; ++h) {
      const double cap = c.soft_cap, slope = slopes[h], sink = sinks[h];
      std::vector<double> p(positions, 0.0);
      double largest = c.sinks ? sink : -1e300;
      for (std::size_t j = 0; j < positions; ++j) {
        if (!sees(c, i, j)) continue;
        double dot = 0;
        for (std::size_t d = 0; d < c.head.key; ++d) dot += queries[i * query_stride + h * c.head.key + d] * cache.keys[j * c.head.key + d];
        p[j] = dot * static_cast<double>(task.scale);
        if (cap != 0) p[j] = cap * std::tanh(p[j] / cap);
        if (c.alibi) p[j] += slope * (static_cast<double>(j) - static_cast<double>(c.position + i));
        largest = std::max(largest, p[j]);
      }
      double sum = c.sinks ? std::exp(sink - largest) : 0;
      for (std::size_t j = 0; j < positions; ++j) sum += p[j] = sees(c, i, j) ? std::exp(p[j] - largest) : 0;
      for (std::size_t d = 0; d < c.head.value; ++d) {
        double expected = 0;
        for (std::size_t j = 0; j < positions; ++j)
          if (p[j] != 0) expected += p[j] / sum * cache.values[j * c.head.value + d];
        const double error = std::fabs(output[i * output_stride + h * c.head.value + d] - expected);
        if (!(error <= worst)) worst = error;  // NaN stays
      }
    }
  CHECK(worst < (kv.is_integer() ? 0.05 : c.head.key > 256 ? 4e-6 : 2e-6));  // int8: queries and weights are rounded, too
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
    f.cache(kv).attend_span(task, span, scratch.data(), &partials[(span - spans.first) * queries_of_span * stride]);
  std::vector<float> joined(output.size(), -777.0f);
  for (std::size_t q = 0; q < queries_of_span; ++q)
    f.join_spans(&partials[q * stride], spans.last - spans.first, queries_of_span * stride, c.head, task.sink(q % c.heads),
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

TEST_CASE("chunks, prefixes, soft caps, ALiBi and sinks follow their definitions, alone and together") {
  Random random{3};
  constexpr Case cases[] = {
      {.rows = 40, .heads = 2, .position = 50, .window = 0, .head = {16, 16}, .chunk = 24},
      {.rows = 70, .heads = 1, .position = 240, .window = 0, .head = {16, 16}, .chunk = 256},
      {.rows = 30, .heads = 3, .position = 500, .window = 20, .head = {8, 8}, .chunk = 32},
      {.rows = 20, .heads = 2, .position = 0, .window = 0, .head = {16, 16}, .prefix = 20},
      {.rows = 90, .heads = 1, .position = 30, .window = 0, .head = {24, 24}, .prefix = 75},
      {.rows = 3, .heads = 4, .position = 2, .window = 0, .head = {16, 8}, .prefix = 300},
      {.rows = 5, .heads = 2, .position = 290, .window = 0, .head = {16, 16}, .prefix = 100},
      {.rows = 30, .heads = 2, .position = 60, .window = 0, .head = {32, 32}, .soft_cap = 1.5f},
      {.rows = 1, .heads = 2, .position = 300, .window = 0, .head = {16, 16}, .soft_cap = 50.0f},
      {.rows = 40, .heads = 3, .position = 300, .window = 0, .head = {16, 16}, .alibi = true},
      {.rows = 4, .heads = 5, .position = 1, .window = 0, .head = {16, 16}, .prefix = 80, .alibi = true},
      {.rows = 50, .heads = 4, .position = 0, .window = 0, .head = {64, 64}, .sinks = true},
      {.rows = 1, .heads = 8, .position = 600, .window = 0, .head = {64, 64}, .sinks = true},
      {.rows = 40, .heads = 2, .position = 250, .window = 8, .head = {32, 24}, .sinks = true},
      {.rows = 33, .heads = 3, .position = 245, .window = 30, .head = {16, 16}, .soft_cap = 2.0f, .alibi = true},
      {.rows = 9,
       .heads = 2,
       .position = 500,
       .window = 64,
       .head = {16, 16},
       .chunk = 128,
       .soft_cap = 3.0f,
       .alibi = true,
       .sinks = true},
  };
  for (const Functions* f : runnable())
    for (const Scheme& kv : kernels::kv_schemes)
      for (const Case& c : cases) check(*f, kv, c, random);
}

TEST_CASE("keys wider than values and many queries on one head, as latent attention has them") {
  Random random{4};
  constexpr Case cases[] = {
      {1, 16, 70, 0, {576, 512}}, {1, 128, 10, 0, {576, 512}}, {5, 16, 255, 0, {576, 512}}, {3, 20, 65, 0, {192, 128}}};
  for (const Functions* f : runnable())
    for (const Scheme& kv : kernels::kv_schemes)
      for (const Case& c : cases) check(*f, kv, c, random);
}

TEST_CASE("a sink takes all, some or nothing, whatever its size") {
  Random random{5};
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const Functions* f : runnable()) {
    const Cache cache{*f, quant::f32, {16, 16}, 3, random};
    const auto queries = random.normals(16);
    const auto output_with = [&](const float* sink) {
      std::vector<float> output(16);
      attend(*f, quant::f32,
             {.queries = queries.data(),
              .output = output.data(),
              .query_stride = 16,
              .output_stride = 16,
              .rows = 1,
              .heads = 1,
              .head = {16, 16},
              .position = 2,
              .sinks = sink,
              .pages = cache.table.data(),
              .key_offset = cache.key_offset,
              .value_offset = cache.value_offset});
      return output;
    };
    const auto none = output_with(nullptr);
    for (const float nothing : {-infinity, -1e38f, -1e6f}) CHECK(output_with(&nothing) == none);
    for (const float all : {1e6f, 3e38f}) CHECK(output_with(&all) == std::vector<float>(16, 0.0f));
    // Spans in which nothing was seen: an output of 0, with a sink and without.
    const kernels::PartialLayout layout{{16, 16}};
    std::vector<float> empty(2 * layout.stride(), 0.0f), output(16, 1.0f);
    empty[layout.largest()] = empty[layout.stride() + layout.largest()] = -1e30f;
    for (const float sink : {kernels::no_sink, 0.0f, -3e38f}) {
      f->join_spans(empty.data(), 2, layout.stride(), {16, 16}, sink, output.data());
      CHECK(output == std::vector<float>(16, 0.0f));
    }
  }
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
