//! What a test expects stays its secret: solutions can't read it, steer the test, or run made-up byte code.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{grade, limits, sandbox};
use phi_sandbox::{Python, Verdict};

/// A test in the forms that benchmarks use: literals in a function, in globals, in a callback, in a generator.
const TEST: &str = "inputs = [1, 2, 3]\nresults = [424201, 424202, 424203]\ndef check(candidate):\n    secret = 424299\n    \
    def callback(x, limit=424277): return x < 424288 + secret\n    for i, r in zip(inputs, results):\n        \
    answer = candidate(i, callback, (x + 424255 + secret for x in [1]))\n        assert answer == r\n    \
    assert candidate(9, callback, (x for x in [1])) == 424204\ncheck(f)\n";

/// Looks at an object, and at what is within it, for numbers of the test; raises what it found.
const SPY: &str = "import sys, gc, types, inspect, traceback\nFOUND = []\ndef look(thing, depth=0, seen=set()):\n    if id(thing) in seen or depth > 7 or isinstance(thing, (type, types.ModuleType)): return\n    \
    seen.add(id(thing))\n    if isinstance(thing, int) and thing // 100 == 4242:\n        FOUND.append(thing)\n    elif isinstance(thing, dict):\n        \
    for k, v in list(thing.items()):\n            if k not in ('FOUND', 'look', 'SPY_LIMITS'): look(k, depth + 1); look(v, depth + 1)\n    \
    elif isinstance(thing, (list, tuple, set, frozenset)):\n        for x in list(thing): look(x, depth + 1)\n    else:\n        \
    for name in ('f_locals', 'f_globals', 'f_back', 'f_code', 'co_consts', 'co_code', '__closure__', 'cell_contents', '__globals__', '__code__', '__dict__', 'gi_frame', 'gi_code', \
    'ag_frame', 'cr_frame', 'tb_frame', 'tb_next', '__traceback__', '__context__', '__self__', '__func__', '__wrapped__', 'f_generator', 'gi_yieldfrom'):\n            \
    try: value = getattr(thing, name)\n            except Exception: continue\n            look(value, depth + 1)\n";

/// What a spy does when the test calls `f(i, callback, generator)`.
const SPIES: [(&str, &str); 15] = [
    ("its own frame and those below", "look(sys._getframe())"),
    ("the frames of a traceback", "\n    try: raise ValueError\n    except ValueError as e: look(e)"),
    ("a traceback through a callback", "\n    try: callback('x')\n    except TypeError as e: look(e)"),
    ("the test's function", "look(globals().get('check'))\n    import __main__\n    look(vars(__main__))"),
    ("a callback", "look(callback)"),
    ("a generator", "look(generator); next(generator); look(generator)"),
    ("objects that the collector knows", "look(gc.get_objects())"),
    ("who refers to the generator", "look(gc.get_referrers(generator)); look(gc.get_referents(callback))"),
    ("inspect.stack", "look([s.frame for s in inspect.stack()])"),
    ("inspect.currentframe", "look(inspect.currentframe().f_back.f_back.f_locals)"),
    ("inspect.getclosurevars", "look(tuple(inspect.getclosurevars(callback)))"),
    (
        "inspect.getsource",
        "look([int(w) for w in inspect.getsource(callback).replace('=', ' ').split() if w.isdigit()])",
    ),
    ("traceback.walk_stack", "look([f for f, _ in traceback.walk_stack(None)])"),
    (
        "linecache",
        "\n    import linecache\n    look([int(w) for l in linecache.getlines('<test>') for w in l.replace(',', ' ').split() if w.isdigit()])",
    ),
    ("frames of all threads", "look(list(sys._current_frames().values()))"),
];

#[test]
fn a_solution_cannot_read_what_its_test_expects() {
    for python in [Python::Cpython, Python::Rustpython] {
        for (what, spying) in SPIES {
            let solution = format!(
                "{SPY}\ndef spy(i, callback, generator):\n    {}\ndef f(i, callback, generator):\n    \
                 try: spy(i, callback, generator)\n    except (AttributeError, OSError, TypeError, RuntimeError, ValueError, LookupError): pass\n    \
                 if FOUND: raise SystemExit(FOUND[0] % 100)\n    return 0\n",
                spying.trim_start()
            );
            let verdict = sandbox(python).grade(&solution, TEST, &limits()).verdict;
            let Verdict::Failed { exception, .. } = &verdict else { panic!("{}: {what}: {verdict:?}", python.name()) };
            assert_eq!(exception, "AssertionError", "{}: {what}: {verdict:?}", python.name());
        }
    }
}

#[test]
fn the_spy_finds_what_lies_open() {
    for open in [
        "x = [424242]\nlook(x)",
        "def g():\n    y = 424242\n    look(sys._getframe())\ng()",
        "look((lambda: 424242).__code__)",
    ] {
        let program = format!("{SPY}\n{open}\nassert FOUND == [424242], FOUND\n");
        assert_eq!(grade(&program, "").verdict, Verdict::Passed, "{open}");
    }
}

#[test]
fn a_solution_cannot_steer_its_test() {
    for attempt in [
        // Jumps over the assertion.
        "def jump(frame, event, arg):\n    if frame.f_code.co_filename == '<test>' and event == 'line':\n        frame.f_lineno += 1\n    return jump\n\
            import sys\nsys.settrace(jump)\ndef f(): return 0\n",
        "import sys\ndef f():\n    frame = sys._getframe(1)\n    def jump(frame, event, arg):\n        frame.f_lineno = 3\n    frame.f_trace = jump\n    \
            sys.settrace(jump)\n    return 0\n",
        "import sys\ndef f():\n    sys._getframe(1).f_lineno = 3\n    return 0\n",
        "import sys\ndef f():\n    sys._getframe(1).f_locals['expected'] = 0\n    sys._getframe(1).f_globals['expected'] = 0\n    return 0\n",
        "import sys\ndef f():\n    sys._getframe(1).f_builtins['AssertionError'] = ValueError\n    return 0\n",
        "import sys\ndef f():\n    sys._getframe(1).clear()\n    return 0\n",
        "import sys\nm = sys.monitoring\nm.use_tool_id(1, 'x')\ndef line(code, number): raise SystemError\nm.register_callback(1, m.events.LINE, lambda *a: m.DISABLE)\n\
            m.set_events(1, m.events.LINE)\ndef f(): return 0\n",
        "import sys, threading\nthreading.settrace(lambda *a: None)\nthreading.setprofile(lambda *a: None)\ndef f(): return 0\n",
        "import atexit, os\natexit.register(os._exit, 0)\ndef f(): return 0\n",
        "import signal\ndef f():\n    signal.raise_signal(2)\n    return 0\n",
        "def f():\n    raise GeneratorExit\n",
        "import sys\nsys.excepthook = sys.unraisablehook = lambda *a: None\ndef f(): return 0\n",
        "def f():\n    globals()['expected'] = 0\n    import __main__\n    __main__.expected = 0\n    return 0\n",
    ] {
        for python in [Python::Cpython, Python::Rustpython] {
            let verdict =
                sandbox(python).grade(attempt, "expected = 424242\nassert f() == expected\nx = 1\n", &limits()).verdict;
            assert!(["failed", "unsupported"].contains(&verdict.name()), "{}: {verdict:?}\n{attempt}", python.name());
        }
    }
}

#[test]
fn a_solution_cannot_make_code_of_bytes() {
    for attempt in [
        "f = (lambda: 1)\nf.__code__ = f.__code__.replace(co_code=b'\\0' * 8)",
        "import copy\ncopy.replace((lambda: 1).__code__, co_consts=(1,))",
        "(lambda: 1).__code__.__replace__(co_consts=(1,))",
        "import types\nc = (lambda: 1).__code__\ntypes.CodeType(0, 0, 0, 0, 1, 0, b'', (), (), (), '', '', '', 1, b'', b'')",
        "type((lambda: 1).__code__)(0, 0, 0, 0, 1, 0, b'', (), (), (), '', '', '', 1, b'', b'')",
        "import marshal\nmarshal.loads(marshal.dumps((lambda: 1).__code__))",
        "import marshal, sys\nsave = marshal.dumps((lambda: 1).__code__)\ndel sys.modules['marshal']\nimport marshal\nmarshal.loads(save)",
        "import marshal, io\nmarshal.load(io.BytesIO(marshal.dumps((lambda: 1).__code__)))",
        "import copyreg, pickle, types\npickle.loads(pickle.dumps((lambda: 1).__code__))",
    ] {
        for python in [Python::Cpython, Python::Rustpython] {
            let verdict = sandbox(python).run(attempt, &limits()).verdict;
            assert_eq!(verdict.name(), "failed", "{}: {verdict:?}\n{attempt}", python.name());
        }
    }
}

#[test]
fn what_the_interpreter_knows_of_itself_is_out_of_reach() {
    for attempt in [
        "import gc\ngc.get_objects()",
        "import ctypes",
        "import _ctypes",
        "import host",
        "import finish",
        "import equality",
        "import lineup",
        "import neighbours",
        "import bake",
        "import importlib.machinery as m\nm.BuiltinImporter.load_module('host')",
    ] {
        for python in [Python::Cpython, Python::Rustpython] {
            let verdict = sandbox(python).run(attempt, &limits()).verdict;
            assert!(["failed", "unsupported"].contains(&verdict.name()), "{}: {verdict:?}\n{attempt}", python.name());
        }
    }
}

#[test]
fn the_sandboxs_own_functions_are_hidden_as_the_test_is() {
    // An `__eq__` is called by the line-up: what it sees below is blank, and it can't reach what the line-up uses.
    let solution = "import sys\nclass A:\n    def __eq__(s, o):\n        frame = sys._getframe(1)\n        while frame is not None:\n            \
        if frame.f_code.co_filename == '<test>' and (frame.f_locals or frame.f_globals or frame.f_code.co_consts): sys.exit(3)\n            \
        for names in (frame.f_globals, frame.f_locals):\n                for name in ('place', 'turn', 'mistakes', 'expected', 'below', 'neighbours'):\n                    \
        if name in names: sys.exit(4)\n            frame = frame.f_back\n        return False\ndef f(): return A()\n";
    for python in [Python::Cpython, Python::Rustpython] {
        let verdict = sandbox(python).grade(solution, "assert f() == 5", &limits()).verdict;
        assert_eq!(verdict.name(), "failed", "{}: {verdict:?}", python.name());
    }
}

#[test]
fn frames_of_a_solution_are_its_own_to_see() {
    let program = "import sys, inspect\ndef g():\n    x = 5\n    return sys._getframe().f_locals['x'], sys._getframe(1).f_code.co_name, inspect.stack()[0].function\n\
        def h(): return g()\nassert h() == (5, 'h', 'g'), h()\nf = lambda: 7\nassert f.__code__.co_consts[-1:] == (7,) or 7 in f.__code__.co_consts\n\
        assert f.__globals__ is globals() and g.__closure__ is None\ndef d(a=1, *, b=2): pass\nd.__defaults__ = (3,)\nassert d.__defaults__ == (3,) and d.__kwdefaults__ == {'b': 2}\n";
    for python in [Python::Cpython, Python::Rustpython] {
        assert_eq!(sandbox(python).run(program, &limits()).verdict, Verdict::Passed, "{}", python.name());
    }
}
