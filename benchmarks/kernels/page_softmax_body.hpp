// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/kernels/page_softmax_body.hpp: the bodies of page_softmax.hpp, for flags that cover Isa.

#include <cstring>

#include <ingot/kernels/isa/compiled.hpp>
#include <ingot/kernels/page_softmax.hpp>

#include "page_softmax.hpp"

namespace bench {

template <class Isa, ingot::Scheme KV>
void PageSoftmax<Isa, KV>::load(float* scratch, ingot::kernels::HeadShape head, const float* products) noexcept {
  using namespace ingot::kernels;
  const detail::AttentionScratch<Isa, KV> s{scratch, head};
  const PartialLayout layout{head};
  for (std::size_t r = 0; r < rows; ++r) {
    std::memcpy(s.weights.row(r), products + r * positions, positions * sizeof(float));
    float* const sums = s.partial + r * layout.stride();
    std::memset(sums, 0, layout.stride() * sizeof(float));
    sums[layout.largest()] = detail::lowest_product;
    std::memset(s.queries.row(r), 0, s.queries.stride() * sizeof(float));
  }
}

/// As in attention, what the scratch holds is told by its object: GCC 12 warns falsely of rows longer than it sees.
template <class Isa, ingot::Scheme KV>
INGOT_NOINLINE void weigh_rows(const ingot::kernels::detail::AttentionScratch<Isa, KV>& s, ingot::kernels::HeadShape head,
                               const float* ones, const float* zeros) noexcept {
  const auto all = [](std::size_t) { return ingot::Slice{0, ingot::kernels::page_positions}; };
  const ingot::kernels::AttentionTask plain;
  const ingot::kernels::detail::ProductTerms<Isa> none{plain, 0, 0};
  weigh_page(s, ingot::kernels::detail::query_block, all, none, zeros, ones, ingot::kernels::PartialLayout{head}, s.partial);
}

template <class Isa, ingot::Scheme KV>
void PageSoftmax<Isa, KV>::weigh(float* scratch, ingot::kernels::HeadShape head, const float* ones, const float* zeros) noexcept {
  weigh_rows(ingot::kernels::detail::AttentionScratch<Isa, KV>{scratch, head}, head, ones, zeros);
}

template <class Isa, ingot::Scheme KV>
float PageSoftmax<Isa, KV>::total(float* scratch, ingot::kernels::HeadShape head, std::size_t row) noexcept {
  using namespace ingot::kernels;
  const detail::AttentionScratch<Isa, KV> s{scratch, head};
  const PartialLayout layout{head};
  return s.partial[row * layout.stride() + layout.total()];
}

}  // namespace bench
