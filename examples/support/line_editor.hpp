// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/line_editor.hpp: lines from a terminal with editing and history (libedit), or from a pipe.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <editline/readline.h>

namespace program {

/// Reads lines; the history of `name` is kept in $XDG_STATE_HOME (or ~/.local/state) between runs.
class LineEditor {
 public:
  explicit LineEditor(const std::string& name) : terminal_{::isatty(STDIN_FILENO) == 1} {
    if (!terminal_) return;
    using_history();
    const char *state = std::getenv("XDG_STATE_HOME"), *home = std::getenv("HOME");
    std::filesystem::path directory = state != nullptr && *state != '\0' ? std::filesystem::path{state}
                                      : home != nullptr                  ? std::filesystem::path{home} / ".local/state"
                                                                         : std::filesystem::path{};
    if (directory.empty()) return;
    directory /= "ingot";
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return;
    file_ = (directory / (name + ".history")).string();
    read_history(file_.c_str());
  }
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor() {
    if (!file_.empty()) write_history(file_.c_str());
  }

  /// The next line without its end; nothing at the end of the input.
  [[nodiscard]] std::optional<std::string> read(const char* prompt) {
    if (!terminal_) return read_pipe();
    char* line = readline(prompt);
    if (line == nullptr) return std::nullopt;
    std::string text = line;
    if (!text.empty()) add_history(line);
    std::free(line);
    return text;
  }

 private:
  static std::optional<std::string> read_pipe() {
    std::string text;
    int c = 0;
    while ((c = std::getc(stdin)) != EOF && c != '\n') text.push_back(static_cast<char>(c));
    if (c == EOF && text.empty()) return std::nullopt;
    return text;
  }
  bool terminal_;
  std::string file_;
};

}  // namespace program
