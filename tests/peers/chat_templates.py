#!/usr/bin/env python3
"""Renders conversations by transformers, as expectations for harness/model/tests/chat_template.rs.

    python3 tests/peers/chat_templates.py harness/model/tests/chat_templates

For every NAME.jinja in the folder it writes NAME.json: the special tokens, and for each conversation the text, or null where
transformers raises. Needs transformers (5.x); no model and no network. The templates are our own, in the style of well-known
families; tools are left out.
"""
import json
import pathlib
import sys

from transformers.utils.chat_template_utils import render_jinja_template

TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}

def turns(*pairs):
    return [{"role": role, "content": content} for role, content in pairs]

CONVERSATIONS = [
    turns(("user", "Hello")),
    turns(("system", "Be brief."), ("user", " What is 2 + 2? \n")),
    turns(("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello! "), ("user", "äöü 你好 \"quoted\" <b>&</b>")),
    turns(("user", "Q1"), ("assistant", "A1"), ("user", "Q2"), ("assistant", "A2"), ("user", "Q3")),
    turns(("user", "Name a colour."), ("assistant", "The colour is")),
    turns(("user", "Name a colour."), ("assistant", "The colour is ")),
    turns(("user", "one"), ("user", "two")),
    turns(("system", "only a system message")),
]

def render(template, messages):
    is_open = messages[-1]["role"] == "assistant"
    try:
        texts, _ = render_jinja_template(
            [messages], chat_template=template, add_generation_prompt=not is_open, continue_final_message=is_open, **TOKENS
        )
        return texts[0]
    except Exception as error:  # the template's own raise_exception, or the last message can't be continued
        print(f"  refused: {type(error).__name__}: {str(error)[:80]!r}")
        return None

def main():
    folder = pathlib.Path(sys.argv[1])
    for path in sorted(folder.glob("*.jinja")):
        print(path.name)
        template = path.read_text(encoding="utf-8")
        cases = [{"messages": messages, "text": render(template, messages)} for messages in CONVERSATIONS]
        out = json.dumps({"tokens": TOKENS, "cases": cases}, ensure_ascii=False, indent=1)
        path.with_suffix(".json").write_text(out + "\n", encoding="utf-8")

if __name__ == "__main__":
    main()
