"""The outer form of the vector files, see README.md. No value is computed here."""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def standard(kind: str) -> list[dict]:
    """The cases of one kind in primitives.json."""
    found = [case for case in json.loads((HERE / "primitives.json").read_text())["cases"] if case["kind"] == kind]
    assert found, kind
    return found


def cases(kind: str, items: list[dict], flags: list[str] | None = None) -> list[dict]:
    """Numbers cases of one kind. An item with an `error` is invalid; `what` and `flags` of an item go where they belong."""
    made = []
    for n, item in enumerate(items):
        rest = {name: value for name, value in item.items() if name not in ("what", "flags", "error")}
        case = {"id": f"{kind}-{n}", "kind": kind, "comment": item.get("what", "")}
        case["flags"] = (flags or []) + item.get("flags", [])
        case["result"] = "invalid" if item.get("error") else "valid"
        error = {"error": item["error"]} if item.get("error") else {}
        assert not case.keys() & rest.keys()
        made.append(case | rest | error)
    return made


def text(program: Path, format: str, clause: str, comment: str, cases: list[dict], uses: tuple = (), **shared: object) -> str:
    """`uses` names the modules with values in them that the program needs."""
    assert cases and len({case["id"] for case in cases}) == len(cases)
    sources = b"".join((program.parent / name).read_bytes() for name in (program.name, *uses))
    file = {
        "format": f"secretchat/{format}",
        "clause": clause.split(),
        "origin": f"computed by {program.name} from SPEC.md",
        "generator": {"program": program.name, "uses": list(uses), "sha256": hashlib.sha256(sources).hexdigest()},
        "comment": comment,
        **shared,
        "cases": cases,
    }
    return json.dumps(file, indent=1) + "\n"


def publish(program: str, doc: str, files: dict[str, dict]) -> None:
    """Writes the files beside the program, or with --check compares them."""
    program = Path(program).resolve()
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(doc)
    for name, file in files.items():
        made = text(program, **file)
        path = program.parent / name
        if sys.argv[1:]:
            assert path.read_text() == made, f"{name} is stale"
            print(f"{name} is current")
        else:
            path.write_text(made)
