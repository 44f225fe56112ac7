"""The websocket between a viewer and a kernel, with the rules of `messages` on it."""

import asyncio
import json
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado import web

from workbench.serving.messages import (
    LARGEST,
    V1,
    Allowance,
    Comms,
    RefusedMessageError,
    parse,
)

LOG_LINES_PER_SECOND = 20.0
TELLING = {b"comm_open", b"comm_close", b"comm_info_reply", b"comm_msg"}


class GuardedConnection(ZMQChannelsWebsocketConnection):
    """Refuse legacy framing before the handshake, and every message that a page does not need.

    What the kernel's models are is kept with the kernel and not with the connection, so that a
    page that reconnects can go on.
    """

    _comms: ClassVar[WeakKeyDictionary[Any, Comms]] = WeakKeyDictionary()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._allowance = Allowance()
        self._log_lines = Allowance(LOG_LINES_PER_SECOND)
        self._silent = 0

    @property
    def comms(self) -> Comms:
        """What is known of the kernel's comms."""
        return self._comms.setdefault(self.kernel_manager, Comms())

    async def prepare(self) -> None:
        """Refuse a client that does not offer v1 framing: the legacy one can hang the server."""
        offered = self.websocket_handler.request.headers.get("Sec-WebSocket-Protocol", "")
        if V1 not in [name.strip() for name in offered.split(",")]:
            self.log.warning("refused a websocket without v1 framing")
            raise web.HTTPError(400, f"The subprotocol {V1} is needed.")
        await super().prepare()  # type: ignore[no-untyped-call]  # jupyter_server has no types here

    def connect(self) -> Any:
        """Connect; the handler awaits this, also when the kernel has gone meanwhile."""
        connected = super().connect()
        if connected is None:
            connected = asyncio.get_running_loop().create_future()
            connected.set_result(None)
        return connected

    def handle_incoming_message(self, incoming_msg: str) -> None:
        """Pass on what the rules allow; log and drop the rest."""
        frame: str | bytes = incoming_msg
        try:
            if not self._allowance.take():
                raise RefusedMessageError("more messages than allowed in a second")
            self.comms.check(parse(frame))
        except RefusedMessageError as refusal:
            self._refused(refusal)
            return
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: str, outgoing_msg: list[Any]) -> None:
        """Learn the kernel's models from what it says, then pass it on."""
        _, parts = self.session.feed_identities(outgoing_msg)
        header = frame_bytes(parts[1])
        if any(kind in header for kind in TELLING):
            kind, content = json.loads(header)["msg_type"], frame_bytes(parts[4])
            if kind != "comm_msg" or b"update_states" in content:
                self.comms.learn(kind, json.loads(content))
        socket = self.websocket_handler.ws_connection
        if socket is not None and not socket.is_closing():  # a kernel talks on after its page
            super().handle_outgoing_message(stream, outgoing_msg)

    def _refused(self, reason: RefusedMessageError) -> None:
        """Write a line, but few of them a second: a log is not to be flooded either."""
        if not self._log_lines.take():
            self._silent += 1
            return
        more = f" (and {self._silent} more before)" if self._silent else ""
        self._silent = 0
        self.log.warning("refused a message: %s%s", reason, more)


def frame_bytes(part: Any) -> bytes:
    """Return the bytes of a part, which zmq may hand over as a frame of its own."""
    return bytes(part)


WEBSOCKET_SETTINGS = {
    "websocket_max_message_size": 4 * LARGEST,  # larger ones close the socket
}
