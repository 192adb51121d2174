// SPDX-License-Identifier: Apache-2.0
// ingot-bench: prefill and decode speed, each as a percentage of what this machine did right before and after.

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/model/open.hpp>

#include "microbenchmarks.hpp"  // generated
#include "support/fetch_model.hpp"
#include "support/kv_option.hpp"
#include "support/measurement.hpp"
#include "support/program.hpp"

using ingot::Status;
namespace model = ingot::model;
namespace kernels = ingot::kernels;

namespace {

struct Arguments {
  std::vector<std::string> models;
  std::vector<std::uint32_t> prompts{512}, tokens{128}, together{1}, depths{0}, threads{0};
  std::uint32_t repetitions = 5;
  std::string output = "md", isa;
  std::optional<ingot::Scheme> kv;
  bool quiet = false;
};

Status run(const Arguments& a) {
  auto results = nlohmann::ordered_json::array();
  if (a.output == "md")
    fmt::print("| model | test | depth | threads | tokens/s | min | max | % of bound | bound |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const std::string& path : a.models)
    for (const std::uint32_t threads : a.threads) {
      const std::uint32_t deepest = *std::max_element(a.depths.begin(), a.depths.end());
      const std::uint32_t longest =
          std::max(*std::max_element(a.prompts.begin(), a.prompts.end()), *std::max_element(a.tokens.begin(), a.tokens.end()));
      const model::Options options{.threads = threads,
                                   .positions = deepest + longest + kernels::page_positions,
                                   .kv = a.kv.value_or(model::Options{}.kv),
                                   .isa = a.isa};
      program::Start cold, warm;
      program::drop_cached(path);
      INGOT_CHECK(program::open_timed(path, options, cold));
      INGOT_TRY(auto m, program::open_timed(path, options, warm));
      const kernels::Functions& functions = a.isa.empty() ? kernels::best_functions() : *kernels::find_functions(a.isa);
      std::vector<program::Test> tests;
      for (const std::uint32_t depth : a.depths) {
        for (const std::uint32_t count : a.prompts)
          if (count != 0) tests.push_back({true, count, depth});
        for (const std::uint32_t count : a.tokens)
          for (const std::uint32_t rows : a.together)
            if (count != 0 && rows != 0) tests.push_back({false, count, depth, rows});
      }
      for (const program::Test& test : tests) {
        INGOT_TRY(auto r, program::measure(*m, functions, test, a.repetitions));
        r["model"] = path;
        r["load_ms"] = warm.open_ms;
        r["first_token_ms"] = warm.first_token_ms;
        r["cold_first_token_ms"] = cold.first_token_ms;
        if (a.output == "md")
          fmt::print("| {} | {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} {:.1f} {} |\n", path, r["test"].get<std::string>(),
                     test.depth, m->team().size(), r["tokens_per_second"].get<double>(), r["min"].get<double>(), r["max"].get<double>(),
                     r["percent"].get<double>(), test.prefill ? "int8" : "read",
                     test.prefill ? r["peak_gmacs"].get<double>() : r["bandwidth_gbs"].get<double>(), test.prefill ? "GMAC/s" : "GB/s");
        std::fflush(stdout);
        results.push_back(std::move(r));
      }
      if (a.output == "md" && !a.quiet)
        fmt::print(stderr,
                   "{}: {}, {}-wide cores, {:.1f} barriers a layer, opened in {:.1f} ms, first token after {:.0f} ms (cold cache {:.0f}), "
                   "{:.0f} MiB resident\n",
                   path, functions.name(), results.back()["wide"].get<int>(), results.back()["barriers_per_layer"].get<double>(),
                   warm.open_ms, warm.first_token_ms, cold.first_token_ms, results.back()["rss_mb"].get<double>());
    }
  if (a.output == "json") fmt::print("{}\n", results.dump(2));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{
      "Measures prefill and decode, each between probes of this machine's limits.\n\nExamples:\n  ingot-bench MODEL -p 512 -n 128 -d "
      "0,2048 -t 1,2\n  ingot-bench MODEL --output json",
      "ingot-bench"};
  app.add_option("MODEL", a.models, "packages, checkpoints, GGUF files, or references: hf:owner/name")->required();
  app.add_option("-p,--prompt", a.prompts, "prompt tokens; 0: no prefill")->delimiter(',')->capture_default_str();
  app.add_option("-n,--tokens", a.tokens, "tokens to decode; 0: no decode")->delimiter(',')->capture_default_str();
  app.add_option("--together", a.together, "tokens decoded in each pass, as drafts are verified")->delimiter(',')->capture_default_str();
  app.add_option("-d,--depth", a.depths, "tokens in the cache before")->delimiter(',')->capture_default_str();
  app.add_option("-t,--threads", a.threads, "threads; 0: what this process may use")->delimiter(',')->capture_default_str();
  app.add_option("-r,--repetitions", a.repetitions, "timed repetitions")->check(CLI::Range(1u, 1000u))->capture_default_str();
  program::add_kv_option(app, a.kv);
  app.add_option("--isa", a.isa, "instruction set: scalar, avx2, avx-vnni, avx512vnni, amx");
  app.add_option("--output", a.output, "md or json")->check(CLI::IsMember({"md", "json"}))->capture_default_str();
  app.add_flag_callback(
         "--micro",
         [] {
           fmt::print("{}Built by -DINGOT_BENCHMARKS=ON (tools/test does), each takes --benchmark_filter=REGEX.\n", microbenchmarks);
           throw CLI::Success{};
         },
         "lists the kernel microbenchmarks")
      ->trigger_on_parse();
  app.add_flag("-q,--quiet", a.quiet, "the table alone");
  return program::run(app, argc, argv, [&]() -> Status {
    for (std::string& model : a.models) INGOT_CHECK(program::fetch_model(model, a.quiet));
    return run(a);
  });
}
