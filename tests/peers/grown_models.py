"""Grows small random models of every family that can be grown, and asks PyPI `transformers` what became of their logits.

    python tests/peers/grown_models.py target/release/phi-bench

A model is the tiny checkpoint of harness/model/tests/fixtures, in float32. Each is grown to twice its width, one layer more
and a larger vocabulary. Prints, by family and method, how far the logits of the old tokens moved, as a share of the largest;
fails where a method that keeps the function moved them by more than 1e-5, or transformers can't load the model. Also checks
that a Phi with longer heads has as many rotated dimensions as before.

Needs: transformers, torch, safetensors.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file

FIXTURES = pathlib.Path(__file__).parents[2] / "harness/model/tests/fixtures"
FAMILIES = ["phi", "llama", "llama3-rope", "llama-linear-rope-tied", "llama-yarn", "mistral", "qwen2", "qwen3"]
KEEPS = {"tiling-preserving": True, "tiling-preserving --split unequal": True, "diagonal": True, "net2net": True,
         "zero-pad": None, "tiling": False, "weight-reuse": False, "aki": False}


def logits(folder, ids):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    with torch.no_grad():
        return model.eval()(torch.tensor([ids])).logits[0], model


def main():
    phi_bench = sys.argv[1]
    transformers.logging.disable_progress_bar()
    failures = []
    ids = [int(x) for x in torch.randint(0, 64, (24,), generator=torch.Generator().manual_seed(1))]
    with tempfile.TemporaryDirectory() as scratch:
        small, large = pathlib.Path(scratch) / "small", pathlib.Path(scratch) / "large"
        for family in FAMILIES:
            shutil.rmtree(small, ignore_errors=True)
            small.mkdir()
            config = json.loads((FIXTURES / family / "config.json").read_text())
            for field in ("dtype", "torch_dtype"):
                config.pop(field, None)
            (small / "config.json").write_text(json.dumps(config))
            weights = {k: v.float().contiguous() for k, v in load_file(FIXTURES / family / "model.safetensors").items()}
            save_file(weights, small / "model.safetensors", metadata={"format": "pt"})
            before, _ = logits(small, ids)
            for method, keeps in KEEPS.items():
                if keeps is None:
                    keeps = family != "phi"
                command = [phi_bench, "grow", small, large, "--method", *method.split(), "--width", "2", "--depth", "3",
                           "--vocab", "80", "--no-measure"]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                after, model = logits(large, ids)
                assert model.config.vocab_size == 80 and model.config.num_hidden_layers == 3
                moved = float((after[:, :64] - before).abs().max() / before.abs().max())
                right = moved < 1e-5 if keeps else moved > 1e-3
                print(f"{family:24} {method:36} {moved:9.1e}  {'' if right else 'NOT AS SAID'}")
                if not right:
                    failures.append((family, method))
        # Phi-1.5 to Phi-2 in small: heads of 8 become heads of 10.
        shutil.rmtree(small)
        shutil.copytree(FIXTURES / "phi", small)
        subprocess.run([phi_bench, "grow", small, large, "--method", "tiling", "--hidden", "40", "--mlp", "60",
                        "--no-measure"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rotated = [logits(folder, ids)[1].model.rotary_emb.inv_freq.numel() * 2 for folder in (small, large)]
        print(f"rotated dimensions of heads of 8 and of 10: {rotated[0]} and {rotated[1]}")
        if rotated[0] != rotated[1]:
            failures.append(("phi", "rotary"))
    sys.exit(f"not as said: {failures}" if failures else 0)


main()
