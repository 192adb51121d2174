// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/chat_definitions.hpp: answers piece by piece; ingot::runtime compiles it, once.

#include <string>
#include <utility>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/chat.hpp>
#include <ingot/generation/language_model.hpp>

namespace ingot::generation {

Reply::Reply(Chat& chat, const Cancellation* cancellation)
    : owner_{&chat},
      cancellation_{cancellation},
      decoder_{chat.model_->text.tokenizer, true},
      stop_{chat.model_->settings.stop},
      left_{chat.model_->settings.max_new_tokens} {
  if (auto begun = chat.begin(cancellation); begun) {
    advance();
  } else {  // a question that cannot be asked must not stand before the next one
    chat.messages_.pop_back();
    owner_.chat = nullptr;
    fail(std::move(begun).error());
  }
}

/// The next piece that is not empty; incomplete characters wait for their other bytes, and what may begin a stop string for its rest.
void Reply::advance() {
  piece_.clear();
  if (ending_ != Ending::none) {
    done_ = true;
    return;
  }
  Generator& generator = owner_.chat->generator_;
  while (piece_.empty()) {
    if (left_ == 0) return finish(Ending::length);
    if (cancellation_ != nullptr && cancellation_->requested()) return finish(Ending::cancelled);
    if (generator.room() == 0) return finish(Ending::context);
    auto token = generator.next();
    if (!token) return fail(std::move(token).error());
    --left_;
    if (owner_.chat->model_->ends(*token)) return finish(Ending::stop);
    piece_ = stop_.push(decoder_.push(*token));
    if (stop_.stopped()) return finish(Ending::stop);
  }
  text_ += piece_;
}

/// The last piece is what was held back, if anything, or what stood before a stop string.
void Reply::finish(Ending ending) {
  ending_ = ending;
  if (!stop_.stopped()) {
    piece_ = stop_.push(decoder_.finish());
    piece_ += stop_.finish();
  }
  text_ += piece_;
  done_ = piece_.empty();
  close();
}

void Reply::close() {
  if (owner_.chat == nullptr) return;
  owner_.chat->messages_.push_back({"assistant", text_});
  owner_.chat = nullptr;
}

void Reply::fail(Error error) {
  if (error.code != ErrorCode::cancelled) error_ = std::move(error);
  finish(error_ ? Ending::failed : Ending::cancelled);
}

Chat::Chat(LanguageModel& model) : model_{&model}, generator_{*model.model, model.settings} { clear(); }

Reply Chat::say(std::string text, const Cancellation* cancellation) {
  messages_.push_back({"user", std::move(text)});
  return Reply{*this, cancellation};
}

void Chat::clear() {
  messages_.clear();
  if (!model_->settings.system_prompt.empty()) messages_.push_back({"system", model_->settings.system_prompt});
}

void Chat::set_messages(std::vector<text::Message> messages) { messages_ = std::move(messages); }

Status Chat::begin(const Cancellation* cancellation) {
  INGOT_TRY(const auto tokens, model_->prompt_tokens(messages_));
  return generator_.prompt(tokens, cancellation);
}

}  // namespace ingot::generation
