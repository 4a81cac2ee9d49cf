"""Imports the standard library's modules that programs use, so that they lie in the snapshot."""

import importlib
import sys

MODULES = """
__future__ _collections_abc abc argparse array ast base64 binascii bisect builtins calendar cmath cmd codecs collections
collections.abc colorsys concurrent.futures configparser contextlib contextvars copy copyreg csv dataclasses datetime
decimal difflib dis doctest email.utils enum errno fileinput fnmatch fractions functools gc getopt getpass gettext glob
graphlib hashlib heapq hmac html html.entities html.parser importlib importlib.abc importlib.machinery importlib.util
inspect io ipaddress itertools json json.decoder json.encoder keyword linecache locale logging marshal math numbers opcode
operator os os.path pathlib pickle pkgutil platform posixpath pprint queue random re reprlib sched secrets select shlex
shutil signal site stat statistics string string.templatelib stringprep struct subprocess sys tempfile textwrap threading
time timeit token tokenize traceback types typing unicodedata unittest unittest.mock urllib.parse uuid warnings weakref
zlib zoneinfo asyncio fcntl ssl socket selectors xml.etree.ElementTree annotationlib bz2 lzma gzip
""".split()

SKIPPED = []

# The C version of datetime asks the host's clock; the pure one asks the module `time`, which is virtual.
sys.modules["_datetime"] = None

for name in list(MODULES):
    try:
        importlib.import_module(name)
    except Exception as error:
        SKIPPED.append((name, repr(error)))
        MODULES.remove(name)
del sys.modules["_datetime"]
