// SPDX-License-Identifier: Apache-2.0
#include <ingot/version.hpp>

#include <iostream>

int main() { std::cout << "ingot " << ingot::version << '\n'; }
