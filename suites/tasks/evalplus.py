# EvalPlus's checker without NumPy: evalplus 0.3.1, evalplus/eval/__init__.py (unsafe_execute, is_floats) and _special_oracle.py.
# All names are local to the function, and a candidate's answer is there before the expected one is made.
def evalplus_check(entry_point, candidate, reference_program, atol, sets):
    import math

    def poly(xs, x):
        return sum([coeff * math.pow(x, i) for i, coeff in enumerate(xs)])

    def is_floats(x):
        if isinstance(x, float):
            return True
        return isinstance(x, (list, tuple)) and bool(x) and all(isinstance(item, float) for item in x)

    def shape_of(x):
        """The shape that numpy.array gives nested sequences. ValueError for ragged ones."""
        if not isinstance(x, (list, tuple)):
            return ()
        shapes = {shape_of(item) for item in x}
        if len(shapes) > 1:
            raise ValueError("inhomogeneous shape")
        return (len(x), *(shapes.pop() if shapes else ()))

    def number(x, is_scalar):
        # Beyond 64 bits an array holds objects, which numpy.isfinite doesn't take.
        if not isinstance(x, (int, float, complex)) or (isinstance(x, int) and not is_scalar and not -(2**63) <= x < 2**64):
            raise TypeError(f"not a number: {x!r}")
        return x if isinstance(x, complex) else float(x)

    def is_close(x, y):
        return (math.isfinite(abs(y)) and abs(x - y) <= atol_now + 1e-07 * abs(y)) or x == y

    def all_close(out, out_shape, exp, exp_shape):
        if not out_shape and not exp_shape:
            return is_close(number(out, is_scalar_out), number(exp, is_scalar_exp))
        if len(out_shape) < len(exp_shape):
            return all([all_close(out, out_shape, item, exp_shape[1:]) for item in exp])
        if len(exp_shape) < len(out_shape):
            return all([all_close(item, out_shape[1:], exp, exp_shape) for item in out])
        length = max(out_shape[0], exp_shape[0]) if 0 not in (out_shape[0], exp_shape[0]) else 0
        if {out_shape[0], exp_shape[0]} - {1, length}:
            raise ValueError("shapes can't be broadcast together")
        outs = out * length if out_shape[0] == 1 else out
        exps = exp * length if exp_shape[0] == 1 else exp
        return all([all_close(a, out_shape[1:], b, exp_shape[1:]) for a, b in zip(outs, exps)])

    names = {}
    exec(reference_program, names)
    reference = names[entry_point]
    for set_name, inputs in sets:
        atol_now = atol
        for position, (given, kept) in enumerate(zip(inputs(), inputs())):
            out = candidate(*given)
            if entry_point == "find_zero":
                assert abs(poly(*given, out)) <= atol_now, f"{set_name} input {position}"
                continue
            exp = reference(*kept)
            exact_match = out == exp
            if atol_now == 0 and is_floats(exp):
                atol_now = 1e-6
            if not exact_match and atol_now != 0:
                right = type(out) == type(exp)
                if right and isinstance(exp, (list, tuple)):
                    right = len(out) == len(exp)
                is_scalar_out, is_scalar_exp = not isinstance(out, (list, tuple)), not isinstance(exp, (list, tuple))
                right = right and all_close(out, shape_of(out), exp, shape_of(exp))
            else:
                right = exact_match
            assert right, f"{set_name} input {position}"
