#!/usr/bin/env python3
"""Training speed and memory: phi-bench's trainer beside PyTorch's eager mode, on the same cores, in turns.

    pip install torch numpy
    python3 tests/peers/torch_training_speed.py [BINARY] [--rounds N] [--threads N] [--steps N]

BINARY is the built example `training_speed` (cargo builds it unless told). Both train a Phi of 6 layers, hidden 256, 4 heads of
64, rotary dimension 32, MLP 1024, vocabulary 4096 on 16 rows of 256 random tokens a step with AdamW in f32. Each round runs one,
then the other, each in a process of its own. Printed: tokens a second of every round, the ratio of the medians (above 1: phi-bench
is faster), and each one's peak resident memory. Run it on a machine that does nothing else: it says so where the load is high.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

LAYERS, HIDDEN, HEADS, HEAD, ROTARY, VOCABULARY, LENGTH, ROWS = 6, 256, 4, 64, 32, 4096, 256, 16


def model():
    """The decoder, of PyTorch's own modules."""
    import torch
    from torch import nn
    from torch.nn import functional

    angles = torch.arange(LENGTH)[:, None] / 10000 ** (torch.arange(0, ROTARY, 2) / ROTARY)
    angles = torch.cat([angles, angles], -1)

    def turn(x, cosine, sine):
        first, rest = x.split([ROTARY, HEAD - ROTARY], -1)
        left, right = first.chunk(2, -1)
        return torch.cat([first * cosine + torch.cat([-right, left], -1) * sine, rest], -1)

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.LayerNorm(HIDDEN)
            self.qkv, self.dense = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
            self.up, self.down = nn.Linear(HIDDEN, 4 * HIDDEN), nn.Linear(4 * HIDDEN, HIDDEN)

        def forward(self, x, cosine, sine):
            y = self.norm(x)
            query, key, value = self.qkv(y).view(*y.shape[:2], 3, HEADS, HEAD).permute(2, 0, 3, 1, 4)
            query, key = turn(query, cosine, sine), turn(key, cosine, sine)
            attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            attended = self.dense(attended.transpose(1, 2).reshape(x.shape))
            return x + attended + self.down(functional.gelu(self.up(y), approximate="tanh"))

    class Phi(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, HIDDEN)
            self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
            self.norm, self.head = nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, VOCABULARY)
            self.register_buffer("cosine", angles.cos())
            self.register_buffer("sine", angles.sin())

        def forward(self, tokens):
            x = self.embedding(tokens)
            for block in self.blocks:
                x = block(x, self.cosine, self.sine)
            return self.head(self.norm(x))

    return Phi()


def train_with_torch(threads, steps):
    """One process' share: prints what the example prints of phi-bench."""
    import resource

    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    phi = model()
    optimiser = torch.optim.AdamW(phi.parameters(), 1e-3, fused=True)
    tokens = torch.randint(0, VOCABULARY, (ROWS, LENGTH + 1))
    inputs, targets = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
    seconds = []
    for _ in range(steps):
        begun = time.perf_counter()
        loss = functional.cross_entropy(phi(inputs).view(-1, VOCABULARY), targets.view(-1))
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        seconds.append(time.perf_counter() - begun)
    median = statistics.median(seconds[2:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    params = sum(p.numel() for p in phi.parameters())
    print(json.dumps({"params": params, "tokens_per_s": round(ROWS * LENGTH / median, 1), "peak_rss_mib": peak}))


def run(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=12, help="of each run; the first two don't count")
    parser.add_argument("--torch-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.steps < 3 or arguments.rounds < 1:
        parser.error("at least 3 steps and 1 round")
    if arguments.torch_only:
        return train_with_torch(arguments.threads, arguments.steps)
    example = ["cargo", "run", "--release", "-q", "-p", "phi-train", "--example", "training_speed", "--"]
    settings = ["--threads", str(arguments.threads), "--steps", str(arguments.steps)]
    commands = {
        "phi-bench": ([arguments.binary] if arguments.binary else example) + settings,
        "torch": [sys.executable, __file__, "--torch-only", *settings],
    }
    found = {name: [] for name in commands}
    for number in range(arguments.rounds):
        if (load := os.getloadavg()[0]) > 1 and number == 0:
            print(f"the machine is busy (load {load:.1f}): the figures will say little")
        for name, command in commands.items():
            found[name].append(run(command))
            print(f"round {number + 1}: {name} {found[name][-1]['tokens_per_s']:.0f} tokens/s", flush=True)
    assert len({one["params"] for runs in found.values() for one in runs}) == 1, "the two models differ"
    median = {name: statistics.median(one["tokens_per_s"] for one in runs) for name, runs in found.items()}
    for name, runs in found.items():
        print(f"{name}: median {median[name]:.0f} tokens/s, peak memory {max(one['peak_rss_mib'] for one in runs)} MiB")
    print(f"phi-bench / torch: {median['phi-bench'] / median['torch']:.2f}")
    print("phi-bench's last run:", json.dumps(found["phi-bench"][-1]))


if __name__ == "__main__":
    main()
