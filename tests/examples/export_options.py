# SPDX-License-Identifier: Apache-2.0
# What ingot-export refuses, with which exit code and before anything is written, and what it does about weights that are not finite.
# export_options.py PROGRAM CHECKPOINT: a small one, with at least 96 tokens.
import json
import math
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from ascii_tokenizer import ascii_tokenizer  # noqa: E402

program, checkpoint = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
usage, damaged = 2, 6
failures = []


def run(name, arguments, code, *texts):
    destination = folder / "package"
    shutil.rmtree(destination, ignore_errors=True)
    done = subprocess.run([program, "--path", model, "--dst_path", destination, "--threads", "2", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)
    wrong = [f"exit code {done.returncode}, expected {code}"] if done.returncode != code else []
    wrong += [f'no "{text}"' for text in texts if text not in done.stderr + done.stdout]
    if code != 0 and list(folder.glob("package*")):
        wrong.append("something was written")
    if wrong:
        failures.append(f"{name}: {'; '.join(wrong)}\n{done.stderr}")


def save(path, shapes):
    """Float tensors of zeros as safetensors."""
    header, size = {}, 0
    for name, shape in shapes.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [size, size + 4 * math.prod(shape)]}
        size += 4 * math.prod(shape)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(size))


def poisoned(values):
    """The checkpoint with `values` at the start of its first layer's up_proj."""
    copy = folder / "poisoned"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(model, copy)
    weights = bytearray((copy / "model.safetensors").read_bytes())
    size = struct.unpack_from("<Q", weights)[0]
    entry = json.loads(weights[8:8 + size])["model.layers.0.mlp.up_proj.weight"]
    form = {"F32": "<f", "F16": "<e"}.get(entry["dtype"])
    for i, value in enumerate(values):
        at = 8 + size + entry["data_offsets"][0]
        if form:
            struct.pack_into(form, weights, at + i * struct.calcsize(form), value)
        else:
            weights[at + 2 * i:at + 2 * i + 2] = struct.pack("<f", value)[2:]
    (copy / "model.safetensors").write_bytes(weights)
    return copy


with tempfile.TemporaryDirectory() as temporary:
    folder = Path(temporary)
    model = folder / "model"
    shutil.copytree(checkpoint, model)
    (model / "tokenizer.json").write_text(json.dumps(ascii_tokenizer()))
    (model / "chat_template.jinja").write_text("{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}")
    text = folder / "text.txt"
    text.write_text("The quick brown fox jumps over the lazy dog.\n" * 20)

    for first, second in [(["--hqq"], ["--gptq"]), (["--target_size", "1MB"], ["--target_bpw", "5"]), (["--quiet"], ["--verbose"]),
                          (["--target_bpw", "5"], ["--quant_bit", "4"]), (["--target_bpw", "5"], ["--quant_block", "32"]),
                          (["--target_size", "1MB"], ["--lm_quant_bit", "8"]), (["--act_order"], ["--hqq"]),
                          (["--quant_bit", "16"], ["--hqq"]), (["--quant_bit", "32"], ["--gptq"]), (["--calib_data", text], ["--hqq"]),
                          (["--sparse", "2:4"], ["--target_bpw", "5"]), (["--sparse", "2:4", "--gptq"], ["--act_order"]),
                          (["--sparse", "2:4", "--hqq"], ["--sparse_mask", "sparsegpt"]), (["--sparse_mask", "wanda"], ["--gptq"]),
                          (["--sparse", "4:8"], ["--gptq"])]:
        run(f"{first} {second}", first + second, usage)
        run(f"{second} {first}", second + first, usage)
    run("a rate of nothing", ["--target_bpw", "0"], usage)
    run("a size that cannot be", ["--target_size", "1KB", "--calib_data", text], usage, "at least", "MB")
    run("a rate that cannot be", ["--target_bpw", "1.5", "--calib_data", text], usage, "at least", "bits a weight")
    run("bits without kernels", ["--quant_bit", "7"], 10, "bits: ")
    for refused in (["--quant_bit", "3"], ["--quant_bit", "16"], ["--quant_block", "16"], ["--export", "onnx"]):
        run(f"2:4 {refused}", ["--sparse", "2:4", *refused], 10, "2:4")
    for chosen in ([], ["--hqq"], ["--gptq"], ["--awq"], ["--sparse_mask", "wanda"], ["--sparse_mask", "sparsegpt"]):
        texts = ["--calib_data", text] if chosen and chosen != ["--hqq"] else []
        run(f"2:4 {chosen}", ["--sparse", "2:4", "--quant_block", "32", "-v", *chosen, *texts], 0, "int4-g32-2of4")

    data = folder / "data"
    for name, content, code, words in [("empty", b"", usage, "empty"), ("blank", b" \n\n", usage, "empty"), ("short", b"a", usage, "two tokens"),
                                       ("zeros", b"some text\n\0\0", damaged, "NUL"), ("latin", b"caf\xe9\n", damaged, "UTF-8"),
                                       ("line", b'{"messages": [{"role": "user", "content": "hi"}]}\n{"messages": \n', damaged, "line 2"),
                                       ("key", b'{"message": []}\n', damaged, "line 1")]:
        data.write_bytes(content)
        run(f"calibration data: {name}", ["--gptq", "--calib_data", data], code, words)
    run("calibration data: none there", ["--gptq", "--calib_data", folder / "nothing"], 4)
    data.write_text('{"messages": [{"role": "user", "content": "How are you?"}, {"role": "assistant", "content": "Fine."}]}\n' * 9)
    run("chat messages", ["--gptq", "--calib_data", data], 0)
    run("a target", ["--target_bpw", "6.5", "--calib_data", data, "-v"], 0, "up_proj", "divergence")

    # MNN's command lines, and what this version does about each option.
    for mnn in (["--export", "mnn", "--onnx_slim", "--mnnconvert", "x"], ["--act_bit", "16"], ["--visual_quant_bit", "4", "--visual-sym"],
                ["--type", "llama", "--tokenizer-path", model], ["--embed_bit", "8", "--seperate_embed"], ["--embed-bit=4"],
                ["--smooth", "--calib_data", text], ["--omni", "--omni_epochs", "2", "--calib-data", text]):
        run(f"llmexport {mnn}", mnn, 0)
    run("an option that changes nothing", ["--onnx_slim"], 0, "--onnx-slim has no effect")
    for option in (["--eagle_path", "x"], ["--dflash-path", "x"], ["--generate_for_npu"], ["--skip_weight"], ["--type", "qwen2"], ["--act_bit", "8"]):
        run(f"not supported: {option}", option, 10)
    for option in (["--test", ""], ["--scale_bit", "8"], ["--rotate_seed", "3"], ["--rotate", "--gptq_path", model], ["--lora_split"], ["--nonsense"]):
        run(f"usage: {option}", option, usage)
    run("--ppl", ["--ppl"], 0)
    if not json.loads((folder / "package" / "config.json").read_text()).get("all_logits"):
        failures.append("--ppl: all_logits is not in config.json")
    run("--scale_bit", ["--scale_bit", "32", "--quant-bit", "3", "--sym", "-v"], 0, "int3-g64-f32")
    run("--test", ["--test", "How are you?"], 0, str(folder / "package"))
    answer = subprocess.run([program, "--path", model, "--test", "How are you?"], capture_output=True, text=True, cwd=folder, timeout=120)
    if answer.returncode != 0 or len(answer.stdout) < 10 or list(folder.glob("model/*.safetensors.scales")) or (folder / "model" / "weights.safetensors").exists():
        failures.append(f"--test without --dst_path: {answer.returncode} {answer.stdout!r} {answer.stderr}")
    tower = folder / "tower"
    shutil.copytree(model, tower)
    config = json.loads((model / "config.json").read_text())
    (tower / "config.json").write_text(json.dumps({**config, "vision_config": {"depth": 2}}))
    model, plain = tower, model
    run("a tower is left out", [], 0)
    run("options of a tower", ["--visual_quant_bit", "4"], 10, "towers")
    model = plain

    adapter = folder / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["q_proj"]}')
    for name, columns, place in (("another width", 9, "model.layers.0.self_attn.q_proj"), ("another layer", 1, "model.layers.77.self_attn.q_proj")):
        module = "base_model.model." + place
        save(adapter / "adapter_model.safetensors", {f"{module}.lora_A.weight": (2, columns), f"{module}.lora_B.weight": (columns, 2)})
        run(f"an adapter for another base: {name}", ["--lora_path", adapter], damaged, "q_proj")
    codes = folder / "codes"
    shutil.copytree(model, codes)
    (codes / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "gptq", "bits": 7, "group_size": 32}}))
    run("GPTQ of unknown bits", ["--gptq_path", codes], 10, "GPTQ in 7 bits")

    rules = folder / "rules.json"
    rules.write_text('[{"match": "down_proj", "bits": 8, "block": 32}, {"match": "nothing", "bits": 8}]')
    run("quant_config", ["--quant_config", rules, "-v"], 0, '"nothing"', "int8-g32-min")
    rules.write_text('[{"match": "down_proj", "bit": 8}]')
    run("quant_config: a key", ["--quant_config", rules], usage, "bit")
    rules.write_text("[")
    run("quant_config: no JSON", ["--quant_config", rules], damaged, "rules.json")

    model = poisoned([math.nan, math.inf, -math.inf])
    for search in ([], ["--hqq"], ["--gptq", "--calib_data", text], ["--target_bpw", "6.5", "--calib_data", text]):
        run(f"not finite {search}", search, damaged, "up_proj")
        run(f"not finite, clamped {search}", ["--keep_going", *search], 0, "layers.0.mlp.up_proj.weight: 3 values are not finite")

print("\n".join(failures) or "every refusal as it should be")
sys.exit(len(failures) != 0)
