// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/reranker.hpp: how well documents answer a query, as Qwen3-Reranker judges it (arXiv 2506.05176).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/model.hpp>
#include <ingot/text/tokenizer.hpp>

namespace ingot::generation {

/// A chat model that answers "yes" or "no". Move-only; one call at a time. Compiled in ingot::runtime.
class Reranker {
 public:
  static constexpr std::string_view default_instruction = "Given a web search query, retrieve relevant passages that answer the query";
  /// Tokens of a prompt, the document's end cut off: what the model was tried with.
  static constexpr std::uint32_t default_context = 8192;

  /// Opens a package, a checkpoint directory or a GGUF file; its cache grows with the documents, whatever `options.positions` says.
  /// Errors: as model::open() and open_text(); unsupported (an encoder, or a vocabulary without ChatML or without the two answers).
  [[nodiscard]] static Result<Reranker> open(const std::filesystem::path& path, model::Options options = {},
                                             std::uint32_t context = default_context);

  [[nodiscard]] model::Model& model() const noexcept { return *model_; }

  /// For each document the probability of "yes" against "no", in 0 to 1. The beginning that all prompts share is computed once.
  /// Errors: usage (a query that leaves no room in the context), cancelled, those of encoding.
  [[nodiscard]] Result<std::vector<float>> scores(std::string_view query, std::span<const std::string> documents,
                                                  std::string_view instruction = default_instruction,
                                                  const Cancellation* cancellation = nullptr);

 private:
  Reranker(std::unique_ptr<model::Model> model, text::Tokenizer tokenizer, std::uint32_t context) noexcept
      : model_{std::move(model)}, tokenizer_{std::move(tokenizer)}, context_{context} {}

  std::unique_ptr<model::Model> model_;
  text::Tokenizer tokenizer_;
  std::vector<std::int32_t> prefix_, suffix_;  // the frame
  std::size_t yes_ = 0, no_ = 0;
  std::uint32_t context_;
};

}  // namespace ingot::generation

namespace ingot {
using generation::Reranker;
}  // namespace ingot
