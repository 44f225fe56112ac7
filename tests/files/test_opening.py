"""Only regular files of a known kind, of a sane size and in UTF-8 are opened."""

import gzip
import os
import socket
import threading
import zipfile

import pytest

from workbench.files import FileRefused, parse_study, read_study
from workbench.files.opening import LARGEST_FILE


def said_of(path):
    with pytest.raises(FileRefused) as caught:
        read_study(path)
    (message,) = caught.value.messages
    return message


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert "no such file" in said_of(tmp_path / "none.csv")
    assert "this is a folder, not a regular file" in said_of(tmp_path)
    (tmp_path / "x.csv").mkdir()
    assert "this is a folder" in said_of(tmp_path / "x.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name exist on POSIX only")
def test_a_pipe_a_socket_and_a_device_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "p.csv")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(said_of(tmp_path / "p.csv")))
    thread.daemon = True
    thread.start()
    thread.join(5)
    assert answers
    assert "this is a pipe" in answers[0]
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)  # socket names are short
        server.bind("s.csv")
        assert "this is a socket" in said_of("s.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    assert "this is a device" in said_of(tmp_path / "zero.csv")


def test_links_are_followed_to_regular_files_only(tmp_path, gate):
    (tmp_path / "t.csv").write_text(gate.csv_of({}))
    (tmp_path / "link.csv").symlink_to("t.csv")
    assert read_study(tmp_path / "link.csv").study == read_study(str(tmp_path / "t.csv")).study
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert "cannot be read" in said_of(tmp_path / "loop.csv")


def test_a_file_without_permission_is_refused(tmp_path, gate, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text(gate.csv_of({}))

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root may read everything
    assert "the file cannot be read: Permission denied" in said_of(path)


def test_a_path_that_is_none_is_refused():
    assert "cannot be read" in said_of("a\0b.csv")
    assert "\x1b" not in said_of("\x1b[31m.csv")


def test_what_is_too_large_is_refused_before_it_is_parsed(tmp_path):
    with open(tmp_path / "big.csv", "wb") as file:  # noqa: PTH123
        file.truncate(LARGEST_FILE + 1)
    assert "too large, allowed 16 MiB" in said_of(tmp_path / "big.csv")
    with pytest.raises(FileRefused, match="too large"):
        parse_study("big.csv", b"x" * (LARGEST_FILE + 1))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(b"id,name", mtime=0), "the file is gzip"),
        (b"PK\x03\x04rest", "the file is XLSX or ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old (.xls) or encrypted Excel file"),
        (b"%PDF-1.7", "the file is PDF"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"SQLite format 3\x00", "a SQLite database"),
        (b"PAR1", "the file is Parquet"),
        (b"\x80\x04\x95", "a Python pickle"),
        (b"\x28\xb5\x2f\xfd", "zstandard"),
        (b"  <!DOCTYPE html><html>", "the file is HTML or XML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "the file is HTML or XML"),
        ("id,name".encode("utf-16"), "the encoding is UTF-16 or UTF-32"),
        ("id,name".encode("utf-16-le"), "the encoding is UTF-16 or UTF-32"),
        ("id,name".encode("utf-16-be"), "the encoding is UTF-16 or UTF-32"),
        ("id,name".encode("utf-32"), "the encoding is UTF-16 or UTF-32"),
        (b"\xef\xbb\xbf" + "id".encode("utf-16"), "line 1: byte 0xff at position 0"),
        (b"id,name\r\n1,M\xfcller\r\n", "line 2: byte 0xfc at position 12 is not UTF-8"),
        (b"id\rname\rM\xfcller", "line 3: byte 0xfc"),
        (b"id,\xc0\xaf", "byte 0xc0"),
        (b"id,\xed\xa0\x80", "byte 0xed"),
        (b"id,name\n1,a\x00b\n", "line 2: a NUL character"),
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.yaml", "t.json"])
def test_the_content_decides_what_a_file_is(data, said, name):
    with pytest.raises(FileRefused) as caught:
        parse_study(name, data)
    assert said in caught.value.messages[0]
    assert len(caught.value.messages) == 1


@pytest.mark.parametrize("name", ["t.txt", "t", "t.csv.gz", "csv", "t.xml", ".csv", "t.jsonl"])
def test_other_types_are_refused_with_what_is_read(gate, name):
    with pytest.raises(FileRefused, match=r"this version reads CSV, XLSX, YAML and JSON"):
        parse_study(name, gate.csv_of({}).encode())


def test_a_workbook_under_the_name_of_a_table_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.csv", "w") as book:
        book.writestr("xl/workbook.xml", "<x/>")
    assert "name a workbook .xlsx" in said_of(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["T.CSV", "ФАЙЛ-📈.csv", "a b.csv", "t.v2.csv"])
def test_names_of_every_script_are_read(tmp_path, gate, name):
    (tmp_path / name).write_text(gate.csv_of({}), encoding="utf-8")
    assert len(read_study(tmp_path / name).study.scenarios) == 1
