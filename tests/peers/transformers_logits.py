"""Tiny random checkpoints of every architecture, with the logits that PyPI `transformers` gives for them.

    python tests/peers/transformers_logits.py [harness/model/tests/fixtures]

writes a folder a variant: config.json, model.safetensors (the weights, rounded to bfloat16 to keep the files small),
expected.json (token ids and, for chosen positions, log-probabilities of all tokens, in float32). The test
`harness/model/tests/architectures.rs` reads them, so that `cargo test` needs no Python. It also writes quants.json:
random blocks of every quantised GGUF format, widened by PyPI `gguf`, and one GGUF file a layout that its converter
changes (llama's permuted queries and keys), with the same expectations as the folder it comes from.

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

VARIANTS = {
    "phi": ("PhiConfig", COMMON),
    "phi3": ("Phi3Config", GROUPED),
    "phi3-longrope": ("Phi3Config", dict(GROUPED, rope_parameters=LONG, original_max_position_embeddings=32)),
    "llama": ("LlamaConfig", GROUPED),
    "llama3-rope": ("LlamaConfig", dict(GROUPED, rope_parameters=LLAMA3, attention_bias=True, mlp_bias=True)),
    "llama-linear-rope-tied": ("LlamaConfig", dict(
        GROUPED, tie_word_embeddings=True, rope_parameters=dict(rope_type="linear", factor=2.0, rope_theta=10000.0))),
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
    return model, ids, rows


def permuted(weight, heads):
    """What llama.cpp's converter does to queries and keys: halves become neighbours."""
    out = weight.shape[0]
    return weight.reshape(heads, 2, out // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def write_gguf(out, model):
    """The llama variant as GGUF: matrices in F16, BF16 or F32, queries and keys permuted, a tokenizer of bytes."""
    c = model.config
    writer = gguf.GGUFWriter(out / "llama.gguf", "llama")
    writer.add_context_length(c.max_position_embeddings)
    writer.add_embedding_length(c.hidden_size)
    writer.add_feed_forward_length(c.intermediate_size)
    writer.add_block_count(c.num_hidden_layers)
    writer.add_head_count(c.num_attention_heads)
    writer.add_head_count_kv(c.num_key_value_heads)
    writer.add_layer_norm_rms_eps(c.rms_norm_eps)
    writer.add_rope_dimension_count(c.hidden_size // c.num_attention_heads)
    writer.add_rope_freq_base(10000.0)
    tokens = ["<|end|>"] + [chr(33 + i) for i in range(VOCAB - 2)] + ["AB"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_merges(["A B"])
    writer.add_token_types([3] + [1] * (VOCAB - 1))
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    names = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    parts = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    kinds = [gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16, gguf.GGMLQuantizationType.BF16]
    for i, (name, tensor) in enumerate(model.state_dict().items()):
        data = tensor.detach().numpy().astype(np.float32)
        stem = name.removesuffix(".weight")
        if stem.startswith("model.layers."):
            _, _, layer, part = stem.split(".", 3)
            if part.endswith("q_proj"):
                data = permuted(data, c.num_attention_heads)
            if part.endswith("k_proj"):
                data = permuted(data, c.num_key_value_heads)
            target = f"blk.{layer}.{parts[part]}.weight"
        else:
            target = names[stem] + ".weight"
        kind = kinds[i % 3] if data.ndim == 2 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(target, gguf.quants.quantize(np.ascontiguousarray(data), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


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
        model, _, _ = write_variant(out, name, config_class, kwargs)
        if name == "llama":
            write_gguf(out, model)
        print(name, flush=True)
    write_quants(out)


if __name__ == "__main__":
    main()
