"""Exceptions. Code, name and text of each come from the crate, and never change between versions."""

from __future__ import annotations

__all__ = [
    "ApiMisuse",
    "DhGroupError",
    "DriverError",
    "FrameError",
    "MediaError",
    "PeerFault",
    "SecretchatError",
    "StoreError",
    "Superseded",
    "Unavailable",
    "VerifyError",
]


class SecretchatError(Exception):
    """Something that the crate refused. Nothing has changed, unless a class below says otherwise."""

    code: int
    """The number of the error."""
    name: str
    """The name of the error in snake case."""

    def __init__(self, text: str, code: int = 0, name: str = "") -> None:
        """Makes an exception with the crate's text, number and name of an error."""
        super().__init__(text)
        self.code = code
        self.name = name


class ApiMisuse(SecretchatError):
    """No chat can make this call: the program has made a mistake."""


class Unavailable(SecretchatError):
    """The chat cannot make this call now. The text says when, or what to do instead."""


class VerifyError(SecretchatError):
    """A scanned code does not show that both ends have the same key."""


class PeerFault(SecretchatError):
    """Bytes from outside are wrong. Anybody can send such bytes."""


class StoreError(SecretchatError):
    """Records do not make a chat."""


class MediaError(SecretchatError):
    """A file is wrong, or it is not whole."""


class DhGroupError(SecretchatError):
    """The server's Diffie-Hellman group must not be used."""


class FrameError(SecretchatError):
    """Bytes are no frame. A stream that raises this is broken: end the connection."""


class DriverError(SecretchatError):
    """A driver has stopped. Drop it, and restore the chat from its store."""


class Superseded(DriverError):
    """Another program wrote records of the same chat first. A store raises it; so does a driver, which has stopped."""

    def __init__(self, text: str = "the records were written by another program", code: int = 0, name: str = "") -> None:
        """Makes the exception; a store needs no arguments."""
        super().__init__(text, code, name)
