// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/measurement.hpp: one speed test of a model, between probes of the machine's limits.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ingot/kernels/probe.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/open.hpp>

#include "support/program.hpp"
#include "support/resident_memory.hpp"

namespace program {

namespace model = ingot::model;
namespace kernels = ingot::kernels;
using Clock = std::chrono::steady_clock;

inline double seconds(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// Tokens without meaning: speed does not depend on them.
inline std::vector<std::int32_t> some_tokens(std::uint32_t count, std::uint32_t vocabulary) {
  std::vector<std::int32_t> tokens(count);
  for (std::uint32_t i = 0; i < count; ++i) tokens[i] = static_cast<std::int32_t>((std::uint64_t{i} * 7919 + 13) % vocabulary);
  return tokens;
}

/// One test on an opened model: `count` tokens at `depth`, as one prompt or `together` in each step: one by one, or as drafts are
/// verified, with the logits of all of them.
struct Test {
  bool prefill;
  std::uint32_t count, depth, together = 1;
};

inline ingot::Result<double> run_once(model::Model& m, const Test& test, std::vector<float>& logits) {
  constexpr std::uint32_t chunk = 512;
  const auto sequence = m.cache().create();
  const auto tokens = some_tokens(test.depth + test.count, m.config().shape.vocabulary);
  model::Batch batch;
  const auto compute = [&](std::uint32_t from, std::uint32_t count, model::Batch::Logits wanted) -> ingot::Status {
    batch.clear();
    batch.add(sequence, from, std::span{tokens}.subspan(from, count), wanted);
    return m.step(batch, std::span{logits}.first(batch.logit_rows().size() * m.config().shape.vocabulary));
  };
  for (std::uint32_t i = 0; i < test.depth; i += chunk)
    INGOT_CHECK(compute(i, std::min(chunk, test.depth - i), model::Batch::Logits::none));
  const auto start = Clock::now();
  const std::uint32_t step = test.prefill ? chunk : test.together, end = test.depth + test.count;
  for (std::uint32_t i = test.depth; i < end; i += step) {
    INGOT_CHECK(cancellation.check());
    const auto wanted = !test.prefill     ? model::Batch::Logits::all
                        : i + step >= end ? model::Batch::Logits::last
                                          : model::Batch::Logits::none;
    INGOT_CHECK(compute(i, std::min(step, end - i), wanted));
  }
  const double elapsed = seconds(start);
  m.cache().release(sequence);
  return test.count / elapsed;
}

/// Asks the kernel to forget what it has cached of a file or of the files in a directory.
inline void drop_cached(const std::filesystem::path& path) {
  const auto drop = [](const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
  };
  std::error_code ignored;  // a figure of a warm start is the worst that can come of it
  if (!std::filesystem::is_directory(path, ignored)) return drop(path);
  for (const auto& entry : std::filesystem::directory_iterator{path, ignored}) drop(entry.path());
}

/// Opens a model and computes one token: what stands between a start and the first word, but for the prompt. Milliseconds.
struct Start {
  double open_ms = 0, first_token_ms = 0;
};
inline ingot::Result<std::unique_ptr<model::Model>> open_timed(const std::string& path, const model::Options& options, Start& times) {
  const auto start = Clock::now();
  INGOT_TRY(auto m, model::open(path, options));
  times.open_ms = 1000 * seconds(start);
  std::vector<float> logits(m->config().shape.vocabulary);
  INGOT_CHECK(run_once(*m, {false, 1, 0}, logits));
  times.first_token_ms = 1000 * seconds(start);
  return m;
}

/// Runs the test, with the probe of its bound before and after each repetition; medians and their percentage of the bound.
inline ingot::Result<nlohmann::ordered_json> measure(model::Model& m, const kernels::Functions& functions, const Test& test,
                                                     std::uint32_t repetitions) {
  const model::Shape& shape = m.config().shape;
  const model::Cost cost = m.cost();
  const double kv_bytes = static_cast<double>(m.cache().shape().page_bytes()) / kernels::page_positions;
  const double mean_depth = test.depth + (test.count + 1) / 2.0;
  const double attention_macs = 2.0 * shape.layers * shape.q_width() * mean_depth;  // q k and p v
  const double macs =
      static_cast<double>(cost.layer_macs) + static_cast<double>(cost.head_macs) / (test.prefill ? test.count : 1) + attention_macs;
  const double bytes = (static_cast<double>(cost.weight_bytes) + kv_bytes * mean_depth) / test.together;  // a token's share of the pass
  const double per_token = test.prefill ? macs : bytes;
  std::vector<float> logits(std::size_t{shape.vocabulary} * test.together);
  // Pages, tables and caches get warm, the rows of the embedding that a prompt reads included.
  INGOT_CHECK(run_once(m, {test.prefill, test.prefill ? test.count : std::min(test.count, 32u), 0, test.together}, logits));
  const double barriers = static_cast<double>(m.team().barriers()) / shape.layers, resident = resident_mb();
  kernels::ReadProbe reader;
  const auto bandwidth = [&] { return reader.measure(m.team(), functions); };
  const auto peak = [&] { return kernels::product_peak(m.team(), functions); };
  const auto probe = [&] { return test.prefill ? peak() : bandwidth(); };
  std::vector<double> speeds, percents, bounds;
  for (std::uint32_t i = 0; i < repetitions; ++i) {
    const double before = probe();
    INGOT_TRY(const double speed, run_once(m, test, logits));
    const double bound = (before + probe()) / 2;
    speeds.push_back(speed);
    bounds.push_back(bound);
    percents.push_back(100 * speed * per_token / bound);
  }
  return nlohmann::ordered_json{
      {"test", fmt::format("{}{}{}", test.prefill ? "pp" : "tg", test.count, test.together == 1 ? "" : fmt::format("/{}", test.together))},
      {"depth", test.depth},
      {"threads", m.team().size()},
      {"tokens_per_second", median(speeds)},
      {"min", *std::min_element(speeds.begin(), speeds.end())},
      {"max", *std::max_element(speeds.begin(), speeds.end())},
      {"percent", median(percents)},
      {"bound", test.prefill ? "vnni" : "bandwidth"},
      {"bandwidth_gbs", (test.prefill ? bandwidth() : median(bounds)) / 1e9},
      {"peak_gmacs", (test.prefill ? median(bounds) : peak()) / 1e9},
      {"wide", kernels::vnni_width(m.team())},
      {"bytes_per_token", bytes},
      {"macs_per_token", macs},
      {"rss_mb", resident},
      {"barriers_per_layer", barriers},
      {"isa", functions.name()}};
}

}  // namespace program
