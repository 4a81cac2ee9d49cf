#!/usr/bin/env python3
"""PyTorch's training steps on a GPU, on the workloads of phi-bench's example `device_numbers`: what its speed is held against.

    pip install torch numpy
    python3 tests/peers/torch_gpu_training.py [--workload reference|phi-1-small] [--dtype float32|bfloat16] [--compile]

A Phi decoder (parallel attention and MLP, one LayerNorm a block, biases, partial rotary embedding, untied head with a bias),
AdamW (fused), for bfloat16 under autocast with weights in float32. Prints one JSON line: the median step without the first two.
Exit code 4 where torch sees no GPU. `--device cpu` runs it without one, to see that it works.
"""

import argparse
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

# vocabulary, hidden, layers, tokens of a row, rows
WORKLOADS = {"reference": (4096, 256, 6, 256, 16), "phi-1-small": (51200, 1024, 20, 1024, 16)}
HEAD, ROTARY = 64, 32


def turn(x, cos, sin):
    first, second, rest = x[..., : ROTARY // 2], x[..., ROTARY // 2 : ROTARY], x[..., ROTARY:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin, rest], -1)


class Block(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.dense = nn.Linear(hidden, hidden)
        self.fc1 = nn.Linear(hidden, 4 * hidden)
        self.fc2 = nn.Linear(4 * hidden, hidden)

    def forward(self, x, cos, sin):
        rows, length, hidden = x.shape
        y = self.norm(x)
        q, k, v = self.qkv(y).view(rows, length, 3, hidden // HEAD, HEAD).permute(2, 0, 3, 1, 4)
        q, k = turn(q, cos, sin), turn(k, cos, sin)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(x.shape)
        return x + self.dense(mixed) + self.fc2(F.gelu(self.fc1(y), approximate="tanh"))


class Phi(nn.Module):
    def __init__(self, vocabulary, hidden, layers, length):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.ModuleList(Block(hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, vocabulary)
        frequencies = 10_000.0 ** (-torch.arange(0, ROTARY, 2) / ROTARY)
        angles = torch.arange(length)[:, None] * frequencies
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, tokens, dtype):
        x = self.embedding(tokens)
        cos, sin = self.cos.to(dtype), self.sin.to(dtype)
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.head(self.norm(x))


def flops_per_token(vocabulary, hidden, layers, length):
    """6 a matrix parameter, and causal attention at half its cost, as `PhiConfig::train_flops_per_token`."""
    return 6 * (layers * 12 * hidden**2 + hidden * vocabulary) + 6 * layers * hidden * length


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", default="reference", choices=WORKLOADS)
    parser.add_argument("--dtype", default="bfloat16", choices=["float32", "bfloat16"])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("error: no GPU: torch sees none here", file=sys.stderr)
        sys.exit(4)
    # As candle multiplies float32: without TF32.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.manual_seed(0)
    vocabulary, hidden, layers, length, rows = WORKLOADS[options.workload]
    dtype = getattr(torch, options.dtype)
    model = Phi(vocabulary, hidden, layers, length).to(options.device)
    step_model = torch.compile(model) if options.compile else model
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, betas=(0.9, 0.95), fused=True)
    tokens = torch.randint(0, vocabulary, (rows, length + 1), device=options.device)
    times = []
    for _ in range(max(options.steps, 3)):
        start = time.perf_counter()
        with torch.autocast(options.device, torch.bfloat16, enabled=dtype == torch.bfloat16):
            logits = step_model(tokens[:, :-1], dtype)
            loss = F.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        loss = loss.item()
        if options.device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    seconds = statistics.median(times[2:])
    per_second = rows * length / seconds
    print(json.dumps({
        "time": options.workload, "program": f"torch {torch.__version__}", "device": options.device,
        "name": torch.cuda.get_device_name() if options.device == "cuda" else None,
        "dtype": options.dtype, "compile": options.compile, "params": sum(p.numel() for p in model.parameters()),
        "tokens_per_s": round(per_second), "step_ms": round(1e3 * seconds, 1),
        "tflops": per_second * flops_per_token(vocabulary, hidden, layers, length) / 1e12, "loss": loss,
        "peak_bytes": torch.cuda.max_memory_allocated() if options.device == "cuda" else None,
    }))


if __name__ == "__main__":
    main()
