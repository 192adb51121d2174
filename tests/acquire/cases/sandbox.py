# SPDX-License-Identifier: Apache-2.0
"""A case's own hub, directories and environment, and what every case asserts when it is done."""
import dataclasses
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from hub import Hub, Repository, seeded

CONFIG = (b'{"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":64,"intermediate_size":72,"num_hidden_layers":2,'
          b'"num_attention_heads":4,"num_key_value_heads":2,"vocab_size":115,"hidden_act":"silu","max_position_embeddings":256,'
          b'"rms_norm_eps":1e-05,"rope_theta":10000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16","bos_token_id":1,"eos_token_id":2}')
LIMIT = 150  # seconds after which a run hangs
TOKEN = "hf_" + "S3cretS3cretS3cretS3cretS3cretS3cret"
MIB = 1 << 20


class Skip(Exception):
    """Why a case cannot be run here."""


def alone(function):
    """Marks a case that measures times: no other runs with it."""
    function.alone = True
    return function


@dataclasses.dataclass
class Run:
    code: int
    out: str
    err: str
    seconds: float

    @property
    def directory(self):
        return pathlib.Path(self.out.rstrip("\n"))


def listing(root):
    """Every file and link below root: (size, time of change), or what the link names."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            found[path] = os.readlink(path) if os.path.islink(path) else (status.st_size, status.st_mtime_ns)
    return found


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Sandbox:
    REF = "hf:test/model"

    def __init__(self, program, name):
        self.program, self.name = str(pathlib.Path(program).resolve()), name
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"ingot-{name[:24]}-"))
        self.hub = Hub()
        self.home, self.hf, self.xdg, self.temporary, self.local = (self.root / part for part in ("home", "hf", "xdg", "tmp", "local"))
        for directory in (self.home, self.xdg, self.temporary):
            directory.mkdir()
        self.secrets = {}              # text: the origins that may be sent it
        self.writable = [self.hf / "hub", self.xdg / "ingot", self.local]  # where runs may write
        self.finals = {}               # path below a directory of results: the digests it may have, besides the repositories'
        self.runs, self.processes = [], []
        self.outside = None            # what was outside before the first run
        self.extra = {}                # environment of every run
        self.preload = []

    # the world

    def model(self, weights=3 * MIB, name="test/model", **more):
        """A repository of a small Llama; more files by keyword path__with__slashes or in `files`."""
        files = {"config.json": CONFIG, "tokenizer.json": b"{}", "model.safetensors": seeded(weights, name) if isinstance(weights, int) else weights}
        return self.hub.add(Repository(name, files | more.pop("files", {}), **more))

    def with_token(self, token=TOKEN):
        self.hub.tokens.add(token)
        self.secrets[token] = {"hub"}
        self.extra["HF_TOKEN"] = token
        return token

    def environment(self, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": self.home, "HF_HOME": self.hf, "XDG_CACHE_HOME": self.xdg, "TMPDIR": self.temporary,
                       "HF_ENDPOINT": self.hub.url, "MODELSCOPE_ENDPOINT": self.hub.url, "MODELSCOPE_CACHE": self.root / "modelscope",
                       "MLC_LLM_HOME": self.root / "mlc", "PIP_INDEX_URL": self.hub.url + "/simple", "PIP_CONFIG_FILE": os.devnull}
        if self.preload:
            environment["LD_PRELOAD"] = ":".join(map(str, self.preload))
        environment |= {"ASAN_OPTIONS": "detect_leaks=0"} | self.extra | more
        return {key: str(value) for key, value in environment.items() if value is not None}

    def file_name(self, *parts):
        return self.root.joinpath(*parts)

    # runs

    def start(self, *arguments, before=(), environment=None, **options):
        """Starts the program; `before` is a command that runs it."""
        if self.outside is None:
            self.outside = self.elsewhere()
        command = [*map(str, before), self.program, *map(str, arguments)]
        process = subprocess.Popen(command, env=self.environment(**(environment or {})), cwd=self.root, stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, errors="backslashreplace", **options)
        process.began = time.monotonic()
        self.processes.append(process)
        return process

    def finish(self, process, timeout=LIMIT):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill(process)
            out, err = process.communicate()
            self.runs.append(Run(-1, out, err, timeout))
            raise AssertionError(f"hangs: still running after {timeout} s") from None
        run = Run(process.returncode, out, err, time.monotonic() - process.began)
        self.runs.append(run)
        return run

    def kill(self, process, sign=signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            pass  # it has ended

    def run(self, *arguments, code=0, **options):
        """Runs to the end and checks the exit code (one or several that may be; None: any) and that output is what it promises."""
        timeout = options.pop("timeout", LIMIT)
        run = self.finish(self.start(*(arguments or [self.REF]), **options), timeout)
        codes = code if isinstance(code, tuple) else (code,)
        assert code is None or run.code in codes, f"exit code {run.code}, not {code}"
        if run.code == 0:
            assert run.out.count("\n") == 1 or "--list" in arguments or "--json" in arguments or "--prune" in arguments or "--resolve-lfs" in arguments, f"stdout: {run.out!r}"
        else:
            assert run.out == "", f"stdout after a failure: {run.out!r}"
            assert run.code < 0 or "error: " in run.err, f"no error line: {run.err!r}"
        return run

    def heals(self, *arguments, most=None, where=r"^GET (cdn|files) ", **options):
        """With every fault gone the same run succeeds, sending at most so many bytes of content."""
        self.hub.faults.clear()
        before = self.hub.log.sent(where)
        run = self.run(*arguments, **options)
        sent = self.hub.log.sent(where) - before
        assert most is None or sent <= most, f"{sent} bytes sent again, at most {most} expected"
        self.same(run.directory)
        return run

    # assertions

    def same(self, directory, repository="test/model", revision=None, only=None):
        """The directory holds what the repository's revision does, or of it what was selected."""
        repository = self.hub.repositories[repository]
        files = repository.files(revision or next(iter(repository.branches)))
        paths = only or [path for path in files if (pathlib.Path(directory) / path).exists()]
        assert paths, f"{directory} is empty"
        weights = [path for path in files if path.endswith(".safetensors")]
        assert only or all(path in paths for path in weights), f"of {weights} only {paths} are there"
        for path in paths:
            assert sha256(pathlib.Path(directory) / path) == files[path].content.sha256, f"{path} has other bytes"

    def elsewhere(self):
        """All files of the sandbox that no run may write."""
        allowed = tuple(f"{path}/" for path in self.writable)
        return {path: state for path, state in listing(self.root).items() if not f"{path}/".startswith(allowed)}

    def changed_outside(self):
        """For a case that itself writes where runs may not."""
        self.outside = self.elsewhere()

    def check(self):
        """What every case asserts."""
        self.check_secrets()
        if self.outside is not None:
            after = self.elsewhere()
            wrong = sorted(path for path in {*after, *self.outside} if after.get(path) != self.outside.get(path))
            assert not wrong, f"written outside the root: {wrong}"
        self.check_finals()

    def check_secrets(self):
        for entry in self.hub.log.find():
            for secret, origins in self.secrets.items():
                assert secret not in entry.request.raw or entry.request.origin.name in origins, f"a secret went to {entry.request.url}"
        for run in self.runs:
            for secret in {*self.secrets, *self.hub.signatures}:
                assert secret not in run.out + run.err, f"a secret was printed: {run.err}"

    def check_finals(self):
        """What has a final name has the bytes that belong there."""
        for blob in (self.hf / "hub").glob("models--*/blobs/*"):
            if blob.suffix or blob.is_symlink():
                continue
            data = blob.read_bytes()
            name = hashlib.sha256(data) if len(blob.name) == 64 else hashlib.sha1(b"blob %d\0" % len(data) + data)
            assert name.hexdigest() == blob.name, f"{blob} has other bytes"
        good = {}
        for repository in self.hub.repositories.values():
            for files in repository.commits.values():
                for path, file in files.items():
                    good.setdefault(path, set()).add(file.content.sha256)
        for path, digests in self.finals.items():
            good.setdefault(path, set()).update(digests)
        for root in [*(self.hf / "hub").glob("models--*/snapshots/*"), self.local]:
            for path in listing(root):
                relative = os.path.relpath(path, root)
                if f"{relative}/".startswith((".cache/", ".staging/")) or path.endswith(".partial") or not os.path.exists(path):
                    continue
                assert sha256(path) in good.get(relative, ()), f"{relative} in {root} has other bytes"

    def story(self):
        """The last runs and requests, for the report of a failure."""
        lines = []
        for run in self.runs[-3:]:
            lines.append(f"  exit {run.code} after {run.seconds:.1f} s\n  out {run.out[-300:]!r}\n  err {run.err[-1500:]}")
        lines += [f"  {entry}"[:240] for entry in self.hub.log.find()[-30:]]
        return "\n".join(lines)

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)
                process.communicate()
        self.hub.close()
        shutil.rmtree(self.root, ignore_errors=True)
