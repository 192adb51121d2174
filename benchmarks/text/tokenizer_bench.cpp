// SPDX-License-Identifier: Apache-2.0
// Text to ids and back in bytes of text a second: bench.text.tokenizer MODEL [DIRECTORY]. With a directory it times nothing and writes
// the texts there, each with its ids, for compare.py. Needs a tokenizer, which is too large to stand here.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <ingot/generation/text_assets.hpp>
#include <ingot/text/stream_decoder.hpp>

#include "texts.hpp"

namespace {

using ingot::text::Tokenizer;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

std::vector<std::int32_t> ids_of(const Tokenizer& tokenizer, const bench::Text& text) {
  auto ids = tokenizer.encode(text.text, false);
  if (!ids) stop(text.name + ": " + ids.error().what);
  return *std::move(ids);
}

void write(const std::string& path, const void* data, std::size_t size) {
  std::ofstream file{path, std::ios::binary};
  file.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
  if (!file.flush()) stop("cannot write " + path);
}

void set_speed(benchmark::State& state, const bench::Text& text) {
  state.counters["MB/s"] = benchmark::Counter(static_cast<double>(text.text.size()) * static_cast<double>(state.iterations()) / 1e6,
                                              benchmark::Counter::kIsRate);
}

void time(const Tokenizer& tokenizer, const bench::Text& text) {
  const std::vector<std::int32_t> ids = ids_of(tokenizer, text);
  const std::string decoded = tokenizer.decode(ids);
  if (decoded != text.text && ids_of(tokenizer, {text.name, decoded}) != ids) stop("wrong result, nothing timed: " + text.name);
  benchmark::RegisterBenchmark(("encode/" + text.name).c_str(), [&tokenizer, &text](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(ids_of(tokenizer, text));
    set_speed(state, text);
  })->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("decode/" + text.name).c_str(), [&tokenizer, &text, ids](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(tokenizer.decode(ids));
    set_speed(state, text);
  })->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2 && argc != 3) stop("usage: bench.text.tokenizer MODEL [DIRECTORY]");
  const auto assets = ingot::generation::open_text(argv[1]);
  if (!assets) stop(assets.error().where + ": " + assets.error().what);
  const std::vector<bench::Text> texts = bench::make_texts(1 << 20);
  for (const bench::Text& text : texts) {
    if (argc == 2) {
      time(assets->tokenizer, text);
      continue;
    }
    const std::string path = std::string{argv[2]} + "/" + text.name;
    const auto ids = ids_of(assets->tokenizer, text);
    write(path + ".txt", text.text.data(), text.text.size());
    write(path + ".ids", ids.data(), ids.size() * sizeof ids[0]);
  }
  if (argc == 2) benchmark::RunSpecifiedBenchmarks();
}
