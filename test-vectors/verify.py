#!/usr/bin/env python3
"""Computes every value of the vector files again, from SPEC.md alone, and sees that every invalid case is refused for the
reason that it names.

    verify.py [FILE...]    all files here without arguments

Cases with the flag `slow` are left out.

Needs `pip install cryptography`. It shares no code with the programs that made the files; nothing is written.
"""

import json
import sys
from pathlib import Path

from checks import agreement, client, conversation, exporter, hybrid, media, messages, primitives, records, state, tl
from checks.primitives import Refused

HERE = Path(__file__).parent
# What a case's outputs are, by format. Each takes the case and its file, and raises Refused where the case is invalid.
COMPUTE = {
    f"secretchat/{name}": compute
    for module in (primitives, messages, agreement, exporter, hybrid, tl, state, records, media, conversation, client)
    for name, compute in module.FORMATS.items()
}
# A folder of recordings, which tests check.
ELSEWHERE = {"tdlib"}


def check(case: dict, file: dict, compute) -> str | None:
    """What is wrong."""
    try:
        outputs = compute(case, file)
    except Refused as refused:
        if case["result"] == "invalid" and str(refused) == case["error"]:
            return None
        return f"refused as {refused}, expected {case.get('error', 'valid')}"
    except AssertionError as error:
        return f"not as the specification has it: {error}"
    if case["result"] != "valid":
        return f"not refused, expected {case['error']}"
    wrong = [name for name, value in outputs.items() if plain(value) != case[name]]
    if not outputs:
        return "nothing was computed"
    return f"other values: {', '.join(wrong)}" if wrong else None


def plain(value: object) -> object:
    """As it stands in JSON."""
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return json.loads(json.dumps(value))


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]] or sorted(p for p in HERE.rglob("*.json") if not ELSEWHERE & {*p.relative_to(HERE).parts})
    assert paths
    failed = 0
    for path in paths:
        file = json.loads(path.read_text())
        compute = COMPUTE[file["format"]]
        cases = [case for case in file["cases"] if "slow" not in case["flags"]]
        assert cases, path
        wrong = {case["id"]: what for case in cases if (what := check(case, file, compute))}
        print(f"{'FAIL' if wrong else 'ok  '} {path.name}: {len(cases) - len(wrong)} of {len(cases)} cases")
        for id_, what in wrong.items():
            print(f"     {id_}: {what}")
        failed += len(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
