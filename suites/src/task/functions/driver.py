# Runs a task file's Python functions on JSON documents. The request comes in as JSON, the answer goes out between two record
# separators; what the functions print is dropped.
import io
import json
import sys
import types
from importlib.machinery import ModuleSpec


class _Modules:
    """Finds the modules beside the task file, and the little of `datasets` that process_docs needs."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name in self.sources:
            return ModuleSpec(name, self, is_package=False)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        code = compile(self.sources[name], name.replace(".", "/") + ".py", "exec")
        exec(code, module.__dict__)


def _plain(value):
    """The value as JSON has it: tuples and sets as lists, numbers that JSON doesn't have as null."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "to_list"):
        return [_plain(item) for item in value.to_list()]
    raise TypeError(f"a function gave a {type(value).__name__}, which isn't JSON")


def _answers(request):
    import importlib

    module, _, name = request["function"].rpartition(".")
    function = getattr(importlib.import_module(module), name)
    kind, arguments = request["kind"], request["arguments"]
    if kind == "none":
        return [_plain(function())]
    if kind == "dataset":
        from datasets import Dataset

        return [_plain(function(Dataset.from_list(arguments)))]
    if kind == "document":
        return [_plain(function(document)) for document in arguments]
    results = lambda given: [tuple(r) if isinstance(r, list) and request["pairs"] else r for r in given]
    return [_plain(function(document, results(given))) for document, given in arguments]


class FunctionError(Exception):
    """What went wrong in a function, and where."""


def _place(error, modules):
    """The last line of the user's modules that the error came through."""
    place, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if file.endswith(".py") and file[:-3].replace("/", ".") in modules and file != "datasets.py":
            place = f" ({file}, line {step.tb_lineno})"
        step = step.tb_next
    return place


def _main(request):
    sys.meta_path.insert(0, _Modules(request["modules"]))
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        answers = json.dumps(_answers(request))
    except ModuleNotFoundError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}{_place(error, request['modules'])}"
        raise FunctionError(said) from None
    finally:
        sys.stdout = out
    out.write("\x1e" + answers + "\x1e")
    out.flush()


