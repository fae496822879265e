"""Secrets of the host's own and masks of exponents (SPEC EXP-1, MODP-7)."""

from .agreement import PUBLISHED, lp
from .primitives import Refused, hkdf_expand, hkdf_extract, unhex


def exported(case: dict, file: dict) -> dict:
    label, context, length = unhex(case["label"]), unhex(case["context"]), case["length"]
    exporter = hkdf_expand(unhex(case["root"]), b"secretchat/1 exporter", 32)
    if not 1 <= len(label) <= 255 or not 1 <= length <= 8160:
        raise Refused("ExportLength")
    info = b"secretchat/1 exported" + length.to_bytes(4, "little") + lp(label) + lp(context)
    return {"exporter": exporter, "secret": hkdf_expand(exporter, info, length)}


def exponent(case: dict, file: dict) -> dict:
    label = b"secretchat/1 server random"
    kept = hkdf_extract(label, unhex(case["random"]))
    mask = hkdf_expand(kept, label + int(case["exchange_id"]).to_bytes(8, "little", signed=True), 256)
    secret = int.from_bytes(unhex(case["draw"]), "big") ^ int.from_bytes(mask, "big")
    public = pow(3, secret, PUBLISHED).to_bytes(256, "big")
    return {"kept": kept, "mask": mask, "exponent": secret.to_bytes(256, "big"), "public": public}


FORMATS = {"exporter-1": exported, "server-random-1": exponent}
