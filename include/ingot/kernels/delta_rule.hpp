// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/delta_rule.hpp: the gated delta rule, a linear attention whose memory is one matrix for each head.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/delta_task.hpp>

namespace ingot::kernels {

namespace detail {

/// What a row does to the state S of a head: S <- decay S + k u^T with u = beta (v - decay S^T k); product = k q.
struct DeltaStep {
  float decay, beta, product;
};

template <class Isa>
INGOT_INLINE DeltaStep delta_step(const DeltaTask& task, std::size_t row, std::size_t head) noexcept {
  using B = FloatBatch<Isa>;
  const float a = task.a[row * task.gate_stride + head] + task.a_bias[head], b = task.b[row * task.gate_stride + head];
  const float softplus = a > 20.f ? a : std::log1p(std::exp(a));  // beyond 20 both are the same float
  const float* const key = task.keys + row * task.stride;
  const float* const query = task.queries + row * task.stride;
  B product(0.f);
  std::size_t i = 0;
  for (; i + B::size <= task.head.key; i += B::size)
    product = xsimd::fma(B::load_unaligned(key + i), B::load_unaligned(query + i), product);
  if (i < task.head.key) {
    const std::size_t rest = task.head.key - i;
    product = xsimd::fma(load_part<Isa>(key + i, rest, 0.f), load_part<Isa>(query + i, rest, 0.f), product);
  }
  return {std::exp(-std::exp(task.a_log[head]) * softplus), 1.f / (1.f + std::exp(-b)), sum_lanes<Isa>(product)};
}

/// x *= factor / sqrt(sum x^2 + 1e-6), the epsilon of every implementation.
template <class Isa>
INGOT_INLINE void l2_normalize(float* x, std::size_t n, float factor) noexcept {
  using B = FloatBatch<Isa>;
  const auto square = [](B sum, B v) { return xsimd::fma(v, v, sum); };
  const auto add = [](B a, B b) { return a + b; };
  const B scale(factor / std::sqrt(sum_lanes<Isa>(fold<Isa>(x, n, 0.f, 0.f, square, add)) + 1e-6f));
  transform<Isa>(
      x, n, [scale](B v) { return v * scale; }, x);
}

/// Columns of a head's state, `registers` batches of them, and what a row's pass over them reads and sums up.
template <class Isa, std::size_t registers>
struct DeltaColumns {
  using B = FloatBatch<Isa>;
  B delta[registers];     // u of the row before
  B by_key[registers];    // S^T k
  B by_query[registers];  // S^T q

  /// S <- decay S + k u^T for the row before (update), then S^T k and S^T q for the next row (sum): the state is read and
  /// written once for each row. Products are added in the order of the rows of S.
  template <bool update, bool sum>
  INGOT_INLINE void pass(float* state, std::size_t stride, std::size_t keys, float decay, const float* key, const float* next_key,
                         const float* next_query) noexcept {
    const B factor(decay);
    if constexpr (sum)
      for (std::size_t c = 0; c < registers; ++c) by_key[c] = by_query[c] = B(0.f);
    for (std::size_t i = 0; i < keys; ++i, state += stride)
      for (std::size_t c = 0; c < registers; ++c) {
        B s = B::load_unaligned(state + c * B::size);
        if constexpr (update) {
          s = xsimd::fma(B(key[i]), delta[c], s * factor);
          s.store_unaligned(state + c * B::size);
        }
        if constexpr (sum) {
          by_key[c] = xsimd::fma(s, B(next_key[i]), by_key[c]);
          by_query[c] = xsimd::fma(s, B(next_query[i]), by_query[c]);
        }
      }
  }
};

template <class Isa, std::size_t registers>
INGOT_INLINE void delta_columns(const DeltaTask& task, const DeltaStep* steps, std::size_t first, std::size_t rows, std::size_t head,
                                std::size_t column) noexcept {
  using B = FloatBatch<Isa>;
  const std::size_t stride = state_columns(task.head), keys = task.head.key, width = task.head.value;
  float* const state = task.state + head * keys * stride + column;
  const float* key = task.keys + first * task.stride;
  const float* query = task.queries + first * task.stride;
  const float* value = task.values + first * task.stride + head * width;
  float* output = task.output + first * task.output_stride + head * width;
  DeltaColumns<Isa, registers> columns;
  columns.template pass<false, true>(state, stride, keys, 0.f, nullptr, key, query);
  for (std::size_t r = 0; r < rows; ++r) {
    const DeltaStep& step = steps[r];
    for (std::size_t c = 0; c < registers; ++c) {
      const std::size_t at = column + c * B::size, left = at < width ? width - at : 0;
      const B v = left >= B::size ? B::load_unaligned(value + at) : load_part<Isa>(value + at, left, 0.f);
      const B u = B(step.beta) * xsimd::fnma(B(step.decay), columns.by_key[c], v);
      const B o = xsimd::fma(B(step.product), u, B(step.decay) * columns.by_query[c]);  // (decay S + k u^T)^T q
      columns.delta[c] = u;
      if (left >= B::size)
        o.store_unaligned(output + at);
      else
        store_part<Isa>(output + at, o, left);
    }
    if (r + 1 < rows)
      columns.template pass<true, true>(state, stride, keys, step.decay, key, key + task.stride, query + task.stride);
    else
      columns.template pass<true, false>(state, stride, keys, step.decay, key, nullptr, nullptr);
    key += task.stride, query += task.stride, value += task.stride, output += task.output_stride;
  }
}

}  // namespace detail

/// For each row in order and each head, with q and k divided by their lengths and q by sqrt(head.key) besides
/// (arXiv 2412.06464):
///   S <- S e^(-e^a_log softplus(a + a_bias));  u = sigmoid(b) (v - S^T k);  S <- S + k u^T;  output = S^T q
/// Rows together and rows one by one give the same bits.
template <class Isa>
void delta_rule(const DeltaTask& task) noexcept {
  using B = FloatBatch<Isa>;
  constexpr std::size_t block = 16;     // rows that go over a part of the state while it is in the L1 cache
  constexpr std::size_t registers = 4;  // eight sums: as many as two multiply-adds a cycle of latency four keep busy
  const float factor = 1.f / std::sqrt(static_cast<float>(task.head.key));
  for (std::size_t first = 0; first < task.rows; first += block) {
    const std::size_t rows = first + block < task.rows ? block : task.rows - first;
    for (std::size_t r = first; r < first + rows; ++r) {
      detail::l2_normalize<Isa>(task.queries + r * task.stride, task.head.key, factor);
      detail::l2_normalize<Isa>(task.keys + r * task.stride, task.head.key, 1.f);
    }
    for (std::size_t head = 0; head < task.heads; ++head) {
      detail::DeltaStep steps[block];
      for (std::size_t r = 0; r < rows; ++r) steps[r] = detail::delta_step<Isa>(task, first + r, head);
      std::size_t column = 0;
      for (; column + registers * B::size <= state_columns(task.head); column += registers * B::size)
        detail::delta_columns<Isa, registers>(task, steps, first, rows, head, column);
      for (; column < state_columns(task.head); column += B::size) detail::delta_columns<Isa, 1>(task, steps, first, rows, head, column);
    }
  }
}

}  // namespace ingot::kernels
