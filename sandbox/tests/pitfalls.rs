//! Answers that other checkers let pass, and some that they wrongly don't.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test")]

mod common;

use common::grade;
use phi_sandbox::Verdict;

const TEST: &str = "def check(candidate):\n    for x, y in [(2, 3), (0, 0), (-4, 9)]:\n        assert candidate(x, y) == x + y\ncheck(add)\n";

fn verdict(body: &str) -> Verdict {
    grade(&format!("def add(x, y):\n{body}"), TEST).verdict
}

#[test]
fn answers_that_claim_to_equal_everything_fail() {
    for body in [
        "    class A:\n        def __eq__(self, o): return True\n    return A()\n",
        "    class A(int):\n        def __eq__(self, o): return True\n        __hash__ = int.__hash__\n    return A(0)\n",
        "    return type('A', (), {'__eq__': lambda s, o: True})()\n",
        "    class A(float):\n        def __eq__(self, o): return 1\n        def __ne__(self, o): return 0\n    return A(0)\n",
        "    from unittest.mock import ANY\n    return ANY\n",
    ] {
        let verdict = verdict(body);
        assert!(verdict.detail().contains("claims to equal everything"), "{verdict:?}: {body}");
    }
}

#[test]
fn an_always_equal_object_inside_a_container_fails() {
    let solution = "class A:\n    def __eq__(self, o): return True\ndef f(n):\n    return [A()] * n, {'k': A()}\n";
    assert_eq!(grade(solution, "assert f(2)[0] == [1, 2]").verdict.name(), "failed");
    assert_eq!(grade(solution, "assert f(2)[1] == {'k': 5}").verdict.name(), "failed");
    assert_eq!(grade(solution, "assert f(2)[0][0] in (1, 2)").verdict.name(), "failed");
}

#[test]
fn classes_with_a_sensible_equality_pass() {
    let solution = "from dataclasses import dataclass\nfrom fractions import Fraction\nfrom collections import Counter, namedtuple\n\
        import enum\n@dataclass\nclass P:\n    x: int\n    y: int\nclass Q:\n    def __init__(self, v): self.v = v\n    \
        def __eq__(self, o): return self.v == o.v\nclass R:\n    def __init__(self, v): self.v = v\n    \
        def __eq__(self, o): return isinstance(o, R) and self.v == o.v\nclass E(enum.Enum):\n    A = 1\nT = namedtuple('T', 'a b')\n";
    let test = "assert P(1, 2) == P(1, 2)\nassert P(1, 2) != P(2, 1)\nassert Q(1) == Q(1)\nassert [R(1)] == [R(1)]\n\
        assert R(1) != 1\nassert T(1, 2) == (1, 2)\nassert E.A == E.A\nassert Fraction(1, 2) == 0.5\n\
        assert Counter('aab') == {'a': 2, 'b': 1}\nassert float('nan') != float('nan')\nassert 1 < 2 <= 2 != 3\n";
    assert_eq!(grade(solution, test).verdict, Verdict::Passed);
}

#[test]
fn redefining_what_the_test_uses_does_not_help() {
    for body in [
        "    return 0\n\ndef check(candidate): pass\n",
        "    return 0\n\nclass AssertionError(BaseException): pass\n",
        "    return 0\n\nimport builtins\nbuiltins.AssertionError = KeyError\n",
        "    return 0\n\nimport builtins\nbuiltins.exec = lambda *a: None\nbuiltins.compile = lambda *a, **k: None\n",
        "    raise ValueError\n\nraise KeyError\n",
    ] {
        assert_eq!(verdict(body).name(), "failed", "{body}");
    }
    let lying = "import builtins, math, sys\nbuiltins.abs = lambda x: 0\nmath.isclose = lambda *a, **k: True\n\
        class M: isclose = staticmethod(lambda *a: True)\nsys.modules['math'] = M\ndef f(): return 7\n";
    assert_eq!(grade(lying, "assert abs(f() - 1) < 1e-6").verdict.name(), "failed");
}

#[test]
fn a_right_answer_that_patches_a_builtin_still_passes() {
    let body = "    import builtins\n    builtins.zz = 1\n    return x + y\n";
    assert_eq!(verdict(body), Verdict::Passed);
}

#[test]
fn the_interpreters_own_frames_and_objects_are_out_of_reach() {
    for attempt in [
        "import sys\nsys._getframe()",
        "import sys\nsys.settrace(lambda *a: None)",
        "import sys\nsys.setprofile(lambda *a: None)",
        "import sys\nsys.monitoring",
        "import gc\ngc.get_objects()",
        "import gc, sys\ndel sys.modules['gc']\nimport gc\ngc.get_objects()",
        "import ctypes",
        "import app",
        "import wit_world",
        "import componentize_py_runtime",
    ] {
        assert!(!grade(attempt, "").verdict.passed(), "{attempt}");
    }
}

#[test]
fn writing_into_the_frames_below_does_not_forge_a_pass() {
    // A traceback gives frames, and their f_locals can be written to.
    let solution = "def walk():\n    try:\n        raise ValueError\n    except ValueError as e:\n        frame = e.__traceback__.tb_frame\n\
        \x20   while frame is not None:\n        for name in list(frame.f_locals):\n            if frame.f_code.co_filename == '<sandbox>':\n\
        \x20               frame.f_locals[name] = ''\n        frame.f_globals['REPORT'] = lambda: None\n        frame = frame.f_back\n\
        walk()\ndef add(x, y):\n    walk()\n    return 0\n";
    assert_eq!(grade(solution, TEST).verdict.name(), "failed");
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
        "import io\nio.FileIO(1)",
        "import _io\n_io.open(1)",
        "import posix\nposix.open('x', 0)",
        "import io\nio.open_code('x')",
    ] {
        let name = grade(attempt, "").verdict.name();
        assert!(["failed", "unsupported"].contains(&name), "{name}: {attempt}");
    }
    let fine = "import random, os, sys, time, datetime, uuid, secrets, tempfile, threading, signal\n\
        random.seed()\nrandom.Random().random()\nrandom.SystemRandom().random()\nos.urandom(4)\nos.environ['A'] = 'b'\n\
        assert os.environ.get('A') == 'b' and 'PATH' not in os.environ\nos.path.join('a', 'b')\nassert not os.path.exists('/etc')\n\
        os.getcwd()\nos.getpid()\ntime.time()\ntime.perf_counter()\ntime.localtime()\ntime.strftime('%Y')\ntime.ctime()\n\
        datetime.datetime.now()\ndatetime.date.today()\ndatetime.datetime.utcnow()\nuuid.uuid4()\nuuid.uuid1()\nsecrets.token_hex()\n\
        threading.Lock().acquire()\nsys.stdin.read()\n";
    assert_eq!(grade(fine, "").verdict, Verdict::Passed);
}
