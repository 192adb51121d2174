// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/npy_file.hpp: writes a float32 matrix as a NumPy file, row by row.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <fmt/format.h>

#include <ingot/core/atomic_file.hpp>

namespace program {

/// The header of NumPy format version 1.0 for [rows, columns] little-endian float32 in C order, padded to 64 bytes.
inline std::string npy_header(std::uint64_t rows, std::uint64_t columns) {
  std::string text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  text.append(63 - (10 + text.size()) % 64, ' ').push_back('\n');
  const auto size = static_cast<std::uint16_t>(text.size());
  std::string header = "\x93NUMPY\x01";
  header.push_back('\0');
  header.push_back(static_cast<char>(size & 0xff));
  header.push_back(static_cast<char>(size >> 8));
  return header + text;
}

}  // namespace program
