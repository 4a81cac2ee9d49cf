"""What RustPython lacks without an operating system, as far as `os` and friends need it."""

import sys

if "posix" not in sys.builtin_module_names:
    kind = type(sys)
    posix = kind("posix")

    def refuse(name):
        def function(*arguments, **options):
            raise PermissionError(1, f"the sandbox has no os.{name}")

        function.__name__ = function.__qualname__ = name
        return function

    for name in ("access", "chdir", "chmod", "close", "dup", "fstat", "fsync", "isatty", "kill", "link", "listdir", "lseek",
                 "lstat", "mkdir", "open", "pipe", "read", "readlink", "remove", "rename", "replace", "rmdir", "scandir", "stat",
                 "symlink", "truncate", "umask", "unlink", "utime", "write", "_exit", "abort"):
        setattr(posix, name, refuse(name))
    posix._have_functions = []
    posix.environ = {}
    posix.putenv = lambda key, value, /: None
    posix.unsetenv = lambda key, /: None
    posix.urandom = lambda size, /: bytes(size)
    posix.getcwd = lambda: "/"
    posix.getcwdb = lambda: b"/"
    posix.getpid = lambda: 1
    posix.cpu_count = lambda: 1
    posix.strerror = lambda code, /: f"error {code}"
    posix.F_OK, posix.R_OK, posix.W_OK, posix.X_OK = 0, 4, 2, 1
    posix.O_RDONLY, posix.O_WRONLY, posix.O_RDWR, posix.O_CREAT, posix.O_EXCL, posix.O_TRUNC, posix.O_APPEND = 0, 1, 2, 64, 128, 512, 1024
    posix.error = OSError
    posix.stat_result = posix.statvfs_result = posix.times_result = posix.uname_result = tuple
    posix.terminal_size = tuple
    posix.get_terminal_size = lambda *arguments: (80, 24)

    class DirEntry:
        pass

    posix.DirEntry = DirEntry
    sys.modules["posix"] = posix
    sys.builtin_module_names = tuple(sorted((*sys.builtin_module_names, "posix")))

# Asking for the time traps without an operating system. Modules that ask while they are imported get this; `virtual` then
# puts its own clocks in the place of these.
import time


def standing_clock(value):
    return lambda *arguments: value


for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    setattr(time, name, standing_clock(0.0))
    setattr(time, name + "_ns", standing_clock(0))
if not hasattr(time, "sleep"):
    time.sleep = standing_clock(None)

# `signal`, which unittest wants, can be imported; there are no signals.
signals = type(sys)("_signal")
signals.SIG_DFL, signals.SIG_IGN, signals.NSIG = 0, 1, 65
signals.SIGINT, signals.SIGABRT, signals.SIGKILL, signals.SIGALRM, signals.SIGTERM = 2, 6, 9, 14, 15
signals.signal = signals.getsignal = lambda *arguments: None
signals.valid_signals = lambda: set()
signals.strsignal = lambda number, /: None


def default_int_handler(number, frame, /):
    raise KeyboardInterrupt


signals.default_int_handler = default_int_handler
sys.modules["_signal"] = signals
