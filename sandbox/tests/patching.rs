//! What a solution changes in the library: undone before its test, refused while the test runs, and harmless otherwise.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{limits, run, sandbox};
use phi_sandbox::{Python, Verdict};

const BOTH: [Python; 2] = [Python::Cpython, Python::Rustpython];

#[track_caller]
fn named(python: Python, solution: &str, test: &str, name: &str) {
    let verdict = sandbox(python).grade(solution, test, &limits()).verdict;
    assert_eq!(verdict.name(), name, "{}: {verdict:?}\n{solution}\n{test}", python.name());
}

/// What changes the library in a way that the test beside it, of `f()` that answers 7, would pass in plain Python.
const PATCHES: [(&str, &str); 14] = [
    ("import builtins\nbuiltins.abs = lambda x: 0", "assert abs(f() - 1) < 1e-6"),
    ("import builtins\nbuiltins.isinstance = lambda *a: True", "assert isinstance(f(), str)"),
    ("import builtins\nbuiltins.all = lambda xs: True", "assert all(f() == x for x in [1, 2])"),
    ("import builtins\nbuiltins.AssertionError = KeyError\nbuiltins.round = lambda *a: 3", "assert round(f(), 2) == 3"),
    ("import math\nmath.isclose = lambda *a, **k: True", "import math\nassert math.isclose(f(), 1)"),
    ("import math\nmath.fabs = lambda x: 0", "import math\nassert math.fabs(f() - 1) < 1e-6"),
    (
        "import collections\ncollections.Counter.__eq__ = lambda s, o: True",
        "import collections\nassert collections.Counter([f()]) == {1: 1}",
    ),
    (
        "import fractions\nfractions.Fraction.__eq__ = lambda s, o: True",
        "from fractions import Fraction\nassert Fraction(f()) == 1",
    ),
    (
        "import sys, types\nfake = types.ModuleType('math')\nfake.isclose = lambda *a: True\nsys.modules['math'] = fake",
        "import math\nassert math.isclose(f(), 1)",
    ),
    (
        "import sys\nclass math: isclose = staticmethod(lambda *a: True)\nsys.modules['math'] = math",
        "import math\nassert math.isclose(f(), 1)",
    ),
    (
        "import unittest\nunittest.TestCase.assertEqual = lambda *a: None",
        "import unittest\nclass T(unittest.TestCase):\n    def runTest(s): s.assertEqual(f(), 1)\nT().runTest()",
    ),
    ("import operator\noperator.eq = lambda a, b: True", "import operator\nassert operator.eq(f(), 1)"),
    ("import copy\ncopy.deepcopy = lambda x: 1", "import copy\nassert copy.deepcopy(f()) == 1"),
    ("import re\nre.fullmatch = lambda *a: True", "import re\nassert re.fullmatch('1', str(f()))"),
];

#[test]
fn what_a_solution_changed_before_its_test_is_undone() {
    for (patch, test) in PATCHES {
        for python in BOTH {
            named(python, &format!("{patch}\ndef f(): return 7\n"), test, "failed");
        }
    }
}

#[test]
fn what_a_solution_changes_while_its_test_runs_ends_it() {
    for (patch, test) in PATCHES {
        let solution = format!("def f():\n    {}\n    return 7\n", patch.replace('\n', "\n    "));
        named(Python::Cpython, &solution, test, "failed");
    }
}

#[test]
fn names_of_a_solution_do_not_stand_for_what_its_test_means() {
    for (shadow, test) in [
        ("def abs(x): return 0", "assert abs(f() - 1) < 1e-6"),
        ("def round(*a): return 1", "assert round(f()) == 1"),
        ("def len(x): return 2", "assert len([f()]) == 2"),
        ("def isinstance(*a): return True", "assert isinstance(f(), str)"),
        ("class math:\n    isclose = staticmethod(lambda *a: True)", "assert math.isclose(f(), 1)"),
        (
            "class math:\n    __module__ = 'math'\n    isclose = staticmethod(lambda *a: True)",
            "assert math.isclose(f(), 1)",
        ),
        ("import types\nmath = types.SimpleNamespace(isclose=lambda *a: True)", "assert math.isclose(f(), 1)"),
        ("class AssertionError(BaseException): pass", "assert f() == 1"),
        ("def check(*a): pass", "def check(g): assert g() == 1\ncheck(f)"),
        ("__builtins__ = {'abs': lambda x: 0}", "assert abs(f() - 1) < 1e-6"),
        (
            "import sys\nclass L:\n    @property\n    def __module__(s):\n        sys._getframe(1).f_locals['copy']['__builtins__'] = {'abs': lambda x: 0}\n        return 'x'\nmath = L()",
            "math.pi\nassert abs(f() - 1) < 1e-6",
        ),
    ] {
        for python in BOTH {
            named(python, &format!("{shadow}\ndef f(): return 7\n"), test, "failed");
        }
    }
}

#[test]
fn a_solution_may_use_names_of_builtins_and_modules_for_itself() {
    for (solution, test) in [
        (
            "def sum(xs):\n    t = 0\n    for x in xs: t += x\n    return t\ndef f(): return sum([3, 4])",
            "assert f() == 7",
        ),
        ("def select(xs): return [x for x in xs if x > 1]", "assert select([1, 2]) == [2]"),
        (
            "import math\ndef sum(a, b): return math.gcd(a, b)\ndef helper(): pass",
            "import math\nassert sum(10, 15) == math.sqrt(25)",
        ),
        (
            "def copy(xs): return xs[:]\ndef statistics(xs): return len(xs)",
            "assert copy([1]) == [1] and statistics([1]) == 1",
        ),
        (
            "from datetime import datetime, date\nfrom time import time\ndef f(): return date(2020, 1, 1)",
            "assert f() == date(2020, 1, 1) and datetime.now() and time() > 0",
        ),
        (
            "import math\nfrom math import isclose\ndef f(): return math.pi",
            "assert isclose(f(), 3.14159, rel_tol=1e-3) and math.isclose(f(), math.pi)",
        ),
        ("string = 'abc'\ndef f(): return string.upper()", "assert f() == 'ABC'"),
        ("import heapq as queue\ndef f(h): return queue.nsmallest(1, h)", "assert f([2, 1]) == [1]"),
    ] {
        for python in BOTH {
            named(python, &format!("{solution}\n"), test, "passed");
        }
    }
}

#[test]
fn ordinary_use_of_the_library_does_no_harm() {
    for body in [
        "import io, sys\n    old, sys.stdout = sys.stdout, io.StringIO()\n    print('x')\n    text = sys.stdout.getvalue()\n    sys.stdout = old",
        "import io, contextlib\n    with contextlib.redirect_stdout(io.StringIO()) as out: print('x')",
        "import io, contextlib\n    with contextlib.redirect_stderr(io.StringIO()) as out: print('x')",
        "import random\n    random.seed(4)\n    random.random()\n    random.shuffle([1, 2])\n    random.setstate(random.getstate())",
        "import warnings\n    with warnings.catch_warnings(record=True) as w:\n        warnings.simplefilter('always')\n        warnings.warn('x')",
        "import sys\n    sys.setrecursionlimit(3000)\n    sys.path.append('/x')",
        "import os\n    os.environ['A'] = 'b'",
        "import decimal\n    decimal.getcontext().prec = 40\n    with decimal.localcontext() as c: c.prec = 5",
        "import builtins\n    builtins.zz = 1",
        "import functools\n    @functools.lru_cache(None)\n    def g(n): return n if n < 2 else g(n - 1) + g(n - 2)\n    g(20)",
        "import re\n    for i in range(600): re.compile('a' * (i % 40) + 'b*')\n    re.purge()",
        "import abc, collections.abc\n    class S(collections.abc.Sequence):\n        def __len__(s): return 1\n        def __getitem__(s, i): return [5][i]\n    list(S())\n    collections.abc.Sized.register(S)",
        "import typing, enum, dataclasses\n    @dataclasses.dataclass\n    class D:\n        a: typing.Optional[int] = None\n    D()\n    typing.get_type_hints(D)\n    enum.Enum('E', 'A B')",
        "import datetime, json, string, bisect, heapq, statistics, textwrap\n    json.dumps({'a': 1})",
        "import logging\n    logging.basicConfig()\n    logging.getLogger('x').debug('y')",
        "import gc\n    gc.disable()\n    gc.collect()\n    gc.enable()",
        "import functools\n    @functools.singledispatch\n    def g(x): return 1\n    @g.register(int)\n    def _(x): return 2\n    g(1)",
    ] {
        for python in BOTH {
            named(
                python,
                &format!("def f():\n    {body}\n    return 7\n"),
                "assert f() == 7\nassert f() == 7",
                "passed",
            );
            named(
                python,
                &format!("def g():\n    {body}\n    return 7\ng()\ndef f(): return 7\n"),
                "assert f() == 7",
                "passed",
            );
        }
    }
}

#[test]
fn writing_into_the_frames_below_does_not_forge_a_pass() {
    // A traceback gives frames, and their f_locals can be written to.
    let solution = "def walk():\n    try:\n        raise ValueError\n    except ValueError as e:\n        frame = e.__traceback__.tb_frame\n\
        \x20   while frame is not None:\n        for name in list(frame.f_locals):\n            if frame.f_code.co_filename in ('<sandbox>', '<test>'):\n\
        \x20               frame.f_locals[name] = ''\n        frame.f_globals['REPORT'] = lambda: None\n        frame = frame.f_back\n\
        walk()\ndef add(x, y):\n    walk()\n    return 0\n";
    named(Python::Cpython, solution, "assert add(2, 3) == 5", "failed");
    named(Python::Rustpython, solution, "assert add(2, 3) == 5", "failed");
}

#[test]
fn the_outside_is_virtual_or_raises() {
    for attempt in [
        "open('zz', 'w')",
        "open('/etc/passwd')",
        "import os\nos.listdir('/')",
        "import os\nos.remove('x')",
        "input()",
        "import os\nos.system('true')",
        "import os\nos.fork()",
        "import subprocess\nsubprocess.run(['true'])",
        "import socket\nsocket.socket()",
        "import pathlib\npathlib.Path('x').read_text()",
        // The standard streams are a program's own; there are no other files.
        "import io\nio.FileIO(3)",
        "import _io\n_io.open(5)",
        "import posix\nposix.open('x', 0)",
        "import io\nio.open_code('x')",
    ] {
        let name = run(attempt).verdict.name();
        assert!(["failed", "unsupported"].contains(&name), "{name}: {attempt}");
    }
    let fine = "import random, os, sys, time, datetime, uuid, secrets, tempfile, threading, signal\n\
        random.seed()\nrandom.Random().random()\nrandom.SystemRandom().random()\nos.urandom(4)\nos.environ['A'] = 'b'\n\
        assert os.environ.get('A') == 'b' and 'PATH' not in os.environ\nos.path.join('a', 'b')\nassert not os.path.exists('/etc')\n\
        os.getcwd()\nos.getpid()\ntime.time()\ntime.perf_counter()\ntime.localtime()\ntime.strftime('%Y')\ntime.ctime()\n\
        datetime.datetime.now()\ndatetime.date.today()\ndatetime.datetime.utcnow()\nuuid.uuid4()\nuuid.uuid1()\nsecrets.token_hex()\n\
        threading.Lock().acquire()\nsys.stdin.read()\n";
    assert_eq!(run(fine).verdict, Verdict::Passed);
}
