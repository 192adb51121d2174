#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs exported ONNX graphs by onnxruntime: run_graphs.py PROGRAM_DIR GOLDEN_DIR [NAME ...]. Exits with 77 where it is not installed.

Every golden model, in float32, all at once, in chunks and one by one through its cache, must give the reference's logits within 1e-3
deviations; what cannot be exported must be refused by name. Some of them also: two texts padded to one length; integer weights, which
must give what the package of the same integers gives; static activations, run in chunks of fixed extents and then one by one.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as missing:
    print(f"skipped: the Python package {missing.name} is not installed")
    sys.exit(77)

programs, golden_models = (pathlib.Path(argument) for argument in sys.argv[1:3])
REFUSED = {"bert": "encoder", "chatglm-6b": "positions", "lfm2": "convolution", "qwen3_5_text": "delta", "qwen3_next": "delta"}
INTEGER_MODELS = ("qwen2", "mixtral", "gpt_oss", "deepseek_v2")
STATIC_MODELS = ("llama", "gemma2", "mixtral", "llama4_text")


def run(program, *arguments):
    done = subprocess.run([programs / program, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100)
    return done.returncode, done.stderr


def export(model, directory, *options):
    code, errors = run("ingot-export", "--path", model, "--dst_path", directory, "--quiet", *options)
    assert code == 0, f"exit {code}: {errors}"
    return directory


def session(path, whole=True):
    if whole:
        onnx.checker.check_model(str(path), full_check=True)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")  # float32 sums: by default inputs are rounded
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def empty_cache(graph, batch=1):
    """Nothing, or zeros where the extents are fixed."""
    extents = lambda port: [batch if i == 0 else n if isinstance(n, int) else 0 for i, n in enumerate(port.shape)]
    return {port.name: np.zeros(extents(port), np.float32) for port in graph.get_inputs() if port.name.startswith("past")}


def step(graph, tokens, mask, positions, cache):
    """Logits of `tokens` [batch, sequence], and the cache behind them."""
    given = {"input_ids": tokens, "attention_mask": mask, "position_ids": positions}
    wanted = {port.name for port in graph.get_inputs()}
    given = {name: np.asarray(value, np.int64) for name, value in given.items() if name in wanted}
    names = [port.name for port in graph.get_outputs()]
    results = dict(zip(names, graph.run(names, {**given, **cache})))
    return results["logits"], {name: results[name.replace("past_key_values", "present")] for name in cache}


def logits(graph, tokens, chunk):
    cache, rows = empty_cache(graph), []
    for i in range(0, len(tokens), chunk):
        ids = tokens[i : i + chunk]
        end = i + len(ids)
        part, cache = step(graph, [ids], np.ones((1, end)), np.arange(i, end)[None], cache)
        rows.append(part[0])
    return np.concatenate(rows)


def check_close(what, got, expected, limit):
    assert got.shape == expected.shape, f"{what}: {got.shape} instead of {expected.shape}"
    error = float(np.abs(got - expected).max()) / max(1.0, float(expected.std()))
    print(f"  {what}: {error:.1e} deviations", flush=True)
    assert error <= limit, f"{what}: {error} deviations, {limit} are allowed"


def check_padding(graph, tokens):
    """The second text is shorter and padded on the left: its rows must not see that."""
    short = tokens[: len(tokens) // 2]
    pad = len(tokens) - len(short)
    ids, mask = np.array([tokens, [0] * pad + short]), np.ones((2, len(tokens)))
    mask[1, :pad] = 0
    positions = np.maximum(np.cumsum(mask, axis=1) - 1, 0)
    both, _ = step(graph, ids, mask, positions, empty_cache(graph, 2))
    check_close("padded", both[1, pad:], logits(graph, short, len(short)), 1e-3)


def check_integers(model, tokens, directory):
    for bits, block in ((4, 32), (8, 0)):
        form = ("--quant_bit", bits, "--quant_block", block)
        export(model, directory / f"package{bits}", "--sym", "--seperate_embed", *form)
        code, errors = run("ingot-eval", "logits", directory / f"package{bits}", "--tokens", model / "tokens.txt", "--precision", "f32",
                           "--kv", "f32", "--out", directory / "expected.npy")
        assert code == 0, errors
        graph = session(export(model, directory / f"integer{bits}", "--export", "onnx", *form) / "model.onnx")
        check_close(f"int{bits}", logits(graph, tokens, len(tokens)), np.load(directory / "expected.npy"), 1e-3)


def ranges_of(directory, tokens):
    """What goes into each matrix of a float graph, and what its attention reads, by the names that --act-ranges has."""
    model = onnx.load(directory / "model.onnx", load_external_data=False)
    places = {}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1].endswith("/transposed"):
            places.setdefault(node.input[0], []).append(node.input[1].removesuffix("/transposed").replace("experts.", "experts.0."))
    model.graph.output.extend(onnx.helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, None) for value in places)
    onnx.save(model, directory / "watched.onnx")
    graph = session(directory / "watched.onnx", whole=False)  # the checker wants shapes of all outputs
    names = [port.name for port in graph.get_outputs()]
    given = {"input_ids": [tokens], "attention_mask": np.ones((1, len(tokens))), "position_ids": np.arange(len(tokens))[None]}
    wanted = {port.name for port in graph.get_inputs()}
    given = {name: np.asarray(value, np.int64) for name, value in given.items() if name in wanted}
    ranges = {}
    for name, values in zip(names, graph.run(names, {**given, **empty_cache(graph)})):
        kind, _, rest = name.partition(".")
        at = [f"model.layers.{rest.split('.')[0]}.self_attn.{rest.split('.')[1]}"] if kind == "present" else places.get(name, [])
        ranges.update({place: [float(values.min()), float(values.max())] for place in at})
    return ranges


def check_static(model, tokens, float_directory, directory):
    """A first chunk that is padded on the left, whole chunks, then one by one by the graph of one position, on the same cache."""
    rows, cached, last = 8, 56, 3
    (directory / "ranges.json").write_text(json.dumps(ranges_of(float_directory, tokens)))
    export(model, directory / "blocks", "--export", "onnx", "--quant_bit", 8, "--quant_block", 32)
    exact = logits(session(directory / "blocks" / "model.onnx"), tokens, len(tokens))
    sparse = "num_local_experts" in (model / "config.json").read_text()  # where a router's near ties may fall to the other side
    forms = [(16, (), 32, 0.2 if sparse else 0.02), (16, ("--act_sym",), 32, 0.2 if sparse else 0.02)]
    if not sparse:
        forms.append((8, (), 0, 0.5))  # onnxruntime multiplies 8 bits by whole columns only
    for bits, symmetric, block, limit in forms:
        static = export(model, directory / "static", "--export", "onnx", "--quant_bit", 8, "--quant_block", block, "--act_bit", bits,
                        *symmetric, "--act-ranges", directory / "ranges.json", "--onnx-chunk", rows, "--onnx-context", rows + cached)
        graphs = {rows: session(static / "model.onnx"), 1: session(static / "decode.onnx")}
        cache, mask, got = empty_cache(graphs[1]), np.zeros(cached), []
        chunked = len(tokens) - last
        starts = [0, *range(chunked % rows or rows, chunked, rows), *range(chunked, len(tokens)), len(tokens)]
        for begin, end in zip(starts, starts[1:]):
            size = 1 if begin >= chunked else rows
            pad = size - (end - begin)
            valid = np.concatenate([mask, np.zeros(pad), np.ones(end - begin)])
            ids = [0] * pad + tokens[begin:end]
            positions = np.maximum(np.arange(begin - pad, end), 0)
            part, cache = step(graphs[size], [ids], valid[None], positions[None], cache)
            mask = valid[-cached:]
            got.append(part[0, pad:])
        check_close(f"static {bits} bits {' '.join(symmetric)}", np.concatenate(got), exact, limit)


def check(name, model, directory):
    tokens = [int(word) for word in (model / "tokens.txt").read_text().split()]
    if name in REFUSED:
        code, errors = run("ingot-export", "--path", model, "--dst_path", directory / "float", "--export", "onnx")
        assert code == 10 and REFUSED[name] in errors and not (directory / "float").exists(), f"exit {code}: {errors}"
        return print("  refused")
    golden = json.loads((model / "golden.json").read_text())
    if golden["kind"] != "causal":
        return print("  no decoder")
    expected = np.load(model / "logits.npy")
    float_directory = export(model, directory / "float", "--export", "onnx")
    graph = session(float_directory / "model.onnx")
    for mode in golden["modes"]:
        check_close(mode, logits(graph, tokens, len(tokens) if mode == "all" else int(mode)), expected, 1e-3)
    if "1" in golden["modes"]:
        check_padding(graph, tokens)
    if name in INTEGER_MODELS:
        check_integers(model, tokens, directory)
    if name in STATIC_MODELS:
        check_static(model, tokens, float_directory, directory)


def main():
    names = sys.argv[3:] or sorted(path.name for path in golden_models.iterdir())
    failures = 0
    for name in names:
        model = golden_models / name
        print(name, flush=True)
        try:
            with tempfile.TemporaryDirectory() as temporary:
                check(name, model, pathlib.Path(temporary))
        except Exception as error:  # the next ones are checked, too
            print(f"  FAILED: {error}")
            failures += 1
    sys.exit(f"{failures} of {len(names)} failed" if failures else 0)


if __name__ == "__main__":
    main()
