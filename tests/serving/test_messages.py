"""The rules of the websocket: few kinds of message, small, rare, and to widgets only."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.serving.messages import (
    CONTROL_TARGET,
    LARGEST,
    Allowance,
    Comms,
    Message,
    RefusedMessageError,
    parse,
    split,
)


def frame_of(kind, content, channel="shell"):
    parts = [channel.encode(), json.dumps({"msg_type": kind}).encode(), b"{}", b"{}"]
    parts.append(json.dumps(content).encode())
    ends = [8 * (len(parts) + 2)]
    for part in parts:
        ends.append(ends[-1] + len(part))
    return b"".join([n.to_bytes(8, "little") for n in (len(ends), *ends)] + parts)


def known():
    comms = Comms(models={"model"}, controls=["control"])
    comms.learn("comm_open", {"comm_id": "later", "target_name": "jupyter.widget"})
    return comms


def update(comm, method="update"):
    return {"comm_id": comm, "data": {"method": method, "state": {"value": 3}}}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("kernel_info_request", {}),
        ("comm_info_request", {"target_name": "jupyter.widget"}),
        ("comm_msg", update("model")),
        ("comm_msg", update("later")),
        ("comm_msg", update("model", "request_state")),
        ("comm_open", {"comm_id": "new", "target_name": CONTROL_TARGET, "data": {}}),
        ("comm_msg", {"comm_id": "control", "data": {"method": "request_states"}}),
        ("comm_close", {"comm_id": "control"}),
    ],
)
def test_what_a_page_needs_passes(kind, content):
    known().check(parse(frame_of(kind, content)))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("execute_request", {"code": "1"}),
        ("complete_request", {"code": "1", "cursor_pos": 1}),
        ("inspect_request", {"code": "1"}),
        ("history_request", {}),
        ("shutdown_request", {"restart": False}),
        ("interrupt_request", {}),
        ("debug_request", {}),
        ("input_reply", {"value": "x"}),
        ("create_subshell_request", {}),
        ("comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}}),
        ("comm_open", {"comm_id": "x", "target_name": "anything"}),
        ("comm_open", {"comm_id": "x", "target_name": CONTROL_TARGET, "target_module": "os"}),
        ("comm_open", {"comm_id": "model", "target_name": CONTROL_TARGET}),
        ("comm_close", {"comm_id": "model"}),
        ("comm_msg", update("stranger")),
        ("comm_msg", update("model", "custom")),
        ("comm_msg", update("model", "echo_update")),
        ("comm_msg", update("control")),
        ("comm_msg", {"comm_id": "model"}),
        ("comm_msg", {"comm_id": "model", "data": [1]}),
        ("comm_msg", {"comm_id": ["model"], "data": {"method": "update"}}),
        ("", {}),
    ],
)
def test_anything_else_is_refused(kind, content):
    with pytest.raises(RefusedMessageError):
        known().check(parse(frame_of(kind, content)))


@pytest.mark.parametrize("channel", ["control", "iopub", "stdin", "", "shell\n"])
def test_only_the_shell_channel_is_open(channel):
    with pytest.raises(RefusedMessageError):
        known().check(parse(frame_of("kernel_info_request", {}, channel)))


def test_legacy_frames_are_refused():
    legacy = json.dumps({"header": {"msg_type": "execute_request"}, "channel": "shell"})
    for frame in (legacy, legacy.encode(), b"\xff" * 64, b"", b"\x00" * 8):
        with pytest.raises(RefusedMessageError):
            parse(frame)


def test_a_frame_with_a_huge_count_is_refused_at_once():
    with pytest.raises(RefusedMessageError, match="v1 framing"):
        split((2**63).to_bytes(8, "little") + b"x" * 100)


def test_size_is_checked_first():
    with pytest.raises(RefusedMessageError, match="262145 bytes"):
        parse(b"x" * (LARGEST + 1))
    exact = frame_of("comm_msg", update("model") | {"pad": ""})
    parse(frame_of("comm_msg", update("model") | {"pad": "x" * (LARGEST - len(exact))}))


def test_deeply_nested_json_is_refused():
    frame = frame_of("comm_msg", "@").replace(b'"@"', b"[" * 3)
    with pytest.raises(RefusedMessageError):
        parse(frame)
    parts = [b"shell", b'{"msg_type": "comm_msg"}', b"{}", b"{}", b"[" * 100_000]
    ends = [8 * (len(parts) + 2)]
    for part in parts:
        ends.append(ends[-1] + len(part))
    with pytest.raises(RefusedMessageError, match="not a message"):
        parse(b"".join([n.to_bytes(8, "little") for n in (len(ends), *ends)] + parts))


@given(st.binary(max_size=400))
def test_no_bytes_at_all_end_otherwise_than_in_a_message_or_a_refusal(frame):
    with suppress(RefusedMessageError):
        assert isinstance(parse(frame), Message)


@given(st.data())
def test_a_damaged_frame_is_refused_or_reads_as_a_message(data):
    frame = bytearray(frame_of("comm_msg", update("model")))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RefusedMessageError):
        assert isinstance(parse(bytes(frame)), Message)


def test_models_are_learned_from_the_kernel_and_forgotten_with_it():
    comms = Comms(controls=["c"])
    states = {"method": "update_states", "states": {"a": {}, "b": {}}}
    comms.learn("comm_msg", {"comm_id": "c", "data": states})
    comms.learn("comm_msg", {"comm_id": "other", "data": states | {"states": {"z": {}}}})
    comms.learn("comm_info_reply", {"comms": {"d": {}}})
    comms.learn("comm_open", {"comm_id": "e", "target_name": "something else"})
    assert comms.models == {"a", "b", "d"}
    comms.learn("comm_close", {"comm_id": "a"})
    assert comms.models == {"b", "d"}


def test_control_comms_do_not_pile_up():
    comms = Comms()
    for number in range(100):
        content = {"comm_id": str(number), "target_name": CONTROL_TARGET}
        comms.check(Message("shell", "comm_open", content))
    assert len(comms.controls) == 8


def test_fifty_messages_a_second_and_no_more():
    now = [0.0]
    allowance = Allowance(50, clock=lambda: now[0])
    assert sum(allowance.take() for _ in range(500)) == 50
    now[0] = 0.1
    assert sum(allowance.take() for _ in range(500)) == 5
    now[0] = 1000.0
    assert sum(allowance.take() for _ in range(500)) == 50
