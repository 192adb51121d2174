# SPDX-License-Identifier: Apache-2.0
# ingot-export --resume: interrupted by Ctrl-C and by a kill it goes on to the same bytes; without it an interruption leaves nothing.
# export_resume.py PROGRAM CHECKPOINT: a small one, with at least 96 tokens.
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from ascii_tokenizer import ascii_tokenizer  # noqa: E402

program, checkpoint = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
usage, cancelled = 2, 8
failures = []


def expect(name, truth, detail=""):
    if not truth:
        failures.append(f"{name}\n{detail}")


def command(*more):
    return [program, "--path", str(model), "--dst_path", str(package), "--gptq", "--awq", "--calib_data", str(text), "--threads", "2", *more]


def work_bytes():
    try:
        return work.stat().st_size
    except FileNotFoundError:
        return 0


def interrupt(wanted, how, *more):
    """Runs until the work file has `wanted` bytes (without --resume: until its folder is there), then sends a signal."""
    process = subprocess.Popen(command(*more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    started = lambda: work_bytes() >= wanted if "--resume" in more else any(folder.glob(".package.*.partial"))
    while process.poll() is None and not started():
        time.sleep(0.001)
    process.send_signal(how)
    return process.communicate(timeout=60)[1], process.returncode


def run(*more):
    done = subprocess.run(command(*more), capture_output=True, text=True, timeout=120)
    return done.stderr, done.returncode


def left():
    return sorted(path.name for path in folder.iterdir() if "package" in path.name)


with tempfile.TemporaryDirectory() as temporary:
    folder = Path(temporary)
    model, package, work, text = folder / "model", folder / "package", folder / ".package.resume", folder / "text.txt"
    shutil.copytree(checkpoint, model)
    (model / "tokenizer.json").write_text(json.dumps(ascii_tokenizer()))
    text.write_text("The quick brown fox jumps over the lazy dog.\n" * 300)

    error, code = run()
    expect("a whole run", code == 0 and left() == ["package"], error)
    whole = (package / "weights.safetensors").read_bytes()
    shutil.rmtree(package)

    error, code = interrupt(0, signal.SIGINT)
    expect("without --resume Ctrl-C leaves nothing", code == cancelled and left() == [], f"{code} {left()} {error}")

    error, code = interrupt(200, signal.SIGINT, "--resume")
    expect("Ctrl-C leaves the work", code == cancelled and left() == [work.name], f"{code} {left()} {error}")
    error, code = run("--resume", "--sym")
    expect("another command's work is refused", code == usage and left() == [work.name], f"{code} {left()} {error}")
    before = work_bytes()
    error, code = interrupt(before + 200, signal.SIGKILL, "--resume")
    expect("killed, it leaves its folder, too", code == -signal.SIGKILL and work.name in left() and len(left()) == 2, f"{code} {left()} {error}")
    error, code = run("--resume")
    expect("it goes on", code == 0 and "going on" in error, error)
    expect("only the package is left", left() == ["package"], str(left()))
    expect("the same bytes", (package / "weights.safetensors").read_bytes() == whole)

    shutil.rmtree(package)
    model = folder / "other"
    error, code = run("--resume")
    expect("no such checkpoint", code == 4 and left() == [], f"{code} {left()} {error}")

print("\n".join(failures) or "every interruption as it should be")
sys.exit(len(failures) != 0)
