#!/usr/bin/env python3
"""Re-keying as a table, written down from SPEC REKEY-2, REKEY-3, REKEY-5 and REKEY-6.

    rekey.py            writes rekey.json
    rekey.py --check    compares it with what this program computes

Standard library only.
"""

from vector_file import cases, publish

STATES = ("idle", "requested", "asked", "accepted", "answered")
CANDIDATE, OTHER = "1122334455667788", "8877665544332211"
OFF = "off the table"
DAY = 24 * 60 * 60 * 1000

# The table of REKEY-2, a row a message. What r must be stands before the colon; `else` is any other.
REQUEST = {
    "idle": {"else": "answer"},
    "requested": {"r > e": "answer", "r < e": "ignored", "r = e": "both dropped"},
    "asked": {"r = e": OFF, "else": "answer instead"},
    "accepted": {"r = e": OFF, "else": "answer instead"},
    "answered": {"else": OFF},
}
ACCEPT = {state: {"else": OFF} for state in STATES} | {"requested": {"r = e": "derive", "else": OFF}}
COMMIT = {state: {"else": OFF} for state in STATES} | {"accepted": {"r = e": "switch", "else": OFF}}
ABORT = {state: {"r = e": "dropped: aborted", "else": "ignored"} for state in STATES} | {"idle": {"else": "ignored"}}
# e and r, compared as signed numbers.
PAIRS = ((5, 5), (5, 6), (5, 4), (-1, 1), (1, -1), (-(2**63), 2**63 - 1), (2**63 - 1, -(2**63)))


def row(cell: dict[str, str], e: int, r: int) -> str:
    relation = "r = e" if r == e else "r > e" if r > e else "r < e"
    return cell.get(relation) or cell["else"]


def case(what: str, state: dict, message: dict, outcome: str, ended: int | None = None) -> dict:
    # What the strict policy ends the chat for, or drops the exchange for, is invalid.
    bad = outcome == OFF or outcome.startswith("dropped")
    given = {"what": what, "state": state, "message": message, "ended": None if ended is None else str(ended)}
    return given | ({"error": outcome} if bad else {"outcome": outcome})


def table() -> list[dict]:
    made = []
    for name in STATES:
        for e, r in PAIRS if name != "idle" else ((0, 5), (0, -5)):
            state = {"name": name} | ({"exchange_id": str(e)} if name != "idle" else {})
            if name == "accepted":
                state["fingerprint"] = CANDIDATE
            told = f"{name} {e}, r = {r}" if name != "idle" else f"idle, r = {r}"

            def add(what: str, outcome: str, ended: int | None = None, **message: object) -> None:
                made.append(case(f"{what}, {told}", state, {"exchange_id": str(r)} | message, outcome, ended))

            asked = row(REQUEST[name], e, r)
            add("RequestKey", asked, name="RequestKey", under_current_key=True, counts_ours=False)
            # Whoever had processed ours and asks all the same will not answer it.
            late = "answer" if name == "requested" else asked
            add("RequestKey that counts ours", late, name="RequestKey", under_current_key=True, counts_ours=True)
            add("RequestKey under another key", OFF, name="RequestKey", under_current_key=False, counts_ours=False)
            add("AcceptKey", row(ACCEPT[name], e, r), name="AcceptKey")
            committed = row(COMMIT[name], e, r)
            add("CommitKey", committed, name="CommitKey", fingerprint=CANDIDATE)
            mismatch = "dropped: fingerprint mismatch" if committed == "switch" else committed
            add("CommitKey of another key", mismatch, name="CommitKey", fingerprint=OTHER)
            add("AbortKey", row(ABORT[name], e, r), name="AbortKey")
            # What still names the exchange that ended without a key has no effect.
            if name == "idle" or r != e:
                add("AcceptKey of the exchange that ended", "ignored", r, name="AcceptKey")
                add("CommitKey of the exchange that ended", "ignored", r, name="CommitKey", fingerprint=CANDIDATE)
                add("AbortKey of the exchange that ended", "ignored", r, name="AbortKey")
    return made


def due() -> list[dict]:
    made = []
    for use in (0, 1, 4, 99, 100, 101, 115, 116, 999, 1000, 1001):
        for age in (0, 7 * DAY - 1, 7 * DAY, 30 * DAY - 1, 30 * DAY):
            for since in (0, 12_345):
                old = age >= 7 * DAY and use >= 1
                made.append({
                    "what": f"a use of {use}, {age} ms old",
                    "use": use,
                    "since": since,
                    "now": str(since + age),
                    "initiator_asks": use >= 100 or old,
                    "responder_asks": use >= 116 or old,
                    "over_the_limit": use >= 1000 or age >= 30 * DAY,
                })  # fmt: skip
    for use in (0, 3, 4, 99):
        for bytes, bound in ((7999, 8000), (8000, 8000), (8999, 8000), (9000, 8000), (2**64 - 1, 2**64 - 1), (0, 0)):
            made.append({
                "what": f"a use of {use}, {bytes} bytes of {bound}",
                "use": use,
                "bytes": str(bytes),
                "bound": str(bound),
                "since": 0,
                "now": "0",
                "initiator_asks": use >= 4 and bytes >= bound,
                "responder_asks": use >= 4 and bytes >= min(bound + bound // 8, 2**64 - 1),
                "over_the_limit": False,
            })  # fmt: skip
    return made


def unanswered() -> list[dict]:
    hour = 60 * 60 * 1000
    return [
        {"what": f"{n} messages, {age} ms", "messages": n, "asked": 77, "now": 77 + age, "given_up": n >= 16 and age >= hour}
        for n in (0, 15, 16, 17)
        for age in (0, hour - 1, hour, 2 * hour)
    ]


def pauses() -> list[dict]:
    return [
        {"what": f"{n} failures in a row", "failures": n, "pause": 10 * 60 * 1000 * min(2 ** (n - 1), 32)}
        for n in (1, 2, 3, 4, 5, 6, 7, 100, 255)
    ]


def noops() -> list[dict]:
    """REKEY-4: the Noop of a switch, by the age of the key before, which came from a rekey."""
    pause = 10 * 60 * 1000
    return [
        {"what": f"a key of {age} ms", "since": 7, "now": 7 + age, "held_until": 7 + age + pause if age < pause else None}
        for age in (0, 1, pause - 1, pause, 3 * pause)
    ]


def main() -> None:
    file = {
        "format": "rekey-1",
        "clause": "REKEY-2 REKEY-3 REKEY-4 REKEY-5 REKEY-6",
        "comment": "What a message does in a state, by default policy; when a key is due, a request given up, one tried again.",
        "cases": cases("table", table()) + cases("due", due()) + cases("unanswered", unanswered()) + cases("pause", pauses()) + cases("noop", noops()),
    }
    publish(__file__, __doc__, {"rekey.json": file})


if __name__ == "__main__":
    main()
