"""Puts virtual things where Python would reach the host: clocks, randomness, standard streams, exits."""

import io
import os
import random
import sys
import time
import warnings

import host

EPOCH_NS = 1_767_225_600_000_000_000  # 2026-01-01 00:00:00 UTC
TICK_NS = 1_000  # what looking at a clock takes


class Output(io.RawIOBase):
    """A stream whose bytes go to the host's bounded buffer."""

    def __init__(self, to_stderr):
        self.to_stderr = to_stderr

    def writable(self):
        return True

    def write(self, data):
        data = bytes(data)
        host.write(self.to_stderr, data)
        return len(data)

    def fileno(self):
        raise io.UnsupportedOperation("fileno")


def output(to_stderr):
    return io.TextIOWrapper(io.BufferedWriter(Output(to_stderr), 8192), "utf-8", "backslashreplace")


def streams():
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO(), "utf-8")
    sys.stdout = sys.__stdout__ = output(False)
    sys.stderr = sys.__stderr__ = output(True)


def flush():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:
            pass


def clocks():
    elapsed = [0]

    def now_ns():
        elapsed[0] += TICK_NS
        return elapsed[0]

    def sleep(seconds, /):
        if seconds != seconds or seconds < 0:
            raise ValueError("sleep length must be non-negative")
        nanoseconds = min(int(seconds * 1e9), 2**63)
        host.sleep(nanoseconds)
        elapsed[0] += nanoseconds

    def time_ns():
        return EPOCH_NS + now_ns()

    gmtime, strftime, asctime = time.gmtime, time.strftime, time.asctime

    def wall():
        return time_ns() / 1e9

    def of(function):
        def at(seconds=None, /):
            return function(wall() if seconds is None else seconds)

        return at

    ctime = time.ctime
    virtual = {
        "time": wall, "time_ns": time_ns, "sleep": sleep, "gmtime": of(gmtime), "localtime": of(gmtime), "ctime": of(ctime),
        "strftime": lambda form, moment=None, /: strftime(form, gmtime(wall()) if moment is None else moment),
        "asctime": lambda moment=None, /: asctime(gmtime(wall()) if moment is None else moment),
        "clock_gettime": lambda clock, /: wall(), "clock_gettime_ns": lambda clock, /: time_ns(),
        "clock_getres": lambda clock, /: TICK_NS / 1e9,
    }
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        virtual[name] = lambda: now_ns() / 1e9
        virtual[name + "_ns"] = now_ns
    for name, function in virtual.items():
        if hasattr(time, name):
            original = getattr(time, name)
            function.__name__ = function.__qualname__ = name
            for module in list(sys.modules.values()):
                names = getattr(module, "__dict__", {})
                for key, value in list(names.items()):
                    if value is original:
                        names[key] = function


def randomness():
    source = random.Random(20260101)
    seeds = random.Random(1)
    original_seed = random.Random.seed

    def urandom(size, /):
        return source.randbytes(size)

    def seed(self, a=None, version=2):
        original_seed(self, seeds.getrandbits(64) if a is None else a, version)

    replace_everywhere(os.urandom, urandom)
    random.Random.seed = seed
    random.seed = random._inst.seed
    random.seed(0)


def replace_everywhere(original, replacement):
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        for key, value in list(names.items()):
            if value is original:
                names[key] = replacement


def forbidden(name):
    def function(*arguments, **options):
        raise PermissionError(1, f"the sandbox has no {name}")

    function.__name__ = function.__qualname__ = name
    return function


def named(name, function):
    function.__name__ = function.__qualname__ = name
    return function


def exits():
    def leave(code=0, /):
        flush()
        host.exit(int(code))

    replace_everywhere(os._exit, named("_exit", leave))
    replace_everywhere(os.abort, named("abort", lambda: leave(134)))


def close_doors():
    streams()
    clocks()
    randomness()
    exits()
    sys.warnoptions[:] = []
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    sys.argv = ["solution.py"]
    sys.path[:] = []
    sys.path_hooks[:] = []
    sys.path_importer_cache.clear()
