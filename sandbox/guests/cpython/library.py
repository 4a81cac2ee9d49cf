"""Writes the standard library, marshalled: library.py LIB OUT. To be run by the interpreter that the guest is."""

import marshal
import pathlib
import struct
import sys

LEFT_OUT = {
    "test", "tests", "idlelib", "tkinter", "turtledemo", "turtle.py", "ensurepip", "lib2to3", "venv", "pydoc_data", "distutils",
    "site-packages", "__pycache__", "ctypes", "curses", "dbm", "sqlite3", "multiprocessing", "wsgiref", "xmlrpc", "_ios_support.py",
    "_android_support.py", "antigravity.py", "this.py", "msilib", "_pyrepl", "__phello__", "__hello__.py", "ensurepip", "asyncio",
    "pip", "smtplib.py", "imaplib.py", "poplib.py", "ftplib.py", "webbrowser.py", "pydoc.py", "pty.py", "tty.py", "mailbox.py",
    "ssl.py", "socketserver.py", "nturl2path.py", "cProfile.py", "profile.py", "pdb.py", "bdb.py", "idle.py",
}


def modules(folder):
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if any(part in LEFT_OUT or part.startswith("_sysconfigdata") for part in parts):
            continue
        names = parts[:-1] if path.name == "__init__.py" else (*parts[:-1], path.stem)
        if names:
            yield ".".join(names), path.name == "__init__.py", path


def main(folder, out):
    with open(out, "wb") as file:
        for name, is_package, path in modules(pathlib.Path(folder)):
            code = marshal.dumps(compile(path.read_bytes(), f"<frozen {name}>", "exec", dont_inherit=True, optimize=0))
            file.write(struct.pack("<I", len(name)) + name.encode() + b"\0" + struct.pack("<II", is_package, len(code)) + code)


main(*sys.argv[1:])
