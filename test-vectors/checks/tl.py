"""Section 7: a reader that knows the schema."""

import re
import struct
import zlib
from pathlib import Path

from .primitives import Refused, unhex

SCHEMA = Path(__file__).parents[2] / "schema" / "secret.tl"
# TL-1: the one whose id is not the CRC-32 of its text.
OWN_ID = 0x6ABD9782
VECTOR = 0x1CB5C415


def constructors() -> dict[int, dict]:
    found, layer = {}, 0
    for line in SCHEMA.read_text().splitlines():
        if line.startswith("// layer "):
            layer = int(line.removeprefix("// layer "))
        if "#" not in line or line.startswith("//"):
            continue
        left, type_ = line.rstrip(";").split(" = ")
        name, *fields = left.split()
        name, id_ = name.split("#")
        found[int(id_, 16)] = {"name": name, "type": type_, "layer": layer, "fields": [f.split(":") for f in fields]}
        # The text without the id, with `bytes` as string and without brackets.
        text = re.sub(r"#[0-9a-f]{8}", "", line.rstrip(";"), count=1).replace(":bytes", ":string").replace("?bytes", "?string")
        text = re.sub(r" \w+:flags\.\d+\?true", "", text).replace("<", " ").replace(">", "")
        if int(id_, 16) != OWN_ID:
            assert zlib.crc32(text.encode()) == int(id_, 16), line
    assert len(found) == 85
    return found


KNOWN = constructors()


class Reader:
    """TL-2 and TL-3."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        taken = self.data[self.at : self.at + length]
        if len(taken) < length:
            raise Refused("UnexpectedEnd")
        self.at += length
        return taken

    def word(self) -> int:
        return struct.unpack("<I", self.take(4))[0]

    def string(self) -> bytes:
        first = self.take(1)[0]
        if first == 0xFF:
            raise Refused("NonCanonicalLength")
        length, head = (first, 1) if first < 254 else (int.from_bytes(self.take(3), "little"), 4)
        if first == 254 and length < 254:
            raise Refused("NonCanonicalLength")
        text = self.take(length)
        if any(self.take(-(head + length) % 4)):
            raise Refused("NonZeroPadding")
        return text

    def value(self, type_: str) -> object:
        """What the vectors list."""
        if type_ in ("int", "#"):
            return struct.unpack("<i" if type_ == "int" else "<I", self.take(4))[0]
        if type_ == "long":
            return str(struct.unpack("<q", self.take(8))[0])
        if type_ == "double":
            return self.take(8)[::-1].hex()
        if type_ in ("string", "bytes"):
            return self.string().hex()
        if item := re.fullmatch("Vector<(.*)>", type_):
            if self.word() != VECTOR:
                raise Refused("NotAVector")
            (count,) = struct.unpack("<i", self.take(4))
            if not 0 <= count <= (len(self.data) - self.at) // 4:
                raise Refused("BadCount")
            return [self.value(item[1]) for _ in range(count)]
        return self.object(type_)

    def object(self, type_: str) -> dict:
        made = KNOWN.get(self.word())
        if made is None or made["type"] != type_:
            raise Refused("UnknownConstructor")
        fields, flags = {"_": made["name"]}, 0
        for name, field in made["fields"]:
            if conditional := re.fullmatch(r"flags\.(\d+)\?(.*)", field):
                present = flags >> int(conditional[1]) & 1 == 1
                if conditional[2] == "true":
                    fields[name] = present
                else:
                    fields[name] = self.value(conditional[2]) if present else None
                continue
            fields[name] = self.value(field)
            flags = fields[name] if field == "#" else flags
        return fields


def read(case: dict, file: dict) -> dict:
    reader = Reader(unhex(case["hex"]))
    fields = reader.object(case["type"])
    if reader.at < len(reader.data):
        raise Refused("TrailingBytes")
    made = KNOWN[struct.unpack("<I", reader.data[:4])[0]]
    outputs = {"constructor": made["name"]}
    if "layer" in case:
        outputs["layer"] = made["layer"]
    return outputs | ({"fields": fields} if "fields" in case else {})


FORMATS = {"tl-1": read}
