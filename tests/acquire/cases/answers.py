# SPDX-License-Identifier: Apache-2.0
"""What hubs answer instead of files: other heads, portals, refusals, broken listings. Cases 17, 18, 20 and 21."""
import json

from hub import Fault
from hub.fault import answer, header
from hub.huggingface import error
from hub.message import Response, as_json
from hub.modelscope import failure

from .sandbox import MIB, TOKEN

STORED = r"^GET cdn "
RESOLVED = r" hub /test/model/resolve/"
TREE = r"hub /api/models/test/model/tree"
HTML = answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html><title>Hotel</title>Please log in</html>")


def case_17_metadata_of_the_redirect(s):
    """The redirect's own length and entity tag are not the file's."""
    s.model(2 * MIB)

    def act(_, response):
        if response.status == 302:
            return Response(302, [pair for pair in response.headers] + [("ETag", 'W/"redirect"')], b"r" * 913)
        return response

    s.hub.fault(Fault(RESOLVED, act, times=None))
    s.same(s.run().directory)


def case_18_portal_everywhere(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(r" hub ", HTML, times=None))
    run = s.run(code=5)
    assert s.hub.url in run.err and "text/html" in run.err, run.err
    s.heals()


def case_18_portal_on_files(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(RESOLVED, HTML, times=None))
    run = s.run(code=5)
    assert "text/html" in run.err, run.err
    s.heals()


def case_18_no_commit(s):
    """Neither portal nor hub: a file without the header that names its commit."""
    s.model(1 * MIB)
    s.hub.fault(Fault(RESOLVED, header("X-Repo-Commit", None), answer(200, {"Content-Type": "text/plain"}, b"hello"), times=None))
    s.run(code=(5, 6))
    s.heals()


def refused(code, act, where=r"hub /api/models/test/model", ref=None, message=None, once=True, **environment):
    def case(s):
        s.model(1 * MIB)
        s.hub.fault(Fault(where, act, times=None))
        run = s.run(*([ref] if ref else []), code=code, environment=environment)
        if message:
            assert message in run.err, f"no {message!r} in {run.err!r}"
        if once:
            asked = [entry.request.target for entry in s.hub.log.find(where)]
            assert len(asked) == len(set(asked)), f"asked again: {asked}"
        assert not s.hub.log.count(STORED)
        s.heals(*([ref] if ref else []))
    return case


def coded(status, code, message="no"):
    return lambda request, response: error(status, code, message)


case_20_repository_not_found = refused(4, coded(401, "RepoNotFound", "Repository not found"))
case_20_gated_anonymous = refused(3, coded(401, "GatedRepo", "restricted"), message="/test/model")
case_20_gated_on_resolve = refused(3, coded(403, "GatedRepo", "restricted"), where=RESOLVED, message="/test/model", once=False)
case_20_revision_not_found = refused(4, coded(404, "RevisionNotFound"))
case_20_disabled = refused((3, 4), coded(403, None, "Access to this resource is disabled."), message="disabled")
case_20_entry_not_found = refused(4, lambda q, r: error(404, "EntryNotFound", "Entry not found").set("X-Repo-Commit", "1" * 40), where=RESOLVED + r".*config.json")


def case_20_missing_and_private_with_token(s):
    s.with_token()
    run = s.run("hf:test/none", code=4)
    assert "HF_TOKEN" in run.err or "token" in run.err, f"does not say which token was used: {run.err!r}"
    assert s.hub.log.count() == len({entry.request.target for entry in s.hub.log.find()})


def case_20_private(s):
    s.model(1 * MIB).private = True
    s.run(code=4)
    s.with_token()
    s.same(s.run().directory)


def case_20_gated_and_granted(s):
    s.model(1 * MIB).gated = "manual"
    run = s.run(code=3)
    assert f"{s.hub.url}/test/model" in run.err, f"no address to accept the terms at: {run.err!r}"
    token = s.with_token()
    s.run(code=3)
    s.hub.granted.add(token)
    s.same(s.run().directory)


def case_20_bad_token(s):
    s.model(1 * MIB)
    s.secrets[TOKEN] = {"hub"}
    run = s.run(code=3, environment={"HF_TOKEN": TOKEN})
    assert "token" in run.err.lower() and s.hub.log.count() == 1, run.err
    s.same(s.run().directory)


def case_20_bad_token_is_not_hidden_by_the_cache(s):
    s.model(1 * MIB)
    s.same(s.run().directory)
    s.secrets[TOKEN] = {"hub"}
    s.run(code=3, environment={"HF_TOKEN": TOKEN})


def case_20_file_that_is_not_there(s):
    s.model(1 * MIB)
    s.run(s.REF, "none.json", code=4)
    s.run(s.REF, "--include", "*.none", code=4)
    assert not s.hub.log.count(STORED)


def case_20_token_files(s):
    """The token of the file that huggingface_hub writes, and of the one that an option names."""
    s.model(1 * MIB).private = True
    s.hub.tokens.add(TOKEN)
    s.secrets[TOKEN] = {"hub"}
    s.hf.mkdir()
    (s.hf / "token").write_text(TOKEN + "\n")
    s.same(s.run().directory)
    (s.hf / "token").unlink()
    (s.root / "given").write_text(TOKEN)
    s.changed_outside()
    s.run(s.REF, "--token-file", s.root / "given", "--local-dir", s.local)
    s.run(s.REF, code=(0, 4), environment={"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "HF_TOKEN": TOKEN})
    assert not s.hub.log.find()[-1].request.token()


case_20_modelscope_code_in_body = refused(4, lambda q, r: failure(404, "模型不存在"), where=r"hub /api/v1/models/", ref="ms:test/model", once=False)
case_20_modelscope_no_success = refused((3, 4, 5, 6), lambda q, r: failure(500, "内部错误"), where=r"hub /api/v1/models/", ref="ms:test/model", once=False)


def many(s, count=25, page=10):
    repository = s.model(1 * MIB, files={f"notes/{index}.json": b"%d" % index for index in range(count)})
    repository.page = page
    return repository


def case_21_three_pages(s):
    repository = many(s)
    run = s.run(s.REF, "--include", "*")
    s.same(run.directory, only=list(repository.files()))


def link(target):
    return header("Link", lambda request: f'<{target(request)}>; rel="next"')


def case_21_link_to_another_origin(s):
    many(s)
    s.with_token()
    other = s.hub.origin("third").url
    s.hub.fault(Fault(TREE, link(lambda request: f"{other}{request.raw_path}?cursor=10"), times=None))
    s.run(code=(5, 6))
    assert not s.hub.log.count(" third "), "followed to another origin"
    s.heals()


def case_21_cyclic_link(s):
    many(s)
    s.hub.fault(Fault(TREE, link(lambda request: request.url), times=None))
    run = s.run(code=(5, 6))
    assert s.hub.log.count(TREE) < 5 and run.seconds < 10
    s.heals()


def case_21_link_that_never_ends(s):
    many(s)
    s.hub.fault(Fault(TREE, lambda q, r: as_json([]), link(lambda q: f"{s.hub.url}{q.raw_path}?recursive=true&cursor={int(q.query.get('cursor', 0)) + 1}"), times=None))
    run = s.run(code=(5, 6))
    assert run.seconds < 60
    s.heals()


def case_21_truncated_json(s):
    many(s)
    s.hub.fault(Fault(TREE, lambda q, r: Response(200, {"Content-Type": "application/json"}, r.content.bytes()[:-40]), times=None))
    s.run(code=6)
    s.heals()


def malformed(value):
    def case(s):
        s.model(1 * MIB)
        s.hub.fault(Fault(TREE, lambda q, r: as_json(value), times=None))
        s.run(code=6)
        assert not s.hub.log.count(STORED)
        s.heals()
    return case


case_21_not_a_list = malformed({"files": 3})
case_21_size_of_text = malformed([{"type": "file", "path": "model.safetensors", "size": "big", "oid": "0" * 40}])
case_21_negative_size = malformed([{"type": "file", "path": "model.safetensors", "size": -1, "oid": "0" * 40}])
case_21_digest_that_is_a_path = malformed([{"type": "file", "path": "model.safetensors", "size": 9, "oid": "0" * 40, "lfs": {"oid": "../../../etc/x", "size": 9}}])


def case_21_a_million_entries(s):
    s.model(1 * MIB)
    step = 50_001

    def act(request, _):
        start = int(request.query.get("cursor", 0))
        body = "[" + ",".join(f'{{"type":"file","oid":"{"0" * 40}","size":1,"path":"f{index}"}}' for index in range(start, start + step)) + "]"
        return Response(200, {"Content-Type": "application/json", "Link": f'<{s.hub.url}{request.raw_path}?recursive=true&cursor={start + step}>; rel="next"'}, body.encode())

    s.hub.fault(Fault(TREE, act, times=None))
    run = s.run(code=6)
    assert s.hub.log.count(TREE) <= 21 and "model.safetensors" not in run.err
    s.heals()


def case_21_body_of_65_mib(s):
    s.model(1 * MIB)
    body = b"[" + b" " * (65 * MIB) + b"]"
    s.hub.fault(Fault(TREE, answer(200, {"Content-Type": "application/json"}, body), times=None))
    s.run(code=6)
    s.heals()


def case_21_modelscope_listing_truncated(s):
    s.model(1 * MIB)
    s.hub.fault(Fault(r"hub /api/v1/models/test/model/repo/files", lambda q, r: Response(200, {"Content-Type": "application/json"}, json.dumps({"Code": 200}).encode()[:-3]), times=None))
    s.run("ms:test/model", code=6)
    s.heals("ms:test/model")


def case_21_head_without_end(s):
    """Header fields for ever are an error, not memory for ever."""
    s.model(1 * MIB)
    s.hub.fault(Fault(TREE, lambda q, r: [r.headers.append((f"X-Field-{index}", "y" * 8000)) for index in range(4000)] and None, times=None))
    run = s.run(code=(5, 6))
    assert run.seconds < 60
    s.heals()
