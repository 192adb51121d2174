# SPDX-License-Identifier: Apache-2.0
"""Disks that are full, broken, read-only, another user's, or without links. Cases 27, 31 and 34."""
import errno
import os
import shutil
import subprocess

from hub import File, seeded

from .sandbox import MIB, Skip, alone, listing
from .shims import shim

STORED = r"^GET cdn "
NOBODY = 65534


def mounted(s, script, directory):
    """A command before the program: `script` is run in a name space of its own with the directory as $0 and the program as "$@"."""
    alone_with = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--propagation", "private", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*alone_with, 'mount -t tmpfs -o size=1m tmpfs "$0"', str(s.root)], capture_output=True).returncode:
        raise Skip("no mount name space may be made here")
    return [*alone_with, script, str(directory)]


def room(s):
    (s.hf / "hub").mkdir(parents=True)
    return s.hf / "hub"


def case_27_no_room(s):
    """Found before anything is fetched; with room the same command succeeds."""
    s.model(24 * MIB)
    before = mounted(s, 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"', room(s))
    run = s.run(code=7, before=before)
    assert run.seconds < 5 and not s.hub.log.count(STORED), "asked for content that has no room"
    assert "need" in run.err.lower(), f"does not say how much is needed: {run.err!r}"
    s.heals()


def case_27_room_after_all(s):
    s.model(24 * MIB)
    script = 'mount -t tmpfs -o size=8m tmpfs "$0"; "$@"; first=$?; mount -o remount,size=64m tmpfs "$0"; "$@"; exit $((first * 16 + $?))'
    run = s.finish(s.start(s.REF, before=mounted(s, script, room(s))))
    assert run.code == 7 * 16, f"exit codes {divmod(run.code, 16)}"
    assert s.hub.log.sent(STORED) < 26 * MIB


def case_27_no_room_in_a_local_dir(s):
    s.model(24 * MIB)
    s.local.mkdir()
    s.run(s.REF, "--local-dir", s.local, code=7, before=mounted(s, 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"', s.local))
    assert not s.hub.log.count(STORED)
    s.heals(s.REF, "--local-dir", s.local)


def case_27_read_only(s):
    s.model(8 * MIB)
    run = s.run(code=7, before=mounted(s, 'mount -t tmpfs -o ro tmpfs "$0" && exec "$@"', room(s)))
    assert run.seconds < 5 and not s.hub.log.count(STORED) and "read-only" in run.err.lower(), run.err
    s.heals()


def broken(call, number, after, path="data", most=None):
    """The call fails after so much; what had been written before is used by the next run."""
    def case(s):
        s.model(24 * MIB)
        run = s.run(code=7, environment={"LD_PRELOAD": shim("io_errors"), "FAIL_CALL": call, "FAIL_ERRNO": str(number), "FAIL_AFTER": str(after), "FAIL_PATH": path})
        assert run.seconds < 10, "kept trying"
        assert s.hub.log.count(STORED) < 12, f"{s.hub.log.count(STORED)} requests: a storm"
        assert os.strerror(number) in run.err, f"no reason in {run.err!r}"
        s.check_finals()
        s.heals(most=most or 24 * MIB)
    return case


DATA, MAP = "/.staging/", "/map"
KEPT = 20 * MIB  # of the 12 MiB written at least 4 are used again: what came since the journal's last record may be lost
case_27_full_amid_the_file = broken("write", errno.ENOSPC, 12 * MIB, DATA, most=KEPT)
case_27_quota_amid_the_file = broken("write", errno.EDQUOT, 12 * MIB, DATA, most=KEPT)
case_27_broken_disk = broken("write", errno.EIO, 12 * MIB, DATA)
case_27_full_for_the_journal = broken("write", errno.ENOSPC, 0, MAP)
case_27_broken_flush = broken("sync", errno.EIO, 0, DATA)


def case_27_no_reservation(s):
    """A file system that cannot reserve is no error."""
    s.model(8 * MIB)
    s.preload.append(shim("io_errors"))
    s.extra |= {"FAIL_CALL": "allocate", "FAIL_ERRNO": str(errno.EOPNOTSUPP)}
    s.same(s.run().directory)


def as_nobody(s):
    if os.geteuid() != 0:
        raise Skip("only root can run a program as somebody else")
    os.chmod(s.root, 0o755)
    os.chown(s.xdg, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def permissions(root, directories, files):
    for folder, _, names in os.walk(root):
        os.chmod(folder, directories)
        for name in names:
            if not os.path.islink(os.path.join(folder, name)):
                os.chmod(os.path.join(folder, name), files)


def case_31_read_only_cache_that_is_complete(s):
    """Another user's cache that may be read only: used as it is."""
    s.model(2 * MIB)
    s.same(s.run().directory)
    options = as_nobody(s)
    permissions(s.hf, 0o555, 0o444)
    before = listing(s.hf)
    s.same(s.run(**options).directory)
    s.same(s.run(s.REF, "--offline", **options).directory)
    s.same(s.run(s.REF, "--policy", "readonly", **options).directory)
    assert listing(s.hf) == before, "written to"


def case_31_unwritable_cache(s):
    options = as_nobody(s)
    s.model(2 * MIB)
    (s.hf / "hub").mkdir(parents=True)
    permissions(s.hf, 0o555, 0o444)
    run = s.run(code=7, **options)
    assert "permission" in run.err.lower() and str(s.hf / "hub") in run.err, run.err
    assert not s.hub.log.count(STORED)


def case_31_locks_unwritable(s):
    """Where locks cannot be taken, what is there can be read; what is not is an error or fetched all the same."""
    s.model(2 * MIB)
    options = as_nobody(s)
    locks = s.hf / "hub" / ".locks"
    locks.mkdir(parents=True)
    for directory in (s.hf, s.hf / "hub"):
        os.chown(directory, NOBODY, NOBODY)
    os.chmod(locks, 0o555)
    run = s.run(code=(0, 7), **options)
    if run.code == 0:
        s.same(run.directory)


def case_31_cache_anyone_may_write(s):
    """A cache of another user that everyone may write to is not trusted: anyone could have put anything there."""
    s.model(2 * MIB)
    s.run()
    options = as_nobody(s)
    for folder, folders, names in os.walk(s.hf):
        for name in [".", *folders, *names]:
            os.lchown(os.path.join(folder, name), 12345, 12345)
    permissions(s.hf, 0o777, 0o666)
    run = s.run(s.REF, "--offline", code=(4, 7), **options)
    assert str(s.hf) in run.err, run.err


def case_31_modes(s):
    """Files follow the umask; what is unfinished is nobody else's business."""
    s.model(2 * MIB)
    s.run(umask=0o027)
    for path in (s.hf / "hub").rglob("*"):
        if path.is_symlink():
            continue
        assert not path.stat().st_mode & 0o027, f"{path} has mode {path.stat().st_mode:o}"
        assert not (path.is_file() and path.stat().st_mode & 0o111), f"{path} is executable"
    for path in (s.hf / "hub").rglob(".staging"):
        assert not path.stat().st_mode & 0o077, f"{path} is open to others"


def without(*calls):
    """The file system has no such links: the same listing, and one copy of the data."""
    def case(s):
        for call in calls:
            s.preload.append(shim("io_errors"))
            s.extra |= {"FAIL_CALL": call, "FAIL_ERRNO": str(errno.EPERM)}
        s.model(8 * MIB, files={"sub/extra.safetensors": seeded(9000, "e")})
        run = s.run()
        s.same(run.directory)
        used = sum(os.lstat(path).st_blocks * 512 for path in listing(s.hf))
        assert used < 12 * MIB, f"{used} bytes for 8 MiB"
        requests = s.hub.log.count()
        s.same(s.run().directory)
        assert s.hub.log.count() - requests <= 1
        s.same(s.run(s.REF, "--offline").directory)
    return case


case_34_no_symbolic_links = without("symlink")
case_34_no_hard_links = without("link")


def case_34_local_dir_without_hard_links(s):
    s.preload.append(shim("io_errors"))
    s.extra |= {"FAIL_CALL": "link", "FAIL_ERRNO": str(errno.EPERM)}
    s.model(2 * MIB)
    s.same(s.run().directory)
    s.same(s.run(s.REF, "--local-dir", s.local).directory)


def case_34_long_paths(s):
    name = "/".join(f"directory-{index:02}-" + "x" * 30 for index in range(12)) + "/deep.safetensors"
    s.model(2 * MIB, files={name: File(seeded(5000, "deep"))})
    s.same(s.run(s.REF, "--include", "*").directory)
    s.same(s.run(s.REF, "--include", "*", "--local-dir", s.local).directory)


def case_34_no_case(s):
    """Two names that a file system without case takes for one never get there: they are refused on every file system (case 22)."""
    s.local.mkdir()
    before = mounted(s, 'mount -t tmpfs -o casefold tmpfs "$0" && mkdir "$0/d" && chattr +F "$0/d" && exec "$@"', s.local)
    if subprocess.run([*before, "true"], capture_output=True).returncode:
        raise Skip("this kernel has no tmpfs that folds case")
    s.model(2 * MIB)
    s.run(s.REF, "--local-dir", s.local / "d", before=before)


@alone
def case_34_umask_of_a_group(s):
    """A cache shared by a group stays so: the umask alone decides."""
    s.model(1 * MIB)
    s.run(umask=0o002)
    files = [path for path in (s.hf / "hub").rglob("*") if path.is_file() and not path.is_symlink() and path.parent.name in ("blobs", "refs")]
    assert files and all(path.stat().st_mode & 0o664 == 0o664 for path in files), [(str(path), oct(path.stat().st_mode)) for path in files]
