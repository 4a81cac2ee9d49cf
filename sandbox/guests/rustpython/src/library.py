"""Puts the library back as it was before the solution, so that its test finds nothing replaced."""

import builtins
import sys
import types

names_of = type.__dict__["__dict__"].__get__
subclasses = type.__subclasses__


def classes():
    """Those made by class statements; built-in ones can't be changed."""
    waiting, seen = [object], set()
    while waiting:
        kind = waiting.pop()
        if kind not in seen:
            seen.add(kind)
            waiting.extend(subclasses(kind))
    return [kind for kind in seen if kind.__flags__ & 1 << 9]


def keeper(left_out):
    """A function that undoes every change of a library's function, class or module since the call of this one."""
    everyday = {"sys", "warnings", "__main__", *left_out}
    modules = [(module.__dict__, dict(module.__dict__)) for name, module in list(sys.modules.items())
               if type(module) is types.ModuleType and name not in everyday]
    modules.append((sys.modules, dict(sys.modules)))
    kinds = [(kind, names_of(kind), dict(names_of(kind))) for kind in classes() if kind.__module__ not in everyday]
    put, take = type.__setattr__, type.__delattr__
    same, update = dict.__eq__, dict.update
    absent = object()

    def restore():
        for names, saved in modules:
            if same(names, saved) is not True:
                update(names, saved)
        for kind, names, saved in kinds:
            if len(names) == len(saved) and names == saved:
                continue
            for name in [*names]:
                if name not in saved:
                    take(kind, name)
            for name, value in saved.items():
                if names.get(name, absent) is not value:
                    put(kind, name, value)

    return restore
