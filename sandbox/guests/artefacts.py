"""The record of the guests: which sources each was built from, and what came out.

artefacts.py stale               prints the guests whose sources aren't the recorded ones
artefacts.py record NAME WASM    records a guest that has just been built
artefacts.py compare NAME WASM   fails if a rebuilt guest isn't the recorded one
"""

import hashlib
import json
import pathlib
import sys
import tomllib

GUESTS = pathlib.Path(__file__).resolve().parent
RECORD = GUESTS / "artefacts.json"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources(name):
    """One hash over all files that a guest is made from, and the version of what snapshots it."""
    snapshot = GUESTS.parent / "examples" / "snapshot_guest.rs"
    files = [GUESTS / "build.sh", snapshot, *(GUESTS / "python").rglob("*"), *(GUESTS / name).rglob("*")]
    lines = [f"{path.relative_to(GUESTS.parent)}\0{digest(path)}\n" for path in sorted(files)
             if path.is_file() and "__pycache__" not in path.parts]
    lock = tomllib.loads((GUESTS.parents[1] / "Cargo.lock").read_text())
    lines += [f"{package['name']}\0{package['version']}\n" for package in lock["package"] if package["name"] == "wasmtime-wizer"]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def main(command, name=None, wasm=None):
    recorded = json.loads(RECORD.read_text())
    if command == "stale":
        print(*(name for name in recorded if recorded[name]["sources_sha256"] != sources(name)))
    elif command == "record":
        recorded[name] = {
            "compressed_sha256": digest(GUESTS / f"{name}.wasm.zst"),
            "wasm_sha256": digest(pathlib.Path(wasm)),
            "sources_sha256": sources(name),
        }
        RECORD.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n")
    elif command == "compare":
        built = digest(pathlib.Path(wasm))
        if built != recorded[name]["wasm_sha256"]:
            sys.exit(f"{name}: built from the sources: SHA-256 {built}; the artefact: {recorded[name]['wasm_sha256']}.\n"
                     f"Run `sandbox/guests/build.sh {name}` and commit what it changes.")
        print(f"{name}: the sources changed, the interpreter didn't")
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
