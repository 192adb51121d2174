// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/block_product.hpp: products of many tokens on CPUs that multiply whole blocks of bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/core/config.hpp>
#include <ingot/kernels/block_scratch.hpp>
#include <ingot/kernels/epilogue.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/kernels/multiply.hpp>

namespace ingot::kernels {

namespace detail {

/// Sixteen rows of activations, beginning with the first column of a part of the matrix.
struct BlockRows {
  const std::int8_t* codes;
  std::size_t stride = 0;
  std::size_t whole_steps = 0;        // steps from there on, if any, are
  const std::int8_t* rest = nullptr;  // these columns and zeros: [16][64]
};

/// totals[g][p] = the products of 16 rows with group g of the panels p, `steps` steps of `step` columns each; added to what is there if
/// `carried`. weights: [panel][column / 4][64]
template <class Isa, bool is_signed, std::size_t panels>
INGOT_INLINE void block_totals(const BlockRows& x, const std::byte* weights, std::size_t step, std::size_t steps, std::size_t groups,
                               bool carried, BlockTotals* totals) noexcept {
  using B = typename Ops<Isa>::Blocks;
  const auto multiply = [&]<std::size_t sum>(std::size_t g) __attribute__((always_inline)) {
    const auto start = [&]<std::size_t p>() __attribute__((always_inline)) {
      carried ? B::template load<sum + p>(totals[g][p], quant::line_bytes) : B::template clear<sum + p>();
    };
    const auto add = [&]<std::size_t p>(std::size_t s) __attribute__((always_inline)) {
      B::template load<6 + p>(weights + p * BlockScratch::panel_bytes + s * step * quant::panel_rows, quant::line_bytes);
      B::template multiply<sum + p, 4 + sum / 2, 6 + p, is_signed>();
    };
    start.template operator()<0>();
    if constexpr (panels == 2) start.template operator()<1>();
    for (std::size_t s = g * steps; s < (g + 1) * steps; ++s) {
      if (s < x.whole_steps)
        B::template load<4 + sum / 2>(x.codes + s * step, x.stride);
      else
        B::template load<4 + sum / 2>(x.rest, quant::line_bytes);
      add.template operator()<0>(s);
      if constexpr (panels == 2) add.template operator()<1>(s);
    }
  };
  const auto store = [&]<std::size_t sum>(std::size_t g) __attribute__((always_inline)) {
    B::template store<sum>(totals[g][0], quant::line_bytes);
    if constexpr (panels == 2) B::template store<sum + 1>(totals[g][1], quant::line_bytes);
  };
  // A group's totals are stored while those of the next one are made.
  std::size_t g = 0;
  multiply.template operator()<0>(0);
  for (; g + 2 < groups; g += 2) {
    multiply.template operator()<2>(g + 1);
    store.template operator()<0>(g);
    multiply.template operator()<0>(g + 2);
    store.template operator()<2>(g + 1);
  }
  if (g + 1 < groups) multiply.template operator()<2>(g + 1);
  store.template operator()<0>(g);
  if (g + 1 < groups) store.template operator()<2>(g + 1);
}

/// Where the sums of 16 rows stand when a group is added to them.
struct BlockSums {
  std::size_t group = 0;         // of the row
  std::size_t groups = 0;        // of the row
  std::size_t block_groups = 1;  // groups under one input scale
  const float* input_scales;     // first row
  std::size_t input_scale_stride = 1;
  const std::int32_t* corrections;
  std::size_t correction_stride = 0;
};

/// Scales `groups` groups' totals of one panel and adds them to `sums`, and where a block of groups is not complete to `open`: in the
/// order and with the roundings of integer_tile().
template <class Isa, bool has_min>
INGOT_INLINE void add_groups(const BlockSums& at, std::size_t groups, const BlockTotals* totals, std::size_t panel,
                             const float (*scales)[quant::panel_rows], const float (*mins)[quant::panel_rows], float (*sums)[16],
                             float (*open)[16]) noexcept {
  using O = Ops<Isa>;
  using floats = typename O::floats;
  constexpr std::size_t height = 8;
  for (std::size_t first = 0; first < O::Blocks::rows; first += height) {
    floats sum[height], y[height];
    const std::size_t begun = at.group % at.block_groups;
    INGOT_UNROLL for (std::size_t r = 0; r < height; ++r) {
      sum[r] = at.group < at.block_groups ? O::broadcast(0.f) : O::load(sums[first + r]);
      y[r] = begun == 0 ? O::broadcast(0.f) : O::load(open[first + r]);
    }
    const float* input_scales = at.input_scales + first * at.input_scale_stride + at.group / at.block_groups;
    const std::int32_t* corrections = at.corrections + first * at.correction_stride + at.group;
    std::size_t left = at.block_groups - begun;
    for (std::size_t g = 0; g < groups; ++g) {
      const floats scale = O::load(scales[g]), min = has_min ? O::load(mins[g]) : O::broadcast(0.f);
      INGOT_UNROLL for (std::size_t r = 0; r < height; ++r) {
        y[r] = O::multiply_add(O::to_floats(O::load_ints(totals[g][panel] + (first + r) * quant::panel_rows)), scale, y[r]);
        if (has_min) y[r] = O::multiply_add(O::to_floats(O::broadcast(corrections[r * at.correction_stride + g])), min, y[r]);
      }
      if (--left != 0 && at.group + g + 1 != at.groups) continue;
      INGOT_UNROLL for (std::size_t r = 0; r < height; ++r) {
        sum[r] = O::multiply_add(y[r], O::broadcast(input_scales[r * at.input_scale_stride]), sum[r]);
        y[r] = O::broadcast(0.f);
      }
      ++input_scales;
      left = at.block_groups;
    }
    INGOT_UNROLL for (std::size_t r = 0; r < height; ++r) O::store(sums[first + r], sum[r]);
    if (left != at.block_groups) INGOT_UNROLL for (std::size_t r = 0; r < height; ++r) O::store(open[first + r], y[r]);
  }
}

/// The codes that are unpacked after those of `panels` panels up to column `end`: columns up to `until`, or where there are none the
/// next panels' first ones. They come from memory, and nothing else asks for a panel's first lines.
template <class Isa, std::size_t panels>
class NextCodes {
 public:
  /// `turns`: how many times a share of them is asked for.
  INGOT_INLINE NextCodes(const MatrixBytes& w, std::size_t panel, std::size_t end, std::size_t until, std::size_t turns) noexcept
      : panel_bytes_{w.layout.panel_quant_bytes()} {
    const std::size_t columns = w.layout.padded_columns(), part = BlockScratch::part_of(columns);
    const bool goes_on = end < columns;
    const std::size_t first = goes_on ? end : 0, last = goes_on ? until : smaller<Isa>(part, columns);
    const std::size_t begin = panel_bytes_ * first / columns;
    panel += goes_on ? 0 : panels;
    if (panel + panels > w.layout.panels()) return;
    codes_ = w.quants + panel * panel_bytes_ + begin;
    lines_ = divide_up(panel_bytes_ * last / columns - begin, quant::line_bytes);
    share_ = divide_up(lines_, turns);
  }
  INGOT_INLINE void ask(std::size_t turn) const noexcept {
    const std::size_t end = smaller<Isa>(lines_, (turn + 1) * share_);
    for (std::size_t i = turn * share_; i < end; ++i)
      for (std::size_t p = 0; p < panels; ++p) Ops<Isa>::prefetch_l2(codes_ + p * panel_bytes_ + i * quant::line_bytes);
  }

 private:
  std::size_t panel_bytes_, lines_ = 0, share_ = 0;
  const std::byte* codes_ = nullptr;
};

/// The products of one or two panels with the rows of a chunk.
template <class Isa, quant::Scheme S, bool has_min, std::size_t panels>
INGOT_NOINLINE void multiply_panels(const MatrixBytes& w, const Input& x, Slice rows, std::size_t panel, float* y, std::size_t y_stride,
                                    const Epilogue& epilogue, BlockScratch& s) noexcept {
  using O = Ops<Isa>;
  using B = typename O::Blocks;
  const std::size_t columns = w.layout.padded_columns(), group = w.layout.group_columns();
  const std::size_t step = group < B::most_columns ? group : B::most_columns;
  const std::size_t part_columns = BlockScratch::part_of(columns);
  const bool long_group = group > part_columns;
  const InputForm form = w.form();
  BlockSums at{.groups = columns / group,
               .block_groups = form.scale_columns() / group,
               .input_scales = x.scales,
               .input_scale_stride = x.scale_stride,
               .corrections = x.corrections,
               .correction_stride = x.correction_stride};
  const std::size_t outputs = w.layout.rows - panel * quant::panel_rows;

  for (std::size_t begin = 0; begin < columns; begin += part_columns) {
    const std::size_t end = smaller<Isa>(columns, begin + part_columns);
    for (std::size_t p = 0; p < panels; ++p) unpack_weights<Isa, S>(w, panel + p, begin, end, has_min, s.weights[p]);
    if (!long_group || end == columns)
      for (std::size_t p = 0; p < panels; ++p)
        unpack_scales<Isa, S>(w, panel + p, begin / group, divide_up(end, group), has_min, s.scales[p], s.mins[p]);
    const std::size_t whole_steps = (end - begin) / step, rest = (end - begin) % step;
    const NextCodes<Isa, panels> next{w, panel, end, smaller<Isa>(end + part_columns, columns), divide_up(rows.size(), B::rows)};
    for (std::size_t i = 0; rows.begin + i * B::rows < rows.end; ++i) {
      // The last sixteen rows repeat some of those before rather than read past the end.
      const std::size_t first = rows.begin + i * B::rows, token = smaller<Isa>(first, x.rows - B::rows);
      next.ask(i);
      if (end == columns)  // results lie far apart, past the L2 cache: their lines are there when the sums are
        for (std::size_t r = 0; r < B::rows; ++r)
          for (std::size_t p = 0; p < panels; ++p) O::prefetch(y + (token + r) * y_stride + (panel + p) * quant::panel_rows);
      BlockRows block{.codes = x.codes + token * x.stride + begin, .stride = x.stride, .whole_steps = whole_steps};
      if (rest != 0) {
        std::memset(s.rest, 0, sizeof s.rest);
        for (std::size_t r = 0; r < B::rows; ++r) std::memcpy(s.rest[r], block.codes + r * x.stride + whole_steps * step, rest);
        block.rest = s.rest[0];
      }
      at.input_scales = x.scales + token * x.scale_stride, at.corrections = x.corrections + token * x.correction_stride;
      const auto add = [&](std::size_t g, std::size_t count, const BlockTotals* totals) __attribute__((always_inline)) {
        at.group = begin / group + g;
        for (std::size_t p = 0; p < panels; ++p)
          add_groups<Isa, has_min>(at, count, totals, p, s.scales[p] + g, s.mins[p] + g, s.sums[i][p], s.open[i][p]);
      };
      if (long_group || rest != 0) {
        block_totals<Isa, !has_min, panels>(block, s.weights[0][0], step, whole_steps + (rest != 0), 1, begin != 0, &s.carried[i]);
        if (end == columns) add(0, 1, &s.carried[i]);
      } else {
        const std::size_t groups = (end - begin) / group, steps = group / step;
        for (std::size_t g = 0; g < groups; g += BlockScratch::batch) {
          const std::size_t count = smaller<Isa>(groups - g, BlockScratch::batch);
          BlockRows part = block;
          part.codes += g * group, part.whole_steps = count * steps;
          block_totals<Isa, !has_min, panels>(part, s.weights[0][g * group / 4], step, steps, count, false, s.totals);
          add(g, count, s.totals);
        }
      }
      if (end != columns) continue;
      for (std::size_t p = 0; p < panels; ++p) {
        const std::size_t count = outputs - p * quant::panel_rows;
        const auto bias = strip_bias<Isa>(epilogue.from((panel + p) * quant::panel_rows).bias, count);
        for (std::size_t r = first - token; r < B::rows; ++r)
          write_strip<Isa>(y + (token + r) * y_stride + (panel + p) * quant::panel_rows, O::load(s.sums[i][p][r]), bias, count,
                           epilogue.update);
      }
    }
  }
}

}  // namespace detail

/// Rows from which on block products are faster than tiles.
template <class Isa>
inline constexpr std::size_t block_rows = Ops<Isa>::Blocks::rows;

/// y = W x (or y += W x) for at least block_rows rows, bit for bit what multiply_integers() gives. S: block_scheme() of the matrix's.
template <class Isa, quant::Scheme S>
void multiply_blocks(const MatrixBytes& w, const Input& x, float* y, std::size_t y_stride, Slice panels,
                     const Epilogue& epilogue) noexcept {
  using B = typename Ops<Isa>::Blocks;
  BlockScratch scratch;
  const std::size_t group = w.layout.group_columns();
  const B registers{group < B::most_columns ? group : B::most_columns, 4, 6};
  const bool has_min = w.layout.scheme.zero == quant::Zero::min;
  const std::size_t most = BlockScratch::rows_of(w.layout.padded_columns()), chunks = divide_up(x.rows, most);
  const std::size_t chunk = round_up(divide_up(x.rows, chunks), B::rows);
  for (std::size_t begin = 0; begin < x.rows; begin += chunk) {
    const Slice rows{begin, detail::smaller<Isa>(x.rows, begin + chunk)};
    std::size_t panel = panels.begin;
    for (; panel + 2 <= panels.end; panel += 2)
      has_min ? detail::multiply_panels<Isa, S, true, 2>(w, x, rows, panel, y, y_stride, epilogue, scratch)
              : detail::multiply_panels<Isa, S, false, 2>(w, x, rows, panel, y, y_stride, epilogue, scratch);
    if (panel < panels.end)
      has_min ? detail::multiply_panels<Isa, S, true, 1>(w, x, rows, panel, y, y_stride, epilogue, scratch)
              : detail::multiply_panels<Isa, S, false, 1>(w, x, rows, panel, y, y_stride, epilogue, scratch);
  }
}

}  // namespace ingot::kernels
