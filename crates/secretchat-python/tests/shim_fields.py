"""The fields of an object of JSON. Each is taken once, with its type, and none may be left."""

from __future__ import annotations

import re
from typing import Any, Callable, Optional, TypeVar

T = TypeVar("T")


class ShimError(Exception):
    """The line is wrong, and nothing has changed."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Fields:
    """The fields that have not been taken yet."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise ShimError("BadField")
        self.values = {name: field for name, field in value.items() if field is not None}
        self.taken: Any = None

    def need(self, name: str, read: Callable[[Any], T]) -> T:
        """Takes a field that has to be there."""
        value = self.get(name, read)
        if value is None:
            raise ShimError("MissingField")
        return value

    def get(self, name: str, read: Callable[[Any], T]) -> Optional[T]:
        """Takes a field that may be there."""
        return read(self.values.pop(name)) if name in self.values else None

    def only(self, name: str, read: Callable[[Any], T]) -> T:
        """Takes the only field."""
        value = self.need(name, read)
        self.end()
        self.taken = value
        return value

    def end(self) -> None:
        """Fails if a field is left."""
        if self.values:
            raise ShimError("UnknownField")


def text(value: Any) -> str:
    """Reads a text."""
    if not isinstance(value, str):
        raise ShimError("BadField")
    return value


def boolean(value: Any) -> bool:
    """Reads true or false."""
    if not isinstance(value, bool):
        raise ShimError("BadField")
    return value


def integer(end: int, start: int = 0) -> Callable[[Any], int]:
    """Returns a reader of numbers from `start` until before `end`."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not start <= value < end:
            raise ShimError("BadField")
        return value

    return read


def real(value: Any) -> float:
    """Reads any number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ShimError("BadField")
    return float(value)


def wide(value: Any) -> int:
    """Reads a number of 64 bits, which is a string of digits."""
    if not isinstance(value, str) or not re.fullmatch("[+-]?[0-9]+", value) or not -(1 << 63) <= int(value) < 1 << 63:
        raise ShimError("BadField")
    return int(value)


def hexadecimal(value: Any) -> bytes:
    """Reads bytes."""
    digits = text(value)
    if not re.fullmatch("(?:[0-9a-fA-F]{2})*", digits):
        raise ShimError("BadField")
    return bytes.fromhex(digits)


def listed(read: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """Returns a reader of lists."""

    def read_all(value: Any) -> list[T]:
        if not isinstance(value, list):
            raise ShimError("BadField")
        return [read(item) for item in value]

    return read_all
