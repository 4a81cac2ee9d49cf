"""The export of the cpython guest: executes a solution, then its test, and says whether both ran to their end.

Everything here runs at build time, before the interpreter is snapshotted, except for `WitWorld.run`.
"""

import bake
import preload  # the standard library that programs find ready
import virtual  # clocks, randomness, files, output: nothing reaches the host

import doors
import equality
import inspect
import outcome
import sys


def judge(solution, test):
    # The verdict is the *flow* of this function: only a test that ran to its end gets past the first `try`. Every name in
    # capitals is a constant of the code object (see bake.py), so that nothing a program can reach or replace is looked up
    # after its first line ran; the compiled test lies on the evaluation stack while the solution runs.
    try:
        EXEC(COMPILE_TEST(solution, test), (EXEC(COMPILE_SOLUTION(solution), NAMESPACE), RESTORE_BUILTINS(BUILTINS), RESTORE_MODULES(MODULES), NAMESPACE)[3])
    except:
        try:
            REPORT()
        except:
            pass
        try:
            FLUSH()
        except:
            pass
        return False
    try:
        FLUSH()
    except:
        pass
    return True


def forget_ourselves():
    for name in ("app", "bake", "doors", "preload", "virtual", "equality", "outcome", "host", "wit_world", "wit_world.imports",
                 "wit_world.imports.host", "componentize_py_runtime", "componentize_py_types"):
        sys.modules.pop(name, None)


def namespace():
    module = sys.modules["__main__"]
    names = module.__dict__
    names.clear()
    names.update({"__name__": "__main__", "__doc__": None, "__package__": None, "__loader__": None, "__spec__": None,
                  "__builtins__": sys.modules["builtins"]})
    return names


judge_source = inspect.getsource(judge)  # while files can still be read
virtual.close_doors()
doors.close()
judge = bake.function(
    judge_source,
    EXEC=exec,
    COMPILE_SOLUTION=outcome.compile_solution,
    COMPILE_TEST=equality.compile_test,
    NAMESPACE=namespace(),
    BUILTINS=dict(sys.modules["builtins"].__dict__),
    RESTORE_BUILTINS=sys.modules["builtins"].__dict__.update,
    MODULES={name: module for name, module in sys.modules.items() if name in preload.MODULES},
    RESTORE_MODULES=sys.modules.update,
    REPORT=outcome.report,
    FLUSH=virtual.flush,
)


class WitWorld:
    def run(self, solution, test):
        forget_ourselves()
        return judge(solution, test)


virtual.settle()
