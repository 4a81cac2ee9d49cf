#!/usr/bin/env python3
"""Fetches the sources of 30 well-known PyPI packages, as real input for `phi-bench corpus`.

    python3 tests/peers/fetch_pypi_sources.py FOLDER
    phi-bench corpus stats FOLDER

Each package's wheel is downloaded by pip, by name, and its .py files are unpacked into FOLDER/NAME/. With the standard library
(`@stdlib`) that is more than 5,000 files. Wheels and not sdists: to read an sdist's metadata pip runs code that the archive brings,
and nothing of a package is run here. What is there already is left alone. The sources stay under their own licences; don't commit
them.
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGES = """
aiohttp ansible-core attrs bokeh celery click django fastapi flask gunicorn jinja2 matplotlib mypy networkx nltk pandas
pillow pip pydantic pygments pytest requests scikit-learn scipy setuptools sphinx sqlalchemy sympy tornado twisted
""".split()


def download(name, into):
    """The wheel of a package; None where there is none for this machine."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(into), name]
    subprocess.run(command, check=False)
    return next(iter(sorted(into.glob("*.whl"))), None)


def unpack(archive, folder):
    """The .py files of an archive, below a folder; returns how many."""
    count = 0
    with zipfile.ZipFile(archive) as wheel:
        for name in wheel.namelist():
            path = pathlib.PurePosixPath(name)
            if path.suffix != ".py" or path.is_absolute() or ".." in path.parts:
                continue
            target = folder.joinpath(*path.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wheel.read(name))
            count += 1
    return count


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    total, missing = 0, []
    for name in PACKAGES:
        marker = folder / f".{name}.done"
        if marker.exists():
            total += int(marker.read_text())
            continue
        with tempfile.TemporaryDirectory() as temporary:
            archive = download(name, pathlib.Path(temporary))
            if archive is None:
                missing.append(name)
                continue
            count = unpack(archive, folder / name)
        marker.write_text(str(count))
        total += count
        print(f"{name}: {count} files", flush=True)
    print(f"{total} files of {len(PACKAGES) - len(missing)} packages in {folder}")
    if missing:
        sys.exit(f"no wheel of {', '.join(missing)}")


if __name__ == "__main__":
    main()
