#!/usr/bin/env python3
"""Logits, gradients and 50 AdamW steps: phi-bench's trainer beside PyTorch's autograd and `transformers`' Phi.

    pip install torch numpy transformers safetensors
    python3 tests/peers/torch_training.py MODEL [BINARY]

MODEL is a Phi checkpoint in Hugging Face's layout; BINARY the built example `training_numbers` (cargo builds it unless told).
Prints the largest differences and fails if one is over its bound: logits 1e-4, gradients 1e-4 relative to each tensor's norm,
the loss at each step 1e-4. Then the trained model is loaded by `transformers`, and one that `transformers` saved by
phi-bench, with logits equal to 1e-4.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file
from transformers import PhiForCausalLM

LENGTH = 129
BOUND = 1e-4


def rows(model, count=40):
    """Pseudo-random tokens with some order in them: every next one is one of four that its predecessor allows."""
    generator = torch.Generator().manual_seed(7)
    vocabulary = model.config.vocab_size
    found = []
    for _ in range(count):
        row = [int(torch.randint(vocabulary, (1,), generator=generator))]
        while len(row) < LENGTH:
            row.append((row[-1] * 5 + 7 * int(torch.randint(4, (1,), generator=generator)) + 1) % vocabulary)
        found.append(row)
    return found


def ours(command, model, rows_file, out):
    subprocess.run([*command, str(model), str(rows_file), str(out)], check=True)
    return load_file(out / "numbers.safetensors"), json.loads((out / "curve.json").read_text())


def load(path):
    return PhiForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").train()


def loss_of(model, batch):
    logits = model(batch[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())


def logits_of(model, row):
    with torch.no_grad():
        return model(torch.tensor([row[:-1]])).logits[0]


def decays(name):
    """Matrices and the head's weight; not embeddings, norms and biases."""
    return name.endswith(".weight") and "layernorm" not in name and "embed_tokens" not in name


def curve(model, data, numbers):
    spec, losses = numbers["spec"], []
    groups = [
        {"params": [p for n, p in model.named_parameters() if decays(n) == decay], "weight_decay": spec["weight_decay"] if decay else 0.0}
        for decay in (True, False)
    ]
    optimiser = torch.optim.AdamW(groups, lr=1.0, betas=(spec["beta1"], spec["beta2"]), eps=spec["epsilon"])
    for step in numbers["steps"]:
        loss = loss_of(model, data[step["rows"]])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), spec["clip_norm"])
        for group in optimiser.param_groups:
            group["lr"] = spec["learning_rate"] * step["factor"]
        optimiser.step()
        losses.append(loss.item())
    return losses


def main(model_path, binary=None):
    command = [binary] if binary else ["cargo", "run", "--release", "-q", "-p", "phi-train", "--example", "training_numbers", "--"]
    worst = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        model = load(model_path)
        data = rows(model)
        (folder / "rows.json").write_text(json.dumps(data))
        tensors, numbers = ours(command, model_path, folder / "rows.json", folder / "ours")
        tokens = torch.tensor(data)

        worst["logits"] = (logits_of(model, data[0]) - tensors["logits"]).abs().max().item()
        loss_of(model, tokens[numbers["steps"][0]["rows"]]).backward()
        gradients = {}
        for name, parameter in model.named_parameters():
            difference = (parameter.grad - tensors[f"grad.{name}"]).norm() / parameter.grad.norm().clamp_min(1e-6)
            gradients[name] = difference.item()
        missing = {f"grad.{name}" for name, _ in model.named_parameters()} ^ (tensors.keys() - {"logits"})
        assert not missing, f"parameters that only one of the two has: {missing}"
        worst["gradients"] = max(gradients.values())
        print(f"worst gradient: {max(gradients, key=gradients.get)}")
        model.zero_grad()

        theirs = curve(model, tokens, numbers)
        losses = [step["loss"] for step in numbers["steps"]]
        worst["losses"] = max(abs(a - b) for a, b in zip(theirs, losses))
        print(f"loss from {losses[0]:.4f} to {losses[-1]:.4f} in {len(losses)} steps")

        model.save_pretrained(folder / "theirs")
        for who, path in (("phi-bench", folder / "ours" / "model"), ("transformers", folder / "theirs")):
            again, _ = ours(command, path, folder / "rows.json", folder / "again")
            worst[f"logits of the model that {who} saved"] = (logits_of(load(path), data[0]) - again["logits"]).abs().max().item()
    for what, difference in worst.items():
        print(f"{what}: differ by {difference:.2e} at most")
    if over := [what for what, difference in worst.items() if not difference <= BOUND]:
        sys.exit(f"over the bound: {', '.join(over)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
