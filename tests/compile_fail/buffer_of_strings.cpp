// SPDX-License-Identifier: Apache-2.0
// expect: is_trivially_copyable|static assertion
// A Buffer is zeroed and never destroys its elements, so it refuses types for which that would be wrong.
#include <string>

#include <ingot/core/buffer.hpp>

#ifdef INGOT_MUST_FAIL
using Element = std::string;
#else
using Element = float;
#endif

std::size_t size();
std::size_t size() { return ingot::Buffer<Element>{3}.size(); }
