"""Shuts what CPython on WASI would reach the operating system by: files, processes, signals, imports from a path."""

import builtins
import os
import posix
import sys
import types

import _imp
import _io

from virtual import forbidden, introspection, named, replace_everywhere


def files():
    harmless = {"fspath", "strerror", "putenv", "unsetenv", "_exit", "abort", "urandom", "cpu_count", "getpid", "waitstatus_to_exitcode",
                "register_at_fork", "_path_normpath", "_path_splitroot_ex", "_path_splitroot", "_inputhook"}
    replace_everywhere(os.getcwd, named("getcwd", lambda: "/"))
    replace_everywhere(os.getcwdb, named("getcwdb", lambda: b"/"))
    replace_everywhere(os.getpid, named("getpid", lambda: 1))
    if hasattr(os, "cpu_count"):
        replace_everywhere(os.cpu_count, named("cpu_count", lambda: 1))

    for name, value in list(vars(posix).items()):
        if isinstance(value, types.BuiltinFunctionType) and name not in harmless:
            replace_everywhere(value, forbidden("os." + name))
    replace_everywhere(_io.open, forbidden("open"))
    replace_everywhere(_io.open_code, forbidden("open_code"))
    replace_everywhere(_io.FileIO, forbidden("FileIO"))
    os.environ.clear()
    for name in ("signal", "_signal"):
        module = sys.modules.get(name)
        for key in ("raise_signal", "alarm", "setitimer", "pause", "pthread_kill", "strsignal"):
            if module is not None and hasattr(module, key):
                setattr(module, key, forbidden("signal"))


def audits():
    """Refuses what the interpreter itself would open, such as the file that a SyntaxError seems to come from."""

    def hook(event, arguments):
        if event == "open":
            raise PermissionError(1, "the sandbox has no files")

    sys.addaudithook(hook)


def imports():
    """Only what was imported at build time, and built-in modules that hold no doors, can be imported."""
    create = _imp.create_builtin
    barred = {"gc", "posix", "time", "_io", "sys", "_imp", "_signal", "faulthandler", "_interpreters", "_testcapi", "_datetime",
              "_testinternalcapi", "_ctypes", "_socket", "select", "_thread", "_random", "builtins", "_posixsubprocess",
              "componentize_py_runtime"}

    def create_builtin(spec, /):
        if spec.name in barred:
            raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name)
        return create(spec)

    _imp.create_builtin = create_builtin
    sys.meta_path[:] = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") != "PathFinder"]


def close():
    files()
    audits()
    introspection()
    imports()
    replace_everywhere(builtins.breakpoint, forbidden("breakpoint"))
    sys.setrecursionlimit(1003)
