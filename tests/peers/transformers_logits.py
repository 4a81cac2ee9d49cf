"""Tiny random checkpoints of every architecture, with the logits that PyPI `transformers` gives for them.

    python tests/peers/transformers_logits.py [harness/model/tests/fixtures]

writes a folder a variant: config.json, model.safetensors (the weights, rounded to bfloat16 to keep the files small),
expected.json (token ids and, for chosen positions, log-probabilities of all tokens, in float32). The test
`harness/model/tests/architectures.rs` reads them, so that `cargo test` needs no Python. It also writes quants.json:
random blocks of every quantised GGUF format, widened by PyPI `gguf`, and a GGUF file a family with quantised matrices, laid
out as llama.cpp's converter does it, with what transformers says of the widened weights.

Needs: transformers, torch, safetensors, gguf, numpy.
"""

import json
import pathlib
import sys

import gguf
import numpy as np
import torch
import transformers
from safetensors.torch import save_file

VOCAB, HIDDEN, LAYERS, LENGTH = 64, 32, 2, 24
COMMON = dict(vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=4,
              intermediate_size=48, max_position_embeddings=64, bos_token_id=0, eos_token_id=0, pad_token_id=None)
GROUPED = dict(COMMON, num_key_value_heads=2)
LLAMA3 = dict(rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16)
LONG = dict(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.1, 1.5, 2.0],
            long_factor=[2.0, 3.0, 4.0, 5.0], original_max_position_embeddings=32)
YARN = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16, beta_fast=4.0)

VARIANTS = {
    "phi": ("PhiConfig", COMMON),
    "phi3": ("Phi3Config", GROUPED),
    "phi3-longrope": ("Phi3Config", dict(GROUPED, rope_parameters=LONG, original_max_position_embeddings=32)),
    "llama": ("LlamaConfig", GROUPED),
    "llama3-rope": ("LlamaConfig", dict(GROUPED, rope_parameters=LLAMA3, attention_bias=True, mlp_bias=True)),
    "llama-linear-rope-tied": ("LlamaConfig", dict(
        GROUPED, tie_word_embeddings=True, rope_parameters=dict(rope_type="linear", factor=2.0, rope_theta=10000.0))),
    "llama-yarn": ("LlamaConfig", dict(GROUPED, rope_parameters=YARN)),
    "mistral": ("MistralConfig", dict(GROUPED, sliding_window=7)),
    "qwen2": ("Qwen2Config", GROUPED),
    "qwen3": ("Qwen3Config", dict(GROUPED, head_dim=16)),
    "gemma": ("GemmaConfig", dict(GROUPED, head_dim=16)),
    "gemma2": ("Gemma2Config", dict(GROUPED, head_dim=16, sliding_window=7, query_pre_attn_scalar=16)),
    "stablelm": ("StableLmConfig", dict(GROUPED, use_qkv_bias=True)),
    "stablelm-parallel": ("StableLmConfig", dict(GROUPED, use_parallel_residual=True)),
    "gpt_neox": ("GPTNeoXConfig", COMMON),
    "gpt_neox-sequential": ("GPTNeoXConfig", dict(COMMON, use_parallel_residual=False)),
    "gpt2": ("GPT2Config", dict(vocab_size=VOCAB, n_embd=HIDDEN, n_layer=LAYERS, n_head=4, n_positions=64,
                                bos_token_id=0, eos_token_id=0)),
}


def log_probabilities(model, ids):
    with torch.no_grad():
        return torch.log_softmax(model(torch.tensor([ids])).logits[0].float(), -1)


def write_variant(out, name, config_class, kwargs):
    torch.manual_seed(sum(name.encode()))
    config = getattr(transformers, config_class)(**kwargs)
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for p in model.parameters():
            # Large enough that every part of a block shows in the logits; rounded, so that the file holds it exactly.
            p.copy_((torch.randn_like(p) * 0.3 + (0.5 if p.ndim == 1 else 0.0)).bfloat16().float())
    ids = torch.randint(1, VOCAB, (LENGTH,)).tolist()
    wanted = [0, 1, LENGTH // 2, LENGTH - 1]
    rows = log_probabilities(model, ids)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    tied = model.config.tie_word_embeddings
    tensors = {k: v.detach().bfloat16().contiguous() for k, v in model.state_dict().items()
               if not (tied and k == "lm_head.weight") and v.is_floating_point() and v.ndim > 0}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    expected = {"ids": ids, "rows": {str(i): [round(x, 6) for x in rows[i].tolist()] for i in wanted}}
    (folder / "expected.json").write_text(json.dumps(expected))


def permuted(weight, heads):
    """What llama.cpp's converter does to queries and keys: halves become neighbours."""
    out = weight.shape[0]
    return weight.reshape(heads, 2, out // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


# Family of a GGUF file: its configuration in transformers, and how its name map calls it.
GGUF_VARIANTS = {
    "llama": ("LlamaConfig", GROUPED, gguf.MODEL_ARCH.LLAMA),
    "qwen2": ("Qwen2Config", GROUPED, gguf.MODEL_ARCH.QWEN2),
    "qwen3": ("Qwen3Config", dict(GROUPED, head_dim=16), gguf.MODEL_ARCH.QWEN3),
    "phi2": ("PhiConfig", COMMON, gguf.MODEL_ARCH.PHI2),
    "phi3": ("Phi3Config", GROUPED, gguf.MODEL_ARCH.PHI3),
    "gemma": ("GemmaConfig", dict(GROUPED, head_dim=16), gguf.MODEL_ARCH.GEMMA),
    "gemma2": ("Gemma2Config", dict(GROUPED, head_dim=16, sliding_window=7, query_pre_attn_scalar=16),
               gguf.MODEL_ARCH.GEMMA2),
    "gptneox": ("GPTNeoXConfig", COMMON, gguf.MODEL_ARCH.GPTNEOX),
    "stablelm": ("StableLmConfig", dict(GROUPED, use_qkv_bias=True), gguf.MODEL_ARCH.STABLELM),
    "gpt2": ("GPT2Config", VARIANTS["gpt2"][1], gguf.MODEL_ARCH.GPT2),
}
QUANTS = [gguf.GGMLQuantizationType[k] for k in ["Q8_0", "Q4_0", "Q5_0", "Q4_1", "Q5_1", "F16", "BF16"]]
TEMPLATE = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{{ eos_token }}"


def converted(arch, name, data, config):
    """What llama.cpp's converter makes of a tensor."""
    if arch == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
        return permuted(data, config.num_attention_heads if "q_proj" in name else config.num_key_value_heads)
    if arch.startswith("gemma") and name.endswith("norm.weight"):
        return data + 1
    if arch == "gpt2" and data.ndim == 2 and ("c_attn" in name or "c_proj" in name or "c_fc" in name):
        return data.T
    if arch == "gptneox" and "query_key_value" in name:
        heads, width = config.num_attention_heads, config.hidden_size // config.num_attention_heads
        return data.reshape(heads, 3, width, -1).swapaxes(0, 1).reshape(data.shape)
    return data


def write_gguf(out, arch, config_class, kwargs, model_arch):
    """A random model as a GGUF file, its matrices in the quantised formats in turn, and what transformers says of the
    model with the same weights, widened."""
    torch.manual_seed(sum(arch.encode()))
    wide = {} if arch == "gpt2" else {"intermediate_size": 64}
    config = getattr(transformers, config_class)(**{**kwargs, **wide})
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    writer = gguf.GGUFWriter(out / f"{arch}.gguf", arch)
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(getattr(config, "intermediate_size", 4 * config.hidden_size))
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(heads)
    writer.add_head_count_kv(getattr(config, "num_key_value_heads", None) or heads)
    writer.add_key_length(width)
    writer.add_layer_norm_rms_eps(getattr(config, "rms_norm_eps", 1e-6))
    writer.add_layer_norm_eps(getattr(config, "layer_norm_eps", getattr(config, "layer_norm_epsilon", 1e-5)))
    if arch != "gpt2":
        rotary = config.rope_parameters.get("partial_rotary_factor", 1.0)
        writer.add_rope_dimension_count(int(width * rotary))
        writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if arch == "gptneox":
        writer.add_parallel_residual(config.use_parallel_residual)
    if arch == "gemma2":
        writer.add_sliding_window(config.sliding_window)
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(["<|end|>"] + [chr(33 + i) for i in range(VOCAB - 2)] + ["AB"])
    writer.add_token_merges(["A B"])
    writer.add_token_types([3] + [1] * (VOCAB - 1))
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_chat_template(TEMPLATE)
    names = gguf.get_tensor_name_map(model_arch, config.num_hidden_layers)
    written = 0
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(torch.randn_like(p) * 0.3 + (0.5 if p.ndim == 1 else 0.0))
            data = np.ascontiguousarray(converted(arch, name, p.numpy(), config).astype(np.float32))
            kind = gguf.GGMLQuantizationType.F32
            if data.ndim == 2:
                kind = QUANTS[written % len(QUANTS)]
                written += 1
            stored = gguf.quants.quantize(data, kind)
            writer.add_tensor(names.get_name(name, (".weight", ".bias")), stored, raw_dtype=kind)
            back = gguf.quants.dequantize(stored, kind).astype(np.float32).reshape(data.shape)
            p.copy_(torch.from_numpy(np.ascontiguousarray(restored(arch, name, back, config))))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    ids = torch.randint(1, VOCAB, (LENGTH,)).tolist()
    rows = log_probabilities(model, ids)
    expected = {"ids": ids, "rows": {str(i): [round(x, 6) for x in rows[i].tolist()] for i in [0, LENGTH - 1]}}
    (out / f"{arch}.gguf.json").write_text(json.dumps(expected))


def restored(arch, name, data, config):
    """The inverse of `converted`."""
    if arch == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
        heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
        return data.reshape(heads, data.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(data.shape)
    if arch.startswith("gemma") and name.endswith("norm.weight"):
        return data - 1
    if arch == "gpt2" and data.ndim == 2 and ("c_attn" in name or "c_proj" in name or "c_fc" in name):
        return data.T
    if arch == "gptneox" and "query_key_value" in name:
        heads, width = config.num_attention_heads, config.hidden_size // config.num_attention_heads
        return data.reshape(3, heads, width, -1).swapaxes(0, 1).reshape(data.shape)
    return data


def write_quants(out):
    rng = np.random.default_rng(5)
    blocks = {}
    for name in ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]:
        kind = gguf.GGMLQuantizationType[name]
        length, size = gguf.GGML_QUANT_SIZES[kind]
        count = 512 // length
        data = rng.integers(0, 256, (count, size), dtype=np.uint8)
        # Scales that are ordinary numbers.
        scales = {"Q6_K": [208]}.get(name, [0, 2] if name in ("Q4_1", "Q5_1", "Q4_K", "Q5_K") else [0])
        for at in scales:
            data[:, at:at + 2] = rng.uniform(0.01, 0.1, count).astype(np.float16)[:, None].view(np.uint8)
        wide = gguf.quants.dequantize(data.reshape(1, -1), kind).reshape(-1)
        blocks[name] = {"bytes": data.tobytes().hex(), "numbers": [round(float(x), 7) for x in wide]}
    (out / "quants.json").write_text(json.dumps(blocks))


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "harness/model/tests/fixtures")
    for name, (config_class, kwargs) in VARIANTS.items():
        write_variant(out, name, config_class, kwargs)
        print(name, flush=True)
    for arch, variant in GGUF_VARIANTS.items():
        write_gguf(out, arch, *variant)
        print(arch, flush=True)
    write_quants(out)


if __name__ == "__main__":
    main()
