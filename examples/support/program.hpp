// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/program.hpp: what every program shares: options, --version, exit codes, Ctrl-C, the error line.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/version.hpp>

#include "support/libraries.hpp"

namespace program {

/// Set by Ctrl-C.
inline ingot::Cancellation cancellation;

/// Ctrl-C asks the running call to end; once more, a second later, ends the process. Some senders deliver a signal twice, so that
/// one at once does not count. A file size limit becomes an error of write() instead of the process's death.
inline void handle_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    static std::time_t first = 0;
    const std::time_t now = ::time(nullptr);
    if (cancellation.requested() && now > first + 1) ::_exit(static_cast<int>(ingot::ErrorCode::cancelled));
    if (!cancellation.requested()) first = now;
    cancellation.request();
  };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGXFSZ, SIG_IGN);
}

/// A remark of the library, on stderr.
inline void note(std::string_view text) { fmt::print(stderr, "note: {}\n", text); }

inline std::string version_text(std::string_view name) {
  return fmt::format("{} {}\ncompiler: {}\ninstructions: {}\nlibraries: {}, fmt {}, CLI11 {}\n", name, ingot::version, INGOT_COMPILER,
                     ingot::kernels::best_functions().name(), library_versions(), FMT_VERSION, CLI11_VERSION);
}

/// Arguments with `--long_option` spelled `--long-option`: both are accepted everywhere.
inline std::vector<std::string> normalized(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.rfind("--", 0) != 0) continue;
    const auto end = std::find(argument.begin(), argument.end(), '=');
    std::replace(argument.begin(), end, '_', '-');
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  return arguments;
}

inline int fail(const ingot::Error& error) {
  std::string line = error.message();
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fprintf(stderr, "error: %s\n", line.c_str());
  return error.exit_code();
}

/// Parses the command line and runs `body`; the exit code of the contract: 0 done, 2 usage, else the Error's.
inline int run(CLI::App& app, int argc, char** argv, const std::function<ingot::Status()>& body) {
  app.set_version_flag("--version", [&] { return version_text(app.get_name()); });
  app.set_help_all_flag("--help-all")->group("");
  try {
    app.parse(normalized(argc, argv));
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    return fail({ingot::ErrorCode::usage, error.what(), {}, app.get_name() + " --help shows the options"});
  }
  handle_signals();
  const ingot::Status status = body();
  if (!status) return fail(status.error());
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) return fail({ingot::ErrorCode::disk, "cannot write the output", "stdout", {}});
  return 0;
}

}  // namespace program
