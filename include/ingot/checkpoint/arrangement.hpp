// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/arrangement.hpp: a checkpoint's tensors as a model wants them: its names, one matrix each, nothing copied.

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <ingot/checkpoint/name_pattern.hpp>
#include <ingot/checkpoint/tensor_index.hpp>

namespace ingot::checkpoint {

/// A part of a fused matrix or bias: its name, and how many rows of each block it is. One without a name is left out.
struct Part {
  std::string_view to;
  std::size_t rows = 0;
};

/// A fused tensor: `blocks` times the rows of all parts, one part after the other. [q; k; v] is one block, heads or groups of
/// heads that have their own [q; k; v] are a block each, interleaved rows are blocks of one row a part.
struct Split {
  std::size_t blocks = 1;
  std::vector<Part> parts;
};

/// How [experts, ...] tensors hold one matrix or two (`gate` and `up`) for each expert.
struct ExpertForm {
  bool transposed = false;   ///< [experts, in, out], as x @ w wants it, not [experts, out, in]; MXFP4 is the latter always
  bool interleaved = false;  ///< two matrices have every second row, not a half of the rows, each
};

/// Most tensors an arrangement makes: DeepSeek-V3 has 92 thousand.
inline constexpr std::size_t tensor_limit = std::size_t{1} << 19;

/// Gives tensors other names and takes fused ones apart, as views. The operations apply one after the other to what those before
/// left; a pattern (name_pattern.hpp) covers what stands below it: `model.layers.#.self_attn.wqkv` its weight and its bias. Names
/// to be are patterns that take up the numbers in order. What a pattern does not find is nobody's error: whoever asks for the result
/// will miss it. The first error is what finish() returns.
class Arrangement {
 public:
  explicit Arrangement(TensorIndex&& index) { std::tie(files_, tensors_) = std::move(index).release(); }

  /// `from` is called `to`. Empty `to`: the prefix goes. Empty `from`: every name gets one.
  Arrangement& rename(std::string_view from, std::string_view to) {
    return replace(from, [&](TensorInfo&& tensor, const NameMatch& match, const Add& add) -> Status {
      std::string name = fill_name(to, match.numbers, match.rest);
      return add(std::move(tensor), std::move(name));
    });
  }

  /// A second name for the same values.
  Arrangement& copy(std::string_view from, std::string_view to) {
    return replace(from, [&](TensorInfo&& tensor, const NameMatch& match, const Add& add) -> Status {
      INGOT_CHECK(add(tensor, fill_name(to, match.numbers, match.rest)));
      return add(std::move(tensor));
    });
  }

  Arrangement& drop(std::string_view pattern) {
    return replace(pattern, [](TensorInfo&&, const NameMatch&, const Add&) -> Status { return {}; });
  }

  /// Norms that multiply with 1 + weight.
  Arrangement& add_one(std::string_view pattern) {
    return edit(pattern, [](TensorInfo& tensor) { tensor.plus_one = true; });
  }

  /// Matrices whose rows are divided by their norm before they are used.
  Arrangement& normalize_rows(std::string_view pattern) {
    return edit(pattern, [](TensorInfo& tensor) { tensor.unit_rows = true; });
  }

  /// [out, a, b, ...] becomes the matrix [out, a * b * ...]: the kernel of a convolution.
  Arrangement& flatten(std::string_view pattern) {
    return replace(pattern, [](TensorInfo&& tensor, const NameMatch&, const Add& add) -> Status {
      if (tensor.shape.size() > 2) {
        if (!is_whole(tensor)) return tensor.problem(ErrorCode::unsupported, "no tensor that can be flattened");
        std::size_t columns = 1;
        for (std::size_t i = 1; i < tensor.shape.size(); ++i) columns *= tensor.shape[i];
        tensor.shape = {tensor.shape.front(), columns};
      }
      return add(std::move(tensor));
    });
  }

  /// A matrix [in, out] becomes [out, in]; its bias stays.
  Arrangement& transpose(std::string_view pattern) {
    return replace(pattern, [](TensorInfo&& tensor, const NameMatch&, const Add& add) -> Status {
      if (tensor.shape.size() == 2) {
        if (!is_whole(tensor)) return tensor.problem(ErrorCode::unsupported, "no matrix that can be transposed");
        tensor.column_step = tensor.columns();
        std::swap(tensor.shape[0], tensor.shape[1]);
      }
      return add(std::move(tensor));
    });
  }

  /// Takes fused matrices and biases apart. `of(first number of the pattern, 0 where it has none)` returns the Split.
  template <std::invocable<std::uint32_t> Of>
  Arrangement& split(std::string_view from, Of&& of) {
    return replace(from, [&](TensorInfo&& tensor, const NameMatch& match, const Add& add) -> Status {
      INGOT_TRY(const std::uint32_t number, first_number(tensor, match));
      const Split split = of(number);
      std::size_t block_rows = 0;
      for (const Part& part : split.parts) {
        const auto sum = checked_add(block_rows, part.rows);
        if (!sum || part.rows == 0) return misfit(tensor, split);
        block_rows = *sum;
      }
      if (!is_matrix_or_vector(tensor) || block_rows == 0 || checked_mul(split.blocks, block_rows) != tensor.shape.front())
        return misfit(tensor, split);
      std::size_t first = 0;
      for (const Part& part : split.parts) {
        const RowSelection rows = split.blocks == 1 ? RowSelection{first} : RowSelection{first, part.rows, block_rows};
        first += part.rows;
        if (part.to.empty()) continue;
        INGOT_TRY(TensorInfo taken, take(tensor, rows, split.blocks * part.rows));
        INGOT_CHECK(add(std::move(taken), fill_name(part.to, match.numbers, match.rest)));
      }
      return {};
    });
  }
  Arrangement& split(std::string_view from, const Split& split) {
    return this->split(from, [&](std::uint32_t) { return split; });
  }

  /// Takes [experts, out, in] tensors, and biases [experts, out], apart into one for each name and expert, whose number comes last:
  /// `model.layers.#.mlp.experts.down_proj` to `model.layers.#.mlp.experts.#.down_proj.weight`. With two names the first has the
  /// first half of the rows or the even ones. Tensors of another rank stay.
  Arrangement& experts(std::string_view from, const std::vector<std::string_view>& to, ExpertForm form = {}) {
    return replace(from, [&](TensorInfo&& tensor, const NameMatch& match, const Add& add) -> Status {
      const std::size_t rank = tensor.shape.size();
      if (rank != 2 && rank != 3) return add(std::move(tensor));
      const bool transposed = form.transposed && rank == 3 && tensor.type != ElementType::mxfp4;
      const std::size_t count = tensor.shape[0], out = tensor.shape[transposed ? 2 : 1],
                        in = rank == 2 ? 1 : tensor.shape[transposed ? 1 : 2];
      if (!is_whole(tensor)) return tensor.problem(ErrorCode::unsupported, "no tensor that can be taken apart into experts");
      if (to.empty() || out % to.size() != 0)
        return tensor.problem(ErrorCode::damaged, "its rows are not shared by " + std::to_string(to.size()) + " matrices",
                              std::string{other_model});
      if (count > tensor_limit || out == 0 || in == 0) return tensor.problem(ErrorCode::damaged, "experts without weights");
      const std::size_t rows = out / to.size();
      for (std::size_t expert = 0; expert < count; ++expert) {
        const std::string digits = std::to_string(expert);
        NameMatch numbers = match;
        numbers.numbers.emplace_back(digits);
        for (std::size_t i = 0; i < to.size(); ++i) {
          TensorInfo one = tensor;
          one.shape = rank == 2 ? std::vector{rows} : std::vector{rows, in};
          if (transposed) one.column_step = out;
          const std::size_t begin = expert * out * (transposed ? in : 1);
          one.selection = form.interleaved ? RowSelection{begin + i, 1, to.size()} : RowSelection{begin + i * rows};
          INGOT_CHECK(add(std::move(one), fill_name(to[i], numbers.numbers, match.rest)));
        }
      }
      return {};
    });
  }

  /// Multi-head latent attention: [heads * (nope + value), latent] keeps, head by head, what a latent vector becomes as the part of
  /// the key without positions, and as the value. `value_to` is [heads * value, latent]. `key_to` is [heads * latent, nope], the
  /// transpose of each head's rows, which brings a query to where the latent vector is.
  Arrangement& split_latent(std::string_view from, std::size_t heads, std::size_t nope, std::size_t value, std::string_view key_to,
                            std::string_view value_to) {
    return replace(from, [&](TensorInfo&& tensor, const NameMatch& match, const Add& add) -> Status {
      const Split split{heads, {{key_to, nope}, {value_to, value}}};
      const auto head_rows = checked_add(nope, value);
      if (tensor.shape.size() != 2 || !head_rows || *head_rows == 0 || checked_mul(heads, *head_rows) != tensor.shape[0] || nope == 0 ||
          value == 0)
        return misfit(tensor, split);
      if (!is_whole(tensor)) return tensor.problem(ErrorCode::unsupported, "no matrix that can be transposed head by head");
      const std::size_t latent = tensor.columns();
      TensorInfo key = tensor, up = tensor;
      key.shape = {heads * latent, nope}, key.column_step = latent, key.selection = {0, latent, *head_rows * latent};
      up.shape = {heads * value, latent}, up.selection = {nope, value, *head_rows};
      INGOT_CHECK(add(std::move(key), fill_name(key_to, match.numbers, match.rest)));
      return add(std::move(up), fill_name(value_to, match.numbers, match.rest));
    });
  }

  /// Errors: damaged (a shape that does not fit, two tensors of one name, more than tensor_limit), unsupported (a view of a view that
  /// has no form).
  [[nodiscard]] Result<TensorIndex> finish() && {
    if (!status_) return std::move(status_).error();
    return TensorIndex::create(std::move(files_), std::move(tensors_));
  }

 private:
  static constexpr std::string_view other_model = "config.json and weights are of different models";

  /// Takes tensors into the result of an operation, under a new name or their own.
  struct Add {
    std::vector<TensorInfo>& to;
    Status operator()(TensorInfo tensor, std::optional<std::string> name = std::nullopt) const {
      if (to.size() >= tensor_limit) return tensor.problem(ErrorCode::damaged, "more than " + std::to_string(tensor_limit) + " tensors");
      if (name) tensor.name = *std::move(name);
      to.push_back(std::move(tensor));
      return {};
    }
  };

  /// Every tensor that fits `pattern` is replaced by what `make(TensorInfo&&, const NameMatch&, const Add&) -> Status` adds.
  template <class Make>
  Arrangement& replace(std::string_view pattern, Make&& make) {
    std::vector<TensorInfo> result;
    result.reserve(tensors_.size());
    for (TensorInfo& tensor : tensors_) {
      if (!status_) break;
      const std::string name = tensor.name;
      if (const auto match = match_name(pattern, name))
        status_ = make(std::move(tensor), *match, Add{result});
      else
        result.push_back(std::move(tensor));
    }
    tensors_ = std::move(result);
    return *this;
  }

  template <class Edit>
  Arrangement& edit(std::string_view pattern, Edit&& edit) {
    for (TensorInfo& tensor : tensors_)
      if (match_name(pattern, tensor.name)) edit(tensor);
    return *this;
  }

  /// Rows `rows`, `count` of them, of what `tensor` has.
  [[nodiscard]] static Result<TensorInfo> take(const TensorInfo& tensor, const RowSelection& rows, std::size_t count) {
    const auto selection = tensor.selection.select(rows, count);
    if (!selection) return tensor.problem(ErrorCode::unsupported, "rows that were taken apart twice");
    TensorInfo taken = tensor;
    taken.selection = *selection;
    taken.shape.front() = count;
    return taken;
  }

  [[nodiscard]] static bool is_matrix_or_vector(const TensorInfo& tensor) noexcept {
    return tensor.shape.size() == 1 || tensor.shape.size() == 2;
  }
  [[nodiscard]] static bool is_whole(const TensorInfo& tensor) noexcept {
    return tensor.selection.is_identity() && tensor.permutation.is_identity() && tensor.column_step == 0;
  }

  [[nodiscard]] static Result<std::uint32_t> first_number(const TensorInfo& tensor, const NameMatch& match) {
    std::uint32_t number = 0;
    if (match.numbers.empty()) return number;
    const std::string_view digits = match.numbers.front();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size())
      return tensor.problem(ErrorCode::damaged, "a number too large in its name");
    return number;
  }

  [[nodiscard]] static Error misfit(const TensorInfo& tensor, const Split& split) {
    std::string parts;
    for (const Part& part : split.parts) parts.append(parts.empty() ? "" : " + ").append(std::to_string(part.rows));
    const std::string rows = tensor.shape.empty() ? "1" : std::to_string(tensor.shape.front());
    return tensor.problem(ErrorCode::damaged, "its " + rows + " rows are not " + std::to_string(split.blocks) + " times " + parts,
                          std::string{other_model});
  }

  std::vector<MappedFile> files_;
  std::vector<TensorInfo> tensors_;
  Status status_;
};

}  // namespace ingot::checkpoint
