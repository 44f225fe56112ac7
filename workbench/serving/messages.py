"""What a viewer's browser may say to a kernel, and nothing else.

A page needs very little: learn which widgets exist and change some of their values. So of all
Jupyter messages four kinds pass, and of comm messages only `update` and `request_state` on models
that the kernel opened, and the control comm by which a page learns of them.

The frames follow the subprotocol v1.kernel.websocket.jupyter.org: a count, that many offsets (all
64 bit, little endian), then the channel's name and the parts header, parent header, metadata,
content and buffers. https://jupyter-server.readthedocs.io/en/latest/developers/websocket-protocols.html
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

V1 = "v1.kernel.websocket.jupyter.org"
LARGEST = 256 * 1024  # bytes of one message
PER_SECOND = 50  # messages
CONTROL_TARGET = "jupyter.widget.control"
WIDGET_TARGET = "jupyter.widget"
MOST_BUFFERS = 16
MOST_CONTROLS = 8  # a page opens one each time it connects
QUESTIONS = frozenset({"kernel_info_request", "comm_info_request"})


class RefusedMessageError(Exception):
    """A message that is not passed on; its text says why and quotes no more than a few words."""


@dataclass(frozen=True)
class Message:
    """The parts of a message that decide about it."""

    channel: str
    kind: str
    content: dict[str, Any]


def parse(frame: str | bytes) -> Message:
    """Read one frame strictly.

    Raises
    ------
    RefusedMessageError
        if it is too large, not in v1 framing, or not a message

    """
    if len(frame) > LARGEST:
        raise RefusedMessageError(f"{len(frame)} bytes, at most {LARGEST} are taken")
    if isinstance(frame, str):
        raise RefusedMessageError("a text frame, v1 frames are binary")
    parts = split(frame)
    try:
        channel = parts[0].decode("ascii")
        header, content = json.loads(parts[1]), json.loads(parts[4])
    except (ValueError, RecursionError) as fault:
        raise RefusedMessageError("not a message") from fault
    if not isinstance(header, dict) or not isinstance(content, dict):
        raise RefusedMessageError("not a message")
    return Message(channel, str(header.get("msg_type"))[:60], content)


def split(frame: bytes) -> list[bytes]:
    """Return the channel's name and the parts of a v1 frame, every offset checked."""
    count = int.from_bytes(frame[:8], "little")
    if not 6 <= count <= 6 + MOST_BUFFERS or len(frame) < 8 * (count + 1):
        raise RefusedMessageError("not in v1 framing")
    ends = [int.from_bytes(frame[8 * k : 8 * (k + 1)], "little") for k in range(1, count + 1)]
    if ends[0] != 8 * (count + 1) or ends[-1] != len(frame) or ends != sorted(ends):
        raise RefusedMessageError("offsets that do not fit the frame")
    return [frame[a:b] for a, b in pairwise(ends)]


@dataclass
class Comms:
    """The comms of one kernel: the models it opened, the control comms its pages opened."""

    models: set[str] = field(default_factory=set)
    controls: list[str] = field(default_factory=list)

    def learn(self, kind: str, content: dict[str, Any]) -> None:
        """Take note of what the kernel said about its models."""
        if kind == "comm_open" and content.get("target_name") == WIDGET_TARGET:
            self.models.add(str(content.get("comm_id")))
        elif kind == "comm_close":
            self.models.discard(str(content.get("comm_id")))
        elif kind == "comm_info_reply":
            self.models.update(content.get("comms", {}))
        elif kind == "comm_msg" and content.get("comm_id") in self.controls:
            data = content.get("data", {})
            if data.get("method") == "update_states":
                self.models.update(data.get("states", {}))

    def check(self, message: Message) -> None:
        """Pass a message, or raise RefusedMessageError."""
        if message.channel != "shell":
            raise RefusedMessageError(f"{message.kind!r} on channel {message.channel[:20]!r}")
        if message.kind in QUESTIONS:
            return
        comm = str(message.content.get("comm_id"))
        data = message.content.get("data")
        method = data.get("method") if isinstance(data, dict) else None
        if message.kind == "comm_open":
            self._check_open(comm, message.content)
        elif message.kind == "comm_close" and comm in self.controls:
            self.controls.remove(comm)
        elif message.kind == "comm_msg" and comm in self.controls:
            if method != "request_states":
                raise RefusedMessageError(f"{method!r} to the control comm")
        elif message.kind == "comm_msg" and comm in self.models:
            if method not in {"update", "request_state"}:
                raise RefusedMessageError(f"{method!r} to a widget")
        else:
            raise RefusedMessageError(f"{message.kind!r} to an unknown comm")

    def _check_open(self, comm: str, content: dict[str, Any]) -> None:
        target = content.get("target_name")
        if target != CONTROL_TARGET or "target_module" in content or comm in self.models:
            raise RefusedMessageError(f"a comm for {str(target)[:60]!r}")
        self.controls = [*self.controls, comm][-MOST_CONTROLS:]


@dataclass
class Allowance:
    """At most `rate` messages a second: a bucket of that size that refills at that rate."""

    rate: float = PER_SECOND
    clock: Callable[[], float] = time.monotonic
    left: float = field(init=False)
    last: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.last = self.rate, self.clock()

    def take(self) -> bool:
        """Say whether one more message may pass now."""
        now = self.clock()
        self.left = min(self.rate, self.left + (now - self.last) * self.rate)
        self.last = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
