// SPDX-License-Identifier: Apache-2.0
// Attention of one layer: decode as a percentage of a read sweep over the same bytes, prefill of the float multiply-add peak.
#include <cmath>
#include <string>
#include <vector>

#include <ingot/kernels/probe.hpp>

#include "interleaved.hpp"

namespace {

using namespace ingot;

// Qwen3-0.6B
constexpr std::uint32_t width = 128, kv_heads = 8, group = 2;

/// Rows of queries, the first at `position`.
struct Shape {
  std::uint32_t rows, position;
};

/// One sequence of random keys, and of values that are all 1, so that every output must be.
class Cache {
 public:
  template <Scheme KV>
  static Cache make(const kernels::Functions& f, std::uint32_t positions) {
    const kernels::HeadShape head{width, width};
    Cache cache;
    cache.head_bytes_ = kernels::key_bytes(KV, head) + kernels::value_bytes(KV, head);
    const std::size_t pages = divide_up(positions, kernels::page_positions);
    cache.memory_ = Buffer<std::byte>{pages * kv_heads * cache.head_bytes_};
    for (std::size_t p = 0; p < pages; ++p) cache.table_.push_back(cache.memory_.data() + p * kv_heads * cache.head_bytes_);
    std::vector<float> key(head.key), value(head.value);
    std::uint32_t state = 1;
    const auto random = [&state] { return static_cast<float>((state = state * 1664525u + 1013904223u) >> 16 & 1023u) / 512.0f - 1.0f; };
    for (std::uint32_t position = 0; position < positions; ++position)
      for (std::uint32_t h = 0; h < kv_heads; ++h) {
        for (float& x : key) x = random();
        for (float& x : value) x = 1.0f;
        std::byte* keys = cache.memory_.data() + (position / kernels::page_positions * kv_heads + h) * cache.head_bytes_;
        f.cache(KV).append(key.data(), value.data(), head, position % kernels::page_positions, keys, keys + kernels::key_bytes(KV, head));
      }
    return cache;
  }
  [[nodiscard]] const std::byte* const* table() const { return table_.data(); }
  [[nodiscard]] std::size_t head_bytes() const { return head_bytes_; }
  [[nodiscard]] std::size_t bytes() const { return memory_.size(); }

 private:
  Buffer<std::byte> memory_;
  std::vector<const std::byte*> table_;
  std::size_t head_bytes_ = 0;
};

template <Scheme KV>
void attention(benchmark::State& state, const kernels::Functions& f, Shape shape) {
  const std::uint32_t rows = shape.rows, position = shape.position;
  const kernels::HeadShape head{width, width};
  const Cache cache = Cache::make<KV>(f, position + rows);
  const std::size_t stride = kv_heads * group * width;
  std::vector<float> queries(rows * stride), output(rows * stride);
  for (std::size_t i = 0; i < queries.size(); ++i) queries[i] = std::sin(static_cast<float>(i));
  std::vector<Buffer<float>> scratch;
  for (std::uint32_t i = 0; i < bench::team().size(); ++i) scratch.emplace_back(kernels::attention_scratch(head));
  kernels::AttentionTask task;
  task.query_stride = task.output_stride = stride;
  task.rows = rows, task.heads = group, task.head = head, task.position = position, task.scale = 0.088388f, task.pages = cache.table();
  const auto run = [&] {
    bench::team().run([&](Lane& lane) {
      kernels::AttentionTask own = task;
      const Slice heads = lane.slice(kv_heads);
      for (std::size_t h = heads.begin; h < heads.end; ++h) {
        own.queries = queries.data() + h * group * width, own.output = output.data() + h * group * width;
        own.key_offset = h * cache.head_bytes(), own.value_offset = own.key_offset + kernels::key_bytes(KV, own.head);
        f.cache(KV).attention(own, scratch[lane.rank()].data());
      }
    });
  };
  run();
  for (const float x : output) bench::verify(std::fabs(x - 1.0f) < (KV.is_integer() ? 2e-2f : 1e-5f), "attention");
  if (rows == 1) {
    bench::interleave(state, static_cast<double>(cache.bytes()), run, [&] {  // the keys and values themselves are swept
      return static_cast<double>(cache.bytes()) / kernels::detail::seconds(bench::team(), [&](Lane& lane) {
               const Slice part = lane.slice(cache.bytes(), 4096);
               benchmark::DoNotOptimize(f.read_sweep(cache.table()[0] + part.begin, part.size()));
             });
    });
  } else {
    const double pairs = rows * (position + (rows + 1) / 2.0);
    bench::interleave(state, pairs * kv_heads * group * 2 * width, run, [&] { return kernels::fma_peak(bench::team(), f); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* isa : bench::isas)
    if (const kernels::Functions* f = kernels::find_functions(isa))
      for (const Shape shape : {Shape{512, 0}, Shape{64, 2048}, Shape{1, 2048}, Shape{1, 16000}}) {
        const std::string name = "/rows:" + std::to_string(shape.rows) + "/position:" + std::to_string(shape.position);
        const auto add = [&]<Scheme KV>(const char* kv) {
          benchmark::RegisterBenchmark((std::string(isa) + kv + name).c_str(),
                                       [=](benchmark::State& state) { attention<KV>(state, *f, shape); })
              ->UseManualTime()
              ->Unit(benchmark::kMicrosecond)
              ->MinTime(0.1);
        };
        add.operator()<quant::f32>("/f32");
        add.operator()<quant::bf16>("/bf16");
        add.operator()<kernels::int8_kv>("/int8");
      }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
