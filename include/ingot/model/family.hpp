// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/family.hpp: what differs between families' graphs, as one value that the decoder takes as an argument.

#include <cstdint>

namespace ingot::model {

/// How activations are normalized.
enum class Norm : std::uint8_t {
  rms,    ///< x / sqrt(mean(x^2) + eps) * w (arXiv 1910.07467); weights of the form 1 + w are stored that way
  layer,  ///< (x - mean) / sqrt(variance + eps) * w + b (arXiv 1607.06450)
};

/// Where norms and the residual connection stand.
enum class Residual : std::uint8_t {
  pre,       ///< x += f(norm(x))
  sandwich,  ///< x += norm'(f(norm(x)))
  parallel,  ///< x += attention(n) + mlp(n), n = norm(x)
  post,      ///< x = a * n + f(n), n = norm(x): DeepNorm on the normed stream (ChatGLM), and with a = 1 the post-norm of BERT
};

/// Norm of each query and key head.
enum class QkNorm : std::uint8_t {
  none,
  before_rope,            ///< weighted, over head_dim
  after_rope,             ///< weighted, over head_dim
  after_rope_unweighted,  ///< only where a layer rotates
};

/// Which dimensions of a head turn together.
enum class RopePairs : std::uint8_t {
  halves,    ///< (i, i + r/2): GPT-NeoX
  adjacent,  ///< (2i, 2i + 1): GPT-J
  planar,    ///< each half of the head by halves, the second by a second position (ChatGLM)
};

/// What a layer mixes positions with.
enum class Attention : std::uint8_t {
  heads,   ///< multi-head, grouped-query and multi-query attention
  latent,  ///< keys and values from one compressed row a position (arXiv 2405.04434, section 2.1)
};

/// The dense feed-forward; its activation is a number of the config.
enum class FeedForward : std::uint8_t {
  gated,    ///< W_down (act(W_gate x) * W_up x)
  plain,    ///< W_down act(W_up x)
  clamped,  ///< gated, with GPT-OSS's limits and its + 1 on the linear half
};

/// How a mixture of experts chooses, and what the chosen ones' weights are.
enum class Router : std::uint8_t {
  none,
  softmax_then_top,  ///< the largest probabilities, scaled to sum 1 where the config says so
  top_then_softmax,  ///< probabilities of the largest logits among themselves
  sigmoid_input,     ///< sigmoid of the largest logits, on the expert's input
  sigmoid_biased,    ///< sigmoids; a bias takes part in the choice only
};

/// The traits of a family that change its graph. All that is a number or a list lives in Config; biases, tied heads, sinks and
/// windows are read from the checkpoint, since members of one family differ in them.
struct Family {
  Norm norm = Norm::rms;
  Residual residual = Residual::pre;
  QkNorm qk_norm = QkNorm::none;
  RopePairs rope = RopePairs::halves;
  Attention attention = Attention::heads;
  bool gated_attention = false;  ///< the context is multiplied by sigmoid(W_gate n)
  bool delta = false;            ///< some layers are a gated delta rule instead of attention (arXiv 2412.06464)
  bool convolution = false;      ///< some layers are a short gated convolution instead of attention (LFM2)
  FeedForward feed_forward = FeedForward::gated;
  Router router = Router::none;  ///< of the layers that have experts

  friend constexpr bool operator==(const Family&, const Family&) = default;
};

}  // namespace ingot::model
