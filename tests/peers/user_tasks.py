"""What lm-evaluation-harness itself makes of the task files under tests/fixtures/tasks: the digest of every task's requests.

    python tests/peers/user_tasks.py > tests/fixtures/tasks/harness_requests.json

needs the PyPI package lm-eval (0.4.13). The test `own_tasks_ask_as_the_harness_does` compares phi-bench's requests with it. The
modules that run here are those of the fixtures, which this repository's authors wrote.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_DATASETS_OFFLINE", "1")

from lm_eval.tasks import TaskManager

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
SETTINGS = [("capitals", 0), ("capitals", 3), ("animals", 0), ("animals", 2), ("animals_shouted", 2), ("animals_lettered", 0),
            ("animals_lettered", 1), ("sums", 1), ("sums_voted", 0), ("sums_judged", 0), ("texts", 0)]


def instance(request):
    return list(request.args)


def chat(messages, add_generation_prompt=True):
    """A template of our own: what matters is which messages it is given."""
    text = "".join(f"<{m['role']}>{m['content']}</{m['role']}>" for m in messages)
    return text + "<assistant>" if add_generation_prompt else text.removesuffix("</assistant>")


def main():
    out = {}
    manager = TaskManager(include_path=str(FIXTURES), include_defaults=False)
    for name, shots in SETTINGS:
        folder = Path(manager.task_index[name].yaml_path).parent
        os.chdir(folder)
        # Modules find those beside them only so; here they always do.
        sys.path.insert(0, str(folder))
        for variant, kwargs in [
            ("", {}),
            (".chat", dict(apply_chat_template=True, chat_template=chat, fewshot_as_multiturn=True)),
            (".chat.single", dict(apply_chat_template=True, chat_template=chat, system_instruction="Be brief.")),
        ]:
            if variant and name == "texts":
                continue
            task = manager.load([name])["tasks"][name]
            task.set_config("num_fewshot", shots)
            task.set_fewshot_seed(1234)
            task.build_all_requests(rank=0, world_size=1, **kwargs)
            requests = [instance(request) for request in task.instances]
            text = json.dumps(requests, sort_keys=True)
            out[f"{name}.{shots}shot{variant}"] = {
                "sha256": hashlib.sha256(text.encode()).hexdigest(), "requests": len(requests), "first": requests[0],
            }
    json.dump(out, sys.stdout, indent=1)


main()
