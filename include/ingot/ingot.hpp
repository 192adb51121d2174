// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/ingot.hpp: everything a program needs to open a model and talk to it, or to embed and rank texts.

#include <ingot/generation/chat.hpp>
#include <ingot/generation/embedder.hpp>
#include <ingot/generation/language_model.hpp>
#include <ingot/generation/reranker.hpp>
#include <ingot/version.hpp>
