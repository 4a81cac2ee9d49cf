//! Answers that forge comparisons, which don't pass, and honest ones that look alike, which do.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{grade, limits, sandbox};
use phi_sandbox::{Python, Verdict};

const TEST: &str = "def check(candidate):\n    for x, y in [(2, 3), (0, 0), (-4, 9)]:\n        assert candidate(x, y) == x + y\ncheck(add)\n";

fn verdict(body: &str) -> Verdict {
    grade(&format!("def add(x, y):\n{body}"), TEST).verdict
}

/// With each interpreter: a solution's verdict.
fn verdicts(solution: &str, test: &str) -> [(Python, Verdict); 2] {
    [Python::Cpython, Python::Rustpython]
        .map(|python| (python, sandbox(python).grade(solution, test, &limits()).verdict))
}

#[track_caller]
fn fails(solution: &str, test: &str) {
    for (python, verdict) in verdicts(solution, test) {
        assert_eq!(verdict.name(), "failed", "{}: {verdict:?}\n{solution}\n{test}", python.name());
    }
}

#[track_caller]
fn passes(solution: &str, test: &str) {
    for (python, verdict) in verdicts(solution, test) {
        assert_eq!(verdict, Verdict::Passed, "{}\n{solution}\n{test}", python.name());
    }
}

#[test]
fn answers_that_claim_to_equal_everything_fail() {
    for body in [
        "    class A:\n        def __eq__(self, o): return True\n    return A()\n",
        "    class A(int):\n        def __eq__(self, o): return True\n        __hash__ = int.__hash__\n    return A(0)\n",
        "    return type('A', (), {'__eq__': lambda s, o: True})()\n",
        "    class A(float):\n        def __eq__(self, o): return 1\n        def __ne__(self, o): return 0\n    return A(0)\n",
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

/// Bodies of `class A` with an equality that a test's strangers don't expose: `A() == expected` is True in plain Python.
const LIARS: [(&str, &str); 9] = [
    ("ints only", "def __eq__(self, o): return type(o) is int"),
    ("the first time", "n = 0\n    def __eq__(self, o):\n        A.n += 1\n        return A.n == 1"),
    ("small ints", "def __eq__(self, o): return isinstance(o, int) and -100 < o < 100"),
    ("a lying truth", "def __eq__(self, o): return A()\n    def __bool__(self): return True"),
    ("an odd truth", "def __eq__(self, o): return 'yes' * (type(o) is int)"),
    ("by inequality", "def __eq__(self, o): return isinstance(o, int)\n    def __ne__(self, o): return False"),
    ("raises for strangers", "def __eq__(self, o): return o % 1 == 0"),
    ("a builtin as the method", "__eq__ = int.__instancecheck__ if False else (lambda s, o: hasattr(o, 'bit_length'))"),
    ("what isn't big", "def __eq__(self, o): return abs(o) < 10**6"),
];

#[test]
fn an_answer_that_equals_whatever_looks_plausible_fails() {
    for (_, body) in LIARS {
        let solution = format!("class A:\n    {body}\ndef f(x): return A()\n");
        fails(&solution, "assert f(1) == 5\nassert f(2) == 17\nassert f(3) == -4\n");
        fails(&solution, "assert not f(1) != 5\nassert not f(2) != 17\nassert not f(3) != 4\n");
        fails(&solution, "assert 5 == f(1)\nassert 17 == f(2)\nassert 18 == f(2)\n");
    }
}

#[test]
fn it_fails_inside_containers_too() {
    let solution = "class A:\n    def __eq__(self, o): return isinstance(o, (int, str))\n    __hash__ = lambda self: hash(1)\n\
        def f(x): return A()\nfrom collections import deque, OrderedDict, Counter, namedtuple\nT = namedtuple('T', 'a b')\n";
    for test in [
        "assert [f(1), 2] == [1, 2]",
        "assert (3, f(1)) == (3, 9)",
        "assert {'k': f(1)} == {'k': 8}",
        "assert {f(1)} == {1}",
        "assert {f(1): 2} == {1: 2}",
        "assert [[[f(1)]]] == [[[4]]]",
        "assert deque([f(1)]) == deque([3])",
        "assert OrderedDict(a=f(1)) == {'a': 6}",
        "assert T(f(1), 2) == (7, 2)",
        "assert f(1) in [6, 7]",
        "assert f(1) in {1, 7}",
        "assert f(1) in {1: 'a'}.keys()",
        "assert f(1) == 'text'",
        "assert [f(1), f(2)] == ['a', 'b']",
        "assert all(x == y for x, y in zip([f(1), f(2)], [1, 2]))",
        "assert 1 < 2 == f(1)",
        "assert f(1) == 2 == f(3)",
        "import unittest\nclass T(unittest.TestCase):\n    def runTest(self): self.assertEqual(f(1), 5)\nT().runTest()",
        "ok = f(1) == 4\nassert ok",
        "assert [y for x in (1, 2) if f(x) == (y := 3)] == [3, 3]",
    ] {
        fails(solution, test);
    }
}

#[test]
fn what_derives_from_a_builtin_type_is_compared_as_that_type() {
    for (base, value, expected) in [
        ("int", "0", "5"),
        ("float", "0.5", "2.5"),
        ("str", "'a'", "'b'"),
        ("bytes", "b'a'", "b'b'"),
        ("list", "[1]", "[1, 2]"),
        ("tuple", "(1,)", "(1, 2)"),
        ("dict", "{1: 2}", "{1: 3}"),
        ("set", "{1}", "{2}"),
        ("frozenset", "{1}", "frozenset({2})"),
    ] {
        for body in [
            format!("def __eq__(self, o): return repr(o) == {:?}\n    __hash__ = None", expected),
            "def __eq__(self, o): return True\n    def __ne__(self, o): return False\n    def __hash__(self): return 1"
                .to_owned(),
            format!("__eq__ = {base}.__ne__\n    __ne__ = {base}.__eq__"),
        ] {
            let solution = format!("class A({base}):\n    {body}\ndef f(): return A({value})\n");
            fails(&solution, &format!("assert f() == {expected}"));
            fails(&solution, &format!("assert not f() != {expected}"));
            fails(&solution, &format!("assert [f()] == [{expected}]"));
        }
    }
}

#[test]
fn classes_that_the_regular_expression_does_not_see_by_name_are_found() {
    let liar = "'_' + '_eq_' + '_': lambda s, o: isinstance(o, int)";
    for solution in [
        format!("k = getattr(getattr(1, '_' + '_class_' + '_'), '_' + '_class_' + '_')\nA = k('A', (), {{{liar}}})\ndef f(): return A()\n"),
        format!("A = ｔype('A', (), {{{liar}}})\ndef f(): return A()\n"),
        "import weakref\nclass A:\n    def __eq__(s, o): return isinstance(o, int)\n    __hash__ = None\nkept = A()\ndef f(): return weakref.proxy(kept)\n".to_owned(),
        "from collections import UserList\nclass A:\n    def __eq__(s, o): return isinstance(o, (int, list))\nu = UserList()\nu.data = A()\ndef f(): return u\n".to_owned(),
        "class M(type):\n    def __eq__(s, o): return isinstance(o, int)\n    __hash__ = type.__hash__\nclass A(metaclass=M): pass\ndef f(): return A\n".to_owned(),
        "class M(type):\n    def __eq__(s, o): return True\n    def __hash__(s): return hash(int)\nclass A(metaclass=M):\n    def __eq__(s, o): return isinstance(o, int)\ndef f(): return A()\n".to_owned(),
    ] {
        for (python, verdict) in verdicts(&solution, "assert f() == 5\nassert f() == 11\n") {
            assert_eq!(verdict.name(), "failed", "{}: {verdict:?}\n{solution}", python.name());
        }
    }
}

#[test]
fn arithmetic_that_lies_about_the_difference_fails() {
    let zero = "def __sub__(s, o): return 0.0\n    __rsub__ = __radd__ = __sub__\n    def __abs__(s): return 0.0\n    \
        def __lt__(s, o): return True\n    __gt__ = __le__ = __ge__ = __lt__\n    def __truediv__(s, o): return 1.0";
    for head in ["A(float)", "A(int)"] {
        let solution = format!("import math\nclass {head}:\n    {zero}\ndef f(): return A(7)\n");
        for test in [
            "assert abs(f() - 3.5) < 1e-6",
            "assert abs(3.5 - f()) <= 1e-6",
            "assert -1e-6 < f() - 3.5 < 1e-6",
            "assert f() - 3.5 == 0",
            "assert round(f() - 3.5, 3) == 0",
            "import math\nassert math.fabs(f() - 3.5) < 1e-6",
            "assert abs(f() - 3.5) / 3.5 < 1e-6",
            "assert f() < 3",
            "assert 8 < f()",
            "assert f() > 8 or f() < 6",
        ] {
            fails(&solution, test);
        }
    }
    let solution = format!("class A:\n    {zero}\n    def __float__(s): return 7.0\ndef f(): return A()\n");
    fails(&solution, "assert abs(f() - 3.5) < 1e-6");
    fails(&solution, "assert f() < 3");
    let solution = format!("class A:\n    {zero}\ndef f(): return A()\n");
    fails(&solution, "assert f() < 3\nassert f() > 5");
}

#[test]
fn a_container_that_claims_to_hold_everything_fails() {
    for body in ["def __contains__(s, x): return True", "def __contains__(s, x): return isinstance(x, int)"] {
        fails(&format!("class A:\n    {body}\ndef f(): return A()\n"), "assert 3 in f()");
        fails(&format!("class A(list):\n    {body}\ndef f(): return A([1])\n"), "assert 3 in f()");
    }
}

#[test]
fn a_liar_cannot_tell_the_expected_value_by_its_address_or_its_count_of_references() {
    // The liar learns which of what it is shown stands out; it says nothing before it saw all but a few.
    for body in [
        "import sys\nclass A:\n    def __eq__(s, o): return isinstance(o, str) and sys.getrefcount(o) > 5\ndef f(x): return A()\n",
        "import sys\nclass A:\n    def __eq__(s, o): return isinstance(o, str) and sys.intern(o) is o\ndef f(x): return A()\n",
        "seen = []\nclass A:\n    def __eq__(s, o):\n        seen.append(o)\n        near = [x for x in seen if abs(x - o) <= 2]\n        \
            return len(near) == 5\ndef f(x):\n    seen.clear()\n    return A()\n",
    ] {
        let test = if body.contains("str)") {
            "assert f(1) == 'first'\nassert f(2) == 'second'\nassert f(3) == 'third'\nassert f(4) == 'fourth'\n"
        } else {
            "assert f(1) == 5\nassert f(2) == 11\nassert f(3) == -3\nassert f(4) == 120\n"
        };
        fails(body, test);
    }
}

/// A class, what a test says of it: all of it true, none of it a lie.
const HONEST: [(&str, &str); 26] = [
    (
        "@dataclass\nclass P:\n    x: int\n    y: int\n",
        "assert P(1, 2) == P(1, 2)\nassert P(1, 2) != P(2, 1)\nassert P(1, 2) in [P(1, 2)]",
    ),
    (
        "@dataclass(order=True)\nclass P:\n    x: int\n",
        "assert P(1) < P(2)\nassert sorted([P(2), P(1)]) == [P(1), P(2)]\nassert max(P(1), P(3)) == P(3)",
    ),
    (
        "@dataclass(frozen=True)\nclass P:\n    x: int\n",
        "assert {P(1): 2} == {P(1): 2}\nassert {P(1), P(2)} == {P(2), P(1)}",
    ),
    (
        "T = namedtuple('T', 'a b')\n",
        "assert T(1, 2) == (1, 2)\nassert T(1, 2) != (2, 1)\nassert [T(1, 'x')] == [(1, 'x')]",
    ),
    (
        "class T(NamedTuple):\n    a: int\n    b: str = 'x'\n",
        "assert T(1) == (1, 'x')\nassert T(1)._asdict() == {'a': 1, 'b': 'x'}",
    ),
    (
        "class Q:\n    def __init__(s, v): s.v = v\n    def __eq__(s, o): return s.v == o.v\n",
        "assert Q(1) == Q(1)\nassert [Q(1)] == [Q(1)]\nassert Q(1) != Q(2)",
    ),
    (
        "class R:\n    def __init__(s, v): s.v = v\n    def __eq__(s, o):\n        if not isinstance(o, R): return NotImplemented\n        return s.v == o.v\n",
        "assert R(1) == R(1)\nassert R(1) != 1\nassert (R(1) == 5) is False\nassert R('a') != 'a'",
    ),
    (
        "class S:\n    def __init__(s, v): s.v = v\n    def __eq__(s, o):\n        if not isinstance(o, S): raise TypeError(o)\n        return s.v == o.v\n",
        "assert S(1) == S(1)\ntry:\n    S(1) == 1\nexcept TypeError: pass\nelse: raise AssertionError",
    ),
    (
        "",
        "assert Fraction(1, 2) == 0.5\nassert 2 == Fraction(4, 2)\nassert [Fraction(1, 3)] == [Fraction(2, 6)]\nassert abs(Fraction(1, 3) - 0.333) < 0.01\nassert Fraction(1, 2) < 1",
    ),
    (
        "",
        "assert Decimal('1.50') == Decimal('1.5')\nassert Decimal(3) == 3\nassert Decimal('0.5') == 0.5\nassert Decimal(1) < 2",
    ),
    (
        "",
        "assert Counter('aab') == {'a': 2, 'b': 1}\nassert Counter(a=1, b=0) == Counter(a=1)\nassert Counter('ab') != {'a': 1}",
    ),
    (
        "",
        "assert OrderedDict(a=1, b=2) == {'b': 2, 'a': 1}\nassert OrderedDict(a=1, b=2) != OrderedDict(b=2, a=1)\nassert defaultdict(int, a=1) == {'a': 1}\nassert deque([1, 2]) == deque([1, 2])",
    ),
    (
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass I(enum.IntEnum):\n    X = 3\n",
        "assert E.A == E.A and E.A != E.B and E(1) is E.A\nassert I.X == 3 and I.X < 4 and [I.X] == [3]\nassert abs(I.X - 3.0) < 1e-9",
    ),
    (
        "class Approx:\n    def __init__(s, v): s.v = v\n    def __eq__(s, o): return abs(s.v - o) < 1e-3 * max(1, abs(s.v))\n",
        "assert Approx(3.14159) == 3.1416\nassert Approx(1000000) == 1000001\nassert Approx(2.0) != 2.5\nassert [Approx(0.1)] == [0.1]",
    ),
    (
        "class Point:\n    def __init__(s, x, y): s.x, s.y = x, y\n    def __eq__(s, o): return (s.x, s.y) == tuple(o)\n    def __iter__(s): return iter((s.x, s.y))\n",
        "assert Point(1, 2) == (1, 2)\nassert Point(1, 2) == [1, 2]\nassert Point(1, 2) != (2, 1)\nassert (3, 4) == Point(3, 4)",
    ),
    (
        "class Vec:\n    def __init__(s, *v): s.v = list(v)\n    def __eq__(s, o): return [x == y for x, y in zip(s.v, o)]\n    def __lt__(s, o): return [x < o for x in s.v]\n",
        "assert all(Vec(1, 2) == [1, 2])\nassert (Vec(1, 2) == [1, 3])[1] is False\nassert any(Vec(1, 5) < 3)\nassert sum(Vec(1, 2) == [1, 2]) == 2",
    ),
    (
        "class Mod:\n    def __init__(s, v, m=7): s.v, s.m = v % m, m\n    def __eq__(s, o): return s.v == getattr(o, 'v', o) % s.m\n    def __add__(s, o): return Mod(s.v + getattr(o, 'v', o), s.m)\n",
        "assert Mod(10) == 3\nassert Mod(3) + 6 == 2\nassert Mod(3) + Mod(5) == Mod(1)\nassert Mod(3) != 4",
    ),
    (
        "class Money(int):\n    def __add__(s, o): return Money(int(s) + int(o))\n    def __eq__(s, o): return int(s) == int(o)\n    __hash__ = int.__hash__\n",
        "assert Money(3) + 4 == 7\nassert Money(3) + 4 == Money(7)\nassert {Money(3): 1} == {3: 1}\nassert Money(3) < 4",
    ),
    (
        "class Celsius(float):\n    def __sub__(s, o): return Celsius(float(s) - float(o))\n",
        "assert abs(Celsius(3.5) - 3.5) < 1e-9\nassert Celsius(2.5) == 2.5\nassert round(Celsius(2.567), 2) == 2.57",
    ),
    (
        "class Stack(list):\n    def push(s, x): s.append(x)\n    def __eq__(s, o): return list(s) == list(o)\n",
        "s = Stack()\ns.push(1)\nassert s == [1] and s != [2] and 1 in s and len(s) == 1",
    ),
    (
        "class Rat:\n    def __init__(s, a, b): s.a, s.b = a, b\n    def __float__(s): return s.a / s.b\n    def __sub__(s, o): return float(s) - float(o)\n    def __lt__(s, o): return float(s) < float(o)\n    def __gt__(s, o): return float(s) > float(o)\n    def __eq__(s, o): return float(s) == float(o)\n",
        "assert abs(Rat(1, 2) - 0.5) < 1e-9\nassert Rat(1, 2) < 0.75 and Rat(1, 2) > Rat(1, 3)\nassert Rat(1, 2) == 0.5 and 0.25 == Rat(1, 4)\nassert max([Rat(1, 2), Rat(1, 3)]) == Rat(1, 2)",
    ),
    (
        "class Interval:\n    def __init__(s, a, b): s.a, s.b = a, b\n    def __contains__(s, x): return s.a <= x <= s.b\nclass Letters:\n    def __contains__(s, x): return x.isalpha()\n",
        "assert 3 in Interval(1, 5) and 9 not in Interval(1, 5)\nassert 0.5 in Interval(0, 1)\nassert 3 in Interval(-10**9, 10**9)\nassert 'b' in Letters() and '1' not in Letters()",
    ),
    (
        "class Node:\n    def __init__(s, v, n=None): s.v, s.n = v, n\n    def __eq__(s, o): return isinstance(o, Node) and (s.v, s.n) == (o.v, o.n)\ndef build(xs):\n    n = None\n    for x in reversed(xs): n = Node(x, n)\n    return n\n",
        "assert build([1, 2, 3]) == build([1, 2, 3])\nassert build([1, 2]) != build([1])\nassert build([]) is None and build([]) == None",
    ),
    (
        "class CI(str):\n    def __hash__(s): return hash(s.lower())\nclass Version(tuple):\n    def __lt__(s, o): return tuple(s) < tuple(o)\n",
        "assert CI('a') == 'a' and CI('b') in ['b'] and CI('x') + 'y' == 'xy'\nassert Version((1, 2)) < Version((1, 10)) and Version((1, 2)) == (1, 2)",
    ),
    (
        "class Bag:\n    def __init__(s, xs): s.xs = list(xs)\n    def __eq__(s, o): return sorted(s.xs) == sorted(o)\n    def __len__(s): return len(s.xs)\nclass Grid:\n    def __init__(s, d): s.d = d\n    def __eq__(s, o): return s.d == (o.d if isinstance(o, Grid) else o)\n",
        "assert Bag([2, 1, 2]) == [1, 2, 2]\nassert Bag([]) == [] and len(Bag([1])) == 1\nassert Grid([[1, 2], [3, 4]]) == [[1, 2], [3, 4]]\nassert Grid({'a': [1]}) == {'a': [1]} and Grid(None) == None and Grid(True) == True and Grid('') == '' and Grid({}) == {}",
    ),
    (
        "class Text:\n    def __init__(s, t): s.t = t\n    def __eq__(s, o): return s.t.lower().split() == o.lower().split()\nclass Date(datetime.date): pass\n",
        "assert Text('Hello  World') == 'hello world'\nassert Date(2020, 1, 2) == datetime.date(2020, 1, 2)\nassert datetime.timedelta(hours=1) < datetime.timedelta(hours=2)\nassert float('nan') != float('nan') and 1 < 2 <= 2 != 3",
    ),
];

#[test]
fn classes_with_an_honest_equality_pass() {
    let imports = "from dataclasses import dataclass\nfrom fractions import Fraction\nfrom decimal import Decimal\nfrom typing import NamedTuple\n\
        from collections import Counter, OrderedDict, defaultdict, deque, namedtuple\nimport enum, datetime\n";
    for (class, test) in HONEST {
        passes(&format!("{imports}{class}"), test);
    }
}

#[test]
fn a_chain_of_comparisons_evaluates_as_in_plain_python() {
    let test = "log = []\ndef v(x):\n    log.append(x)\n    return x\nassert v(1) < v(2) <= v(2) != v(3)\nassert log == [1, 2, 2, 3]\nlog.clear()\n\
        assert not (v(2) < v(1) < v(0))\nassert log == [2, 1]\nassert [x for x in range(9) if 2 < x < 5] == [3, 4]\n\
        class C:\n    ok = 1 < 2 < 3\nassert C.ok is True\nassert (1 < 2 < 3) is True and (3 < 2 < 1) is False\n\
        assert 1 < 2 in [2] and None is None and 1 not in (2, 3)\n";
    passes("class A: pass\n", test);
}

#[test]
fn a_wrong_answer_of_an_honest_class_fails_by_the_assertion() {
    let solution =
        "class Q:\n    def __init__(s, v): s.v = v\n    def __eq__(s, o): return s.v == o\ndef f(): return Q(4)\n";
    let verdict = grade(solution, "assert f() == 5, 'four'").verdict;
    assert!(matches!(&verdict, Verdict::Failed { message, .. } if message == "four"), "{verdict:?}");
}

#[test]
fn an_error_within_a_comparison_is_reported_where_the_test_stands() {
    let solution = "class Q:\n    def __eq__(s, o): raise ValueError('no')\ndef f(): return Q()\n";
    let verdict = grade(solution, "x = 1\nassert f() == 5\n").verdict;
    let Verdict::Failed { exception, traceback, .. } = &verdict else { panic!("{verdict:?}") };
    assert_eq!(exception, "ValueError");
    assert!(
        traceback.contains(
            "File \"<test>\", line 2, in <module>\n    assert f() == 5\n  File \"<solution>\", line 2, in __eq__"
        ),
        "{traceback}"
    );
}
