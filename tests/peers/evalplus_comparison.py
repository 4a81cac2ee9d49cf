#!/usr/bin/env python3
"""Holds suites/tasks/evalplus.py against EvalPlus's own comparison, which uses NumPy, on made-up answers.

    pip install evalplus==0.3.1
    python3 tests/peers/evalplus_comparison.py [--cases 300000]

Exit code 1 if they ever say different things.
"""

import argparse
import pathlib
import random
import sys
import warnings

import numpy as np
from evalplus.eval import is_floats

CHECKER = pathlib.Path(__file__).parents[2] / "suites/tasks/evalplus.py"
EXPECTED = []


def evalplus_says(outs, exps, atol):
    """evalplus.eval.unsafe_execute, from the answer on."""
    try:
        for out, exp in zip(outs, exps):
            exact_match = out == exp
            if atol == 0 and is_floats(exp):
                atol = 1e-6
            if not exact_match and atol != 0:
                assert type(out) == type(exp)
                if isinstance(exp, (list, tuple)):
                    assert len(out) == len(exp)
                assert np.allclose(out, exp, rtol=1e-07, atol=atol)
            else:
                assert exact_match
    except BaseException:
        return False
    return True


def ours_says(check, outs, exps, atol):
    EXPECTED[:] = exps
    reference = "from __main__ import EXPECTED\ndef answer(i):\n    return EXPECTED[i]\n"
    try:
        check("answer", lambda i: outs[i], reference, atol, [("base", lambda: [[i] for i in range(len(outs))])])
    except BaseException:
        return False
    return True


def scalar(rng):
    floats = [0.0, 1.0, 1.5, -2.25, 1e-7, 1e-6, 3e-6, 1e9, float("inf"), -float("inf"), float("nan"), -0.0]
    integers = [0, 1, 2, -3, 10**8, 10**8 + 1, 2**63 - 1, 2**63, 2**64, 10**30, -(2**63)]
    others = [True, False, "a", "", None, 1 + 2j, rng.random()]
    return rng.choice(rng.choice([floats, floats, integers, others]))


def value(rng, depth=0):
    if depth < 3 and rng.random() < 0.55 - 0.1 * depth:
        return rng.choice([list, tuple])(value(rng, depth + 1) for _ in range(rng.randrange(4)))
    return scalar(rng)


def near(rng, x):
    """Something that is nearly `x`."""
    chance = rng.random()
    if isinstance(x, (list, tuple)):
        if chance < 0.06:
            return list(x) if isinstance(x, tuple) else tuple(x)
        if chance < 0.1 and x:
            return type(x)([x[0]])
        if chance < 0.13:
            return type(x)([*x, 1.0])
        return type(x)(near(rng, item) for item in x)
    if chance < 0.04:
        return scalar(rng)
    if isinstance(x, float) and chance < 0.6:
        return rng.choice([x + 1e-8, x + 9e-7, x + 1.1e-6, x * (1 + 9e-8), x * (1 + 1.1e-7), [x]])
    return x + 1 if isinstance(x, int) and chance < 0.1 else x


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=300_000)
    cases = parser.parse_args().cases
    warnings.simplefilter("ignore")
    names = {}
    exec(CHECKER.read_text(), names)
    rng = random.Random(5)
    passed = differ = 0
    for _ in range(cases):
        exps = [value(rng) for _ in range(rng.randrange(1, 4))]
        if rng.random() < 0.4:
            exps.insert(0, [rng.choice([0.5, 1.25, 1e8]) for _ in range(rng.randrange(1, 4))])
        outs = [near(rng, exp) for exp in exps]
        atol = rng.choice([0, 0, 1e-6, 1e-4])
        theirs, ours = evalplus_says(outs, exps, atol), ours_says(names["evalplus_check"], outs, exps, atol)
        passed += theirs
        if theirs != ours:
            differ += 1
            print(f"EvalPlus {theirs}, here {ours}: {outs} for {exps}, atol {atol}")
    print(f"{cases} cases, {passed} pass, {differ} differ (NumPy {np.__version__})")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
