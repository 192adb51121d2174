// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/selection.hpp: which files of a repository are fetched: those asked for, else what inference needs.

#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/listing.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// What the caller says. Globs are those of glob.hpp.
struct SelectionOptions {
  std::vector<std::string> files;    ///< exact paths; one that ends with '/' is all below it
  std::vector<std::string> include;  ///< globs; with these or `files`, nothing else is taken
  std::vector<std::string> exclude;  ///< globs
  std::string quant;                 ///< the GGUF file whose name says so
};

/// Keeps of `listing` what is to be fetched. Without `files` and `include`: all but pictures, Git's own files, weights of other frameworks
/// and pickles (which may run code when they are loaded) where safetensors or GGUF files exist; of several GGUF files one: `quant`, else
/// the first of Q4_K_M, Q4_K_S, Q4_0, ... that is there. Errors: not_found (a file, glob or quantization that matches nothing, with what
/// there is).
[[nodiscard]] Status select_files(Listing& listing, const SelectionOptions& options, const NoteSink& note = {});

/// Whether loading the file may run code: .bin, .pt, .pth, .ckpt, .pkl, ...
[[nodiscard]] bool is_pickle(std::string_view path) noexcept;

}  // namespace ingot::acquire
