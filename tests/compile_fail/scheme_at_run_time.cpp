// SPDX-License-Identifier: Apache-2.0
// expect: constant expression|cannot be used
// A scheme known only at run time must go through visit(); it cannot slip into a type.
#include <ingot/quant/packed_matrix.hpp>

std::size_t bytes(ingot::quant::Scheme read_from_a_file);

std::size_t bytes(ingot::quant::Scheme read_from_a_file) {
#ifdef INGOT_MUST_FAIL
  const ingot::quant::PackedMatrix<read_from_a_file> matrix{};
#else
  const ingot::quant::PackedMatrix<ingot::quant::Scheme{.bits = 4, .group = 64}> matrix{};
#endif
  return matrix.layout().quant_bytes() + read_from_a_file.bits;
}
