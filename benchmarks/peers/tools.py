# SPDX-License-Identifier: Apache-2.0
"""What the scripts beside this one share: steps that are done once, and programs that are run."""
import json
import os
import shutil
import subprocess
import sys


class Unavailable(Exception):
    """A peer that cannot be measured here, and why."""


def build_step(result, make):
    """Makes `result` unless it is there; `make` writes to the path it is given, so that what an interruption leaves is never taken for it."""
    if result.exists():
        return
    partial = result.with_name(result.name + ".part")
    result.parent.mkdir(parents=True, exist_ok=True)
    if partial.is_dir():
        shutil.rmtree(partial)
    partial.unlink(missing_ok=True)
    make(partial)
    os.replace(partial, result)


def run_logged(work, name, command):
    """Runs a command that builds something. Raises Unavailable with the end of its log."""
    log = work / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        try:
            code = subprocess.run([str(word) for word in command], stdout=file, stderr=subprocess.STDOUT).returncode
        except OSError as error:
            raise Unavailable(f"{command[0]}: {error.strerror}") from error
    if code != 0:
        last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise Unavailable(f"{name} failed: {last} (all of it: {log})")


def environment(work, name, *installs):
    """The interpreter of a Python environment of its own; each of `installs` is what one call of pip installs. Raises Unavailable."""
    directory = work / name
    done, python = directory / "installed", directory / "bin" / "python"
    if not done.exists():
        run_logged(work, f"{name}-venv", [sys.executable, "-m", "venv", "--clear", directory])
        for number, words in enumerate(installs, 1):
            run_logged(work, f"{name}-install-{number}", [python, "-m", "pip", "install", *words])
        done.touch()
    return python


def run_output(command):
    """What a command prints on stdout. Raises Unavailable."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Unavailable(f"{' '.join(command)}: exit {done.returncode}: {last}")
    return done.stdout


def run_json(command):
    try:
        return json.loads(run_output(command))
    except json.JSONDecodeError as error:
        raise Unavailable(f"{command[0]} printed no JSON: {error}") from error
