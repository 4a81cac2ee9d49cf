"""Compiles a program, and tells the host how one that didn't pass ended."""

import sys

import bake
import host

SOURCES = {}
MAX_FRAMES = 24
MAX_TEXT = 4000


def compile_solution(source, compile=compile, SOURCES=SOURCES):
    SOURCES["<solution>"] = source
    return compile(source, "<solution>", "exec", dont_inherit=True)


def clean(text, limit=MAX_TEXT, str=str, len=len):
    """`text` as the host can take it: no lone surrogates, bounded."""
    text = str.encode(text, "utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= limit else text[:limit] + "..."


def message_of(exception):
    try:
        return str(exception)
    except BaseException:
        return "<the exception's __str__ failed>"


def frames_of(exception, reversed=reversed, len=len):
    """The traceback's lines that belong to the program, in Python's own layout."""
    entries = []
    step = exception.__traceback__
    while step is not None:
        name, function = step.tb_frame.f_code.co_filename, step.tb_frame.f_code.co_name
        if (entries or name in SOURCES) and function != bake.HIDDEN and len(entries) < 5000:
            entries.append((name, step.tb_lineno, function))
        step = step.tb_next
    if len(entries) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        skipped = len(entries) - 2 * half
        entries = entries[:half] + [(None, skipped, "")] + entries[-half:]
    lines = []
    for name, number, function in entries:
        if name is None:
            lines.append(f"  [{number} more frames]")
            continue
        lines.append(f'  File "{name}", line {number}, in {function}')
        source = SOURCES.get(name)
        if source is not None and number is not None:
            text = source.split("\n")
            if 0 < number <= len(text):
                lines.append("    " + text[number - 1].strip())
    return lines


def report(exception=None):
    """Tells the host about an exception: the one that is being handled, unless told otherwise."""
    if exception is None:
        exception = sys.exception()
    kind = type(exception)
    if isinstance(exception, SystemExit):
        code = exception.code
        if code is None:
            code = 0
        elif type(code) is not int:
            code = 1
        host.report("exited", "SystemExit", clean(message_of(exception)), "", max(-(2**31), min(code, 2**31 - 1)))
    elif isinstance(exception, SyntaxError) and not frames_of(exception):
        where = "" if exception.lineno is None else f" ({exception.filename}, line {exception.lineno})"
        host.report("syntax_error", kind.__name__, clean(message_of(exception.msg) + where), "", 0)
    else:
        text = clean(message_of(exception))
        missing = isinstance(exception, ModuleNotFoundError) and exception.name is not None
        module = clean(exception.name) if missing else ""
        lines = ["Traceback (most recent call last):"] + frames_of(exception)
        lines.append(f"{kind.__name__}: {text}" if text else kind.__name__)
        host.report("unsupported" if missing else "failed", kind.__name__, module if missing else text,
                    clean("\n".join(lines)), 0)
