// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/embedder.hpp: texts become vectors: tokenizer, model, pooling, normalization.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/embedding_config.hpp>
#include <ingot/model/model.hpp>
#include <ingot/text/tokenizer.hpp>

namespace ingot::generation {

/// What the model reads of one text.
struct EmbeddingInput {
  std::vector<std::int32_t> tokens;
  std::size_t prompt_rows = 0;  ///< rows in front that means and the maximum leave out
};

/// An embedding model: encoders (BERT) and decoders (Qwen3-Embedding). Move-only; one call at a time. Compiled in ingot::runtime.
class Embedder {
 public:
  /// Opens a package, a checkpoint directory or a GGUF file; its cache grows with the texts, whatever `options.positions` says. A model
  /// that does not say how it embeds gives the normalized last row where it is causal, else the normalized mean, and `options.note` is
  /// told. Without a tokenizer it embeds tokens only. Errors: as model::open(), open_text() and read_embedding_config().
  [[nodiscard]] static Result<Embedder> open(const std::filesystem::path& path, model::Options options = {});

  [[nodiscard]] const EmbeddingConfig& config() const noexcept { return config_; }
  [[nodiscard]] model::Model& model() const noexcept { return *model_; }
  /// Values of a vector that is not cut.
  [[nodiscard]] std::size_t dimensions() const noexcept { return config_.poolings.size() * model_->config().shape.hidden; }

  /// The tokens of a text behind the prompt of this name (empty: the default one, if there is one), as sentence-transformers makes
  /// them: white space around it goes, special tokens come around it, and what is too long loses its end.
  /// Errors: usage (no such prompt), not_found (no tokenizer), those of encoding.
  [[nodiscard]] Result<EmbeddingInput> input(std::string_view text, std::string_view prompt_name = {}) const;

  /// The vectors of texts, [inputs, dimensions]: the first `dimensions` values (0: all), normalized after the cut where the config says
  /// so (Matryoshka representations, arXiv 2205.13147). A vector does not depend on its neighbours.
  /// Errors: usage (a text without tokens or too long, tokens that the model lacks, too many dimensions), cancelled.
  [[nodiscard]] Result<std::vector<float>> embed(std::span<const EmbeddingInput> inputs, std::size_t dimensions = 0,
                                                 const Cancellation* cancellation = nullptr);
  /// The vector of one text.
  [[nodiscard]] Result<std::vector<float>> embed(std::string_view text, std::size_t dimensions = 0, std::string_view prompt_name = {}) {
    INGOT_TRY(const EmbeddingInput one, input(text, prompt_name));
    return embed({&one, 1}, dimensions);
  }
  /// The vector of given tokens.
  [[nodiscard]] Result<std::vector<float>> embed(std::span<const std::int32_t> tokens, std::size_t dimensions = 0) {
    const EmbeddingInput one{{tokens.begin(), tokens.end()}, 0};
    return embed({&one, 1}, dimensions);
  }

 private:
  Embedder(std::unique_ptr<model::Model> model, EmbeddingConfig config);

  /// Tokens of a text alone.
  [[nodiscard]] Result<std::vector<std::int32_t>> encode(std::string_view text) const;

  std::unique_ptr<model::Model> model_;
  EmbeddingConfig config_;
  std::optional<text::Tokenizer> tokenizer_;
  std::uint32_t longest_ = 0, cut_ = 0;  // tokens of what is embedded, and what texts are cut to
};

}  // namespace ingot::generation

namespace ingot {
using generation::Embedder;
}  // namespace ingot
