"""Readies the interpreter for programs, and gathers what guest.c calls."""

import _sitebuiltins
import builtins
import gc
import sys
import types
import warnings

import equality
import host
import namespaces
import outcome
import preload

OURS = ("library", "preload", "bake", "outcome", "neighbours", "lineup", "equality", "namespaces", "host", "finish")


def quiet():
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    sys.warnoptions[:] = []


def streams():
    sys.argv = ["solution.py"]
    sys.path[:] = []
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def flush(sys=sys):
    for stream in (sys.stdout, sys.__stdout__):
        try:
            stream.flush()
        except Exception:
            pass


def commands():
    """What the module `site` adds to the builtins."""
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()
    for name in ("copyright", "credits", "license"):
        setattr(builtins, name, _sitebuiltins._Printer(name, ""))


def shut_doors():
    """What would show a program its test's objects. Frames and code of a test are opaque (see patches/)."""
    for name in ("get_objects", "get_referrers", "get_referents"):
        delattr(gc, name)
    for name in ("faulthandler", "_testcapi", "_testinternalcapi", "_interpreters", "ctypes", "_ctypes"):
        sys.modules.pop(name, None)


def keep_journals():
    """Of every module and class of the library. Those that programs change in ordinary use are left out."""
    everyday = {"sys", "warnings", "__main__", "host"}
    for name, module in list(sys.modules.items()):
        if isinstance(module, types.ModuleType) and name not in everyday and name not in OURS:
            host.watch(module.__dict__)
    host.watch(sys.modules)
    heap_type = 1 << 9
    waiting, seen = [object], set()
    while waiting:
        kind = waiting.pop()
        if kind in seen:
            continue
        seen.add(kind)
        waiting.extend(type.__subclasses__(kind))
        if kind.__flags__ & heap_type and kind.__module__ not in OURS:
            host.watch(kind)


def settle():
    """The last thing before the snapshot."""
    for name in OURS:
        sys.modules.pop(name, None)
    sys.builtin_module_names = tuple(name for name in sys.builtin_module_names if name != "host")
    gc.collect()
    gc.freeze()


quiet()
streams()
commands()
namespace = namespaces.program()
compile_solution = outcome.compile_solution
compile_test = equality.compile_test
test_namespace = namespaces.of_test
report = outcome.report
shut_doors()
# A program before the first: what the interpreter makes once lies in the snapshot.
exec(compile_solution("import typing\ndef f(x):\n    return sorted([x, 1], key=lambda y: -y)\nprint(end='')\nf(2)\n"), namespace)
namespaces.clear(namespace)
keep_journals()
