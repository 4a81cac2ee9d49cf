"""Keeps the objects of a test from the solution: frames, code and functions of the test's file, and of ours, say nothing.

Python can't change built-in types; lib.rs does, by `replacements`.
"""

import _imp
import gc
import marshal
import sys
import types

SECRET = frozenset({"<test>", "<sandbox>", "platform_parts", "preload", "bake", "outcome", "neighbours", "lineup", "equality",
                    "namespaces", "virtual", "blind", "library", "finish"})

filename_of = types.CodeType.__dict__["co_filename"].__get__
code_of_function = types.FunctionType.__dict__["__code__"].__get__
code_of_frame = types.FrameType.__dict__["f_code"].__get__


def guarded(kind, name, code_of, blank):
    """A property instead of an attribute: blank, and not to be set, where the code is secret."""
    attribute = kind.__dict__[name]
    get, put = attribute.__get__, getattr(attribute, "__set__", None)

    def getter(self):
        return blank() if filename_of(code_of(self)) in SECRET else get(self)

    def setter(self, value):
        if put is None or filename_of(code_of(self)) in SECRET:
            raise AttributeError("readonly attribute")
        put(self, value)

    return kind, name, property(getter, setter)


def steering(name):
    """An attribute of frames that can be set, but not in a secret one."""
    attribute = types.FrameType.__dict__[name]
    get, put = attribute.__get__, attribute.__set__

    def setter(self, value):
        if filename_of(code_of_frame(self)) in SECRET:
            raise PermissionError(1, "the sandbox doesn't let a test be traced")
        put(self, value)

    return types.FrameType, name, property(lambda self: get(self), setter)


def refused(name):
    def function(*arguments, **options):
        raise PermissionError(1, "the sandbox takes source, not byte code")

    function.__name__ = function.__qualname__ = name
    return function


def itself(code):
    return code


replacements = [
    guarded(types.FunctionType, "__globals__", code_of_function, dict),
    guarded(types.FunctionType, "__builtins__", code_of_function, dict),
    guarded(types.FunctionType, "__closure__", code_of_function, lambda: None),
    guarded(types.FunctionType, "__defaults__", code_of_function, lambda: None),
    guarded(types.FunctionType, "__kwdefaults__", code_of_function, lambda: None),
    guarded(types.FrameType, "f_locals", code_of_frame, dict),
    guarded(types.FrameType, "f_globals", code_of_frame, dict),
    guarded(types.FrameType, "f_builtins", code_of_frame, dict),
    guarded(types.CodeType, "co_consts", itself, tuple),
    guarded(types.CodeType, "co_code", itself, bytes),
    guarded(types.CodeType, "_co_code_adaptive", itself, bytes),
    steering("f_lineno"),
    steering("f_trace"),
    (types.CodeType, "replace", refused("replace")),
    (types.CodeType, "__replace__", refused("__replace__")),
]


def shut():
    """Takes away what would show a program the interpreter's own objects, and what makes code of bytes."""
    for name in ("settrace", "gettrace", "setprofile", "getprofile", "monitoring", "_current_frames", "_current_exceptions",
                 "_settraceallthreads", "_setprofileallthreads", "addaudithook", "remote_exec"):
        if hasattr(sys, name):
            delattr(sys, name)
    for name in ("get_objects", "get_referrers", "get_referents"):
        if hasattr(gc, name):
            delattr(gc, name)
    marshal.load, marshal.loads = refused("load"), refused("loads")
    for name in ("sys.monitoring", "faulthandler", "_testcapi", "_testinternalcapi", "ctypes", "_ctypes", "_interpreters"):
        sys.modules.pop(name, None)
    kept = {name: sys.modules[name] for name in sys.builtin_module_names if name in sys.modules}
    create = _imp.create_builtin

    def create_builtin(spec):
        """A built-in module, once more: the one that there is."""
        name = spec.name
        if name == "host":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return kept[name] if name in kept else create(spec)

    _imp.create_builtin = create_builtin
