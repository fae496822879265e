#!/usr/bin/env python3
"""Sequence numbers, computed from SPEC SEQ-1 to SEQ-6.

    sequence.py            writes sequence.json
    sequence.py --check    compares it with what this program computes

Standard library only.
"""

from vector_file import cases, publish

# SEQ-6: slots 0 to 2^30 - 2, so counters up to 2^30 - 1.
LAST_SLOT = 2**30 - 2
FULL = LAST_SLOT + 1


def parity(sender: str, number: str) -> int:
    """SEQ-1: 1 and 0 in messages of the initiator, 0 and 1 in those of the responder."""
    return int((sender == "initiator") == (number == "out_seq_no"))


def wire() -> list[dict]:
    made = []
    for sender in ("initiator", "responder"):
        for number in ("out_seq_no", "in_seq_no"):
            bit = parity(sender, number)
            given = {"sender": sender, "number": number}
            for raw in (0, 1, 2, 49, 1000, 2**29, LAST_SLOT, FULL):
                # SEQ-6: so many were used, and there is no such slot.
                is_slot = number == "in_seq_no" or raw <= LAST_SLOT
                value = {"wire": 2 * raw + bit} | ({"raw": raw} if is_slot else {"error": "SeqExhausted"})
                made.append({"what": f"{number} {raw} of the {sender}"} | given | value)
                wrong = {"wire": 2 * raw + 1 - bit, "error": "SeqParity"}
                made.append({"what": f"{number} {raw} of the {sender}, parity of the other"} | given | wrong)
            for value in (-1, -2, -(2**31), -(2**31) + 1):
                made.append({"what": f"{number} negative"} | given | {"wire": value, "error": "SeqNegative"})
    return made


def arrivals() -> list[dict]:
    made = []
    for received in (0, 1, 3, 1000, LAST_SLOT):
        for slot in sorted({0, received - 1, received, received + 1, received + 10_000, LAST_SLOT}):
            if 0 <= slot <= LAST_SLOT:
                arrival = "next" if slot == received else "duplicate" if slot < received else "early"
                made.append({"what": f"slot {slot}", "received": received, "slot": slot, "arrival": arrival})
    return made


def receiving() -> list[dict]:
    made = []
    for sent, received, acknowledged in ((0, 0, 0), (7, 3, 5), (7, 3, 7), (1, 0, 0), (FULL, 9, 1), (5, LAST_SLOT, 2), (5, FULL, 2)):
        given = {"sent": sent, "received": received, "acknowledged": acknowledged}
        claims = {0, acknowledged - 1, acknowledged, acknowledged + 1, sent - 1, sent, sent + 1, FULL}
        for claim in sorted(claim for claim in claims if 0 <= claim <= FULL):
            if claim < acknowledged:
                after = {"error": "InSeqBack"}
            elif claim > sent:
                after = {"error": "InSeqAhead"}
            elif received > LAST_SLOT:
                after = {"error": "SeqExhausted"}
            else:
                after = {"received_after": received + 1, "acknowledged_after": claim}
            made.append({"what": f"in_seq_no {claim}"} | given | {"in_seq_no": claim} | after)
    return made


def sending() -> list[dict]:
    made = [{"what": f"slot {sent}", "sent": sent, "slot": sent, "sent_after": sent + 1} for sent in (0, 1, 2**29, LAST_SLOT)]
    return made + [{"what": "no slot is left", "sent": FULL, "error": "SeqExhausted"}]


def main() -> None:
    file = {
        "format": "sequence-1",
        "clause": "SEQ-1 SEQ-2 SEQ-3 SEQ-4 SEQ-5 SEQ-6",
        "comment": "Numbers on the wire, where a slot stands, what the peer may claim, which slot is next.",
        "cases": cases("wire", wire())
        + cases("arrival", arrivals())
        + cases("receiving", receiving())
        + cases("sending", sending()),
    }
    publish(__file__, __doc__, {"sequence.json": file})


if __name__ == "__main__":
    main()
