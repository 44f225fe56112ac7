"""What somebody may put into a file to hurt its reader: by name, the kinds it is of, and the bytes.

An attack is made from a good sample, so that what a reader refuses is the attack and nothing else.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.files.messages import Findings
from workbench.files.tree import FOREIGN
from workbench.files.yaml_text import read_yaml

CANARY = "canary"  # the file that a tag would write, had it been run
TEXTS = ("csv", "tsv", "yaml", "json", "jsonl", "otm")
TREES = ("yaml", "json", "jsonl", "otm")
TABLES = ("csv", "tsv")
MANY = 100_000
ALMOST = 16 * 2**20 - 64  # bytes
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
ELSEWHERE = "file:" + "///etc/passwd"
DEEP = 100_000


@dataclass(frozen=True)
class Attack:
    """One way to hurt."""

    name: str
    kinds: tuple[str, ...]
    made: Callable[[bytes], bytes]
    is_fatal: bool = True  # whether every reader of the kind must refuse it


def _at_middle(put: bytes) -> Callable[[bytes], bytes]:
    def made(sample: bytes) -> bytes:
        at = sample.index(b"\n") // 2 if b"\n" in sample else len(sample) // 2
        return sample[:at] + put + sample[at:]

    return made


def _zip(sample: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("../../../tmp/evil", sample)
    return out.getvalue()


def _coded(code: str) -> Callable[[bytes], bytes]:
    return lambda sample: sample.decode().encode(code)


def _always(data: bytes) -> Callable[[bytes], bytes]:
    return lambda _: data


def _line(sample: bytes) -> bytes:
    return b'"' + b"x" * (ALMOST - 2) + b'"'


RAW = (
    Attack("nul", TEXTS, _at_middle(b"\x00")),
    Attack("latin 1", TEXTS, _at_middle(b"M\xfcller")),
    Attack("half a surrogate pair", TEXTS, _at_middle(b"\xed\xa0\x80")),
    Attack("overlong", TEXTS, _at_middle(b"\xc0\xaf")),
    *(Attack(code, TEXTS, _coded(code)) for code in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")),
    Attack("escape sequence", TREES, _at_middle(b"\x1b[2J\x07")),
    Attack("png", (*TEXTS, "xlsx"), _always(PNG)),
    Attack("gzip", (*TEXTS, "xlsx"), lambda sample: gzip.compress(sample, mtime=0)),
    Attack("zip slip", (*TEXTS, "xlsx"), _zip),
    Attack("pickle", (*TEXTS, "xlsx"), _always(b"\x80\x04\x95\x1d\x00\x00\x00cos\nsystem\n")),
    Attack("old pickle", (*TEXTS, "xlsx"), _always(b"cos\nsystem\n(S'touch canary'\ntR.")),
    Attack("sqlite", (*TEXTS, "xlsx"), _always(b"SQLite format 3\x00" + bytes(100))),
    Attack("web page", (*TEXTS, "xlsx"), _always(b"<!DOCTYPE html><script>1</script>")),
    Attack("empty", (*TEXTS, "xlsx"), _always(b"")),
    Attack("blank", TEXTS, _always(b" \n\t\r\n")),
    Attack("one long text", TEXTS, _line),
    Attack("one long word", TEXTS, _always(b"x" * ALMOST)),
    Attack("open quote", TEXTS, lambda sample: sample + b'"' + b"x" * (ALMOST - len(sample))),
    Attack("quotes", TEXTS, _always(b'"' * ALMOST)),
    Attack("too large", (*TEXTS, "xlsx"), lambda sample: sample + b" " * 2**24),
    Attack("line ends", TEXTS, _always(b"\n" * ALMOST)),
)

# Texts as they stand in a JSON or YAML file, planted in place of one value of the sample.
NUMBERS = {
    "too large a number": "1e999",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "giant whole number": "9" * 400,
    "very giant whole number": "9" * 100_000,
    "many digits": "0." + "1" * 5_000,
}
DEEPLY = {
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep mappings": '{"a":' * DEEP + "1" + "}" * DEEP,
    "open lists": "[" * DEEP,
    "a surrogate escape": '"\\ud800"',
    "a nul escape": '"a\\u0000b"',
    "a large mapping": "{" + ",".join(f'"k{n}":1' for n in range(20_000)) + "}",
    "a key that stands twice": '{"id": 1, "id": 2}',
}
TAGS = {
    "python object": '!!python/object/apply:os.system ["touch canary"]',
    "python new": "!!python/object/new:os.system [touch canary]",
    "python name": "!!python/name:os.system ''",
    "binary": "!!binary aGVsbG8=",
    "set": "!!set {a, b}",
    "local tag": "!include /etc/passwd",
    "alias": "[&a x, *a]",
    "unknown alias": "*nothing",
    "billion laughs": "[&a [x,x,x,x], &b [*a,*a,*a,*a,*a,*a,*a,*a,*a], [*b,*b,*b,*b,*b,*b]]",
    "merge key": "{<<: {a: 1}, b: 2}",
    "a list as key": "{[a, b]: 1}",
}
WHOLE_YAML = {
    "two documents": "a: 1\n---\nb: 2\n",
    "tag line": "%TAG ! tag:example.org,2026:\n---\na: !x 1\n",
    "older yaml": "%YAML 1.1\n---\na: no\n",
    "deep blocks": "".join(" " * n + "a:\n" for n in range(1_400)),
    "deep dashes": "- " * 400_000,
    "many laughs": "a: &a [l,l,l,l,l,l,l,l,l]\n"
    + "".join(
        f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n"
        for b, c in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "colons": ":" * 900_000,
    "questions": "? " * 400_000,
    "anchors": "".join(f"k{n}: &a{n} 1\n" for n in range(10_000)),
}
# Texts that are read, if at all, as texts: in ids they are refused, and shown with escapes.
ODD_TEXTS = {
    "bidirectional": "S-\u202e10\u2066x",
    "zero width": "S-\u200b1\ufeff",
    "mixed script": "\u0405-1",
    "full width": "\uff33\uff0d\uff11",
    "path": "../../etc/passwd",
    "windows path": "..\\..\\x",
    "formula": '=HYPERLINK("http://x.test","a")',
    "html": "<script>globalThis.pwned=1</script>",
    "template": "{{7*7}} ${7*7} {%print(7*7)%}",
    "latex": "$\\href{javascript:globalThis.pwned=1}{a}$",
    "python": "__import__('os').system('touch canary')",
    "query": "'; DROP TABLE entries; --",
    "percent": "%s%n%(x)s {0.__class__}",
    "long": "x" * 1_000_000,
    "line ends": "a\u2028b\u2029c\x85d",
    "unassigned": "a\U000e0001b\uffffc",
    "combining": "e" + "\u0301" * 5_000,
}


def tree_of(sample: bytes) -> Any:
    """Return a JSON or YAML sample as plain data."""
    try:
        return json.loads(sample)
    except ValueError:
        return read_yaml(sample.decode(), Findings("sample"), FOREIGN)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return one place for each kind of leaf: of the entries of a list the first that has it."""
    found: dict[tuple[str, ...], tuple[Any, Any]] = {}

    def walk(here: Any, path: tuple[str, ...]) -> None:
        pairs = enumerate(here) if isinstance(here, list) else here.items()
        for key, value in pairs:
            to = (*path, "*" if isinstance(here, list) else str(key))
            found.setdefault(to, (here, key))
            if isinstance(value, dict | list):
                walk(value, to)

    walk(tree, ())
    return list(found.values())


def planted(sample: bytes, text: str) -> Iterator[bytes]:
    """Yield copies of a tree with a raw text in place of one value, for each kind of value."""
    tree = tree_of(sample)
    for holder, key in places(tree):
        kept, holder[key] = holder[key], "@@here@@"
        yield json.dumps(tree).replace('"@@here@@"', text).encode("utf-8", "surrogatepass")
        holder[key] = kept


def celled(sample: bytes, text: str, mark: str) -> Iterator[bytes]:
    """Yield copies of a table with a text in place of one cell of its last row."""
    lines = sample.decode().rstrip("\n").split("\n")
    cells = lines[-1].split(mark)
    for at in range(len(cells)):
        row = [*cells[:at], '"' + text.replace('"', '""') + '"', *cells[at + 1 :]]
        yield "\n".join([*lines[:-1], mark.join(row), ""]).encode("utf-8", "surrogatepass")


def wrong_rows(sample: bytes, row: str) -> Iterator[bytes]:
    """Yield copies in which one list of the sample is 100,000 times the same wrong row."""
    tree = tree_of(sample)
    for holder, key in places(tree):
        if isinstance(holder[key], list | dict):
            kept = holder[key]
            many = f"[{','.join([row] * MANY)}]"
            if isinstance(kept, dict):
                many = "{" + ",".join(f'"k{n}":{row}' for n in range(MANY)) + "}"
            holder[key] = "@@here@@"
            yield json.dumps(tree).replace('"@@here@@"', many).encode()
            holder[key] = kept
    yield f"[{','.join([row] * MANY)}]".encode()


def wrong_lines(sample: bytes, mark: str) -> Iterator[bytes]:
    """Yield tables of 100,000 rows that are all wrong."""
    lines = sample.decode().rstrip("\n").split("\n")
    head = "\n".join(lines[:-1])
    count = lines[-1].count(mark)
    for line in (
        mark.join(["\u202e"] * (count + 1)),
        "x",
        mark.join(["=1"] * (count + 4)),
        mark * count + "x",
    ):
        yield f"{head}\n{f'{line}{chr(10)}' * MANY}".encode()
    yield (head + "\n" + mark * 5_000_000).encode()
    yield (mark.join(["a"] * 1_000_000) + "\n" + mark.join(["b"] * 1_000_000)).encode()
    yield (head + "\n" + head.split("\n")[-1] + "\n" + lines[-1] + "\n").encode()


def strange_rows(sample: bytes, marks: int) -> Iterator[bytes]:
    """Yield trees in which the first row of a list stands many times, each with an odd word.

    Parameters
    ----------
    marks : how many commas, colons and dashes the rows may have, since YAML counts them at once

    """
    tree = tree_of(sample)
    for holder, key in [(h, k) for h, k in places(tree) if isinstance(h[k], list) and h[k]]:
        kept = holder[key]
        box = [kept[0]]
        for inside, name in places(box):
            if not isinstance(inside[name], str):
                continue
            told, inside[name] = inside[name], "@@here@@"
            text = json.dumps(box[0])
            inside[name] = told
            count = min(MANY, 2**23 // len(text), marks // (1 + sum(map(text.count, ",:-"))))
            rows = ",".join(text.replace("@@here@@", f"A.T{n}Z{n % 7}") for n in range(count))
            holder[key] = "@@rows@@"
            yield json.dumps(tree).replace('"@@rows@@"', f"[{rows}]").encode()
            holder[key] = kept


def strange_lines(sample: bytes, mark: str) -> Iterator[bytes]:
    """Yield tables of many rows in which one cell is another unknown word in each."""
    lines = sample.decode().rstrip("\n").split("\n")
    cells = lines[-1].split(mark)
    for at in range(len(cells)):
        rows = (mark.join([*cells[:at], f"A.T{n}Z{n % 7}", *cells[at + 1 :]]) for n in range(MANY))
        yield ("\n".join([*lines[:-1], *rows]))[: 2**24].encode()
    head = next(line for line in lines if not line.startswith("#"))
    wide = mark.join(f"{head.split(mark)[0]}{n}" for n in range(500_000))
    yield "\n".join([*lines[:-2], head + mark + wide, lines[-1]]).encode()


# Workbooks ---------------------------------------------------------------------------------------


def parts_of(sample: bytes) -> dict[str, bytes]:
    """Return the members of a workbook."""
    with zipfile.ZipFile(io.BytesIO(sample)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zip_of(*members: tuple[str, bytes]) -> bytes:
    """Return a ZIP of some members, of which names may stand twice."""
    import warnings

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in members:
            file.writestr(name, data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><w>&b;</w>'
OUTSIDE = f'<!DOCTYPE w [<!ENTITY a SYSTEM "{ELSEWHERE}">]><w>&a;</w>'.encode()
QUADRATIC = b'<!DOCTYPE w [<!ENTITY a "' + b"a" * 50_000 + b'">]><w>' + b"&a;" * 50_000 + b"</w>"


def _with(*more: tuple[str, bytes]) -> Callable[[bytes], bytes]:
    return lambda sample: zip_of(*parts_of(sample).items(), *more)


def _instead(part: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def made(sample: bytes) -> bytes:
        parts = parts_of(sample)
        return zip_of(*(parts | {part: change(parts[part])}).items())

    return made


def _rows(row: bytes) -> Callable[[bytes], bytes]:
    """Return the attack that puts XML of rows at the end of the sheet."""
    return _instead(SHEET, lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>"))


def _cell(cell: bytes) -> Callable[[bytes], bytes]:
    return _instead(
        SHEET, lambda xml: xml.replace(b"</row></sheetData>", cell + b"</row></sheetData>")
    )


def _first_cell(inner: bytes) -> Callable[[bytes], bytes]:
    """Return the attack that gives the first cell of the second row other contents."""

    def change(xml: bytes) -> bytes:
        start = xml.index(b'<c r="A2"')
        end = xml.index(b"</c>", start) + 4
        return xml[:start] + inner + xml[end:]

    return _instead(SHEET, change)


def _cut(size: int) -> Callable[[bytes], bytes]:
    return lambda sample: sample[:size]


BOOKS = (
    Attack("bomb", ("xlsx",), _with(("xl/media/a.bin", bytes(200 * 2**20)))),
    Attack("dense member", ("xlsx",), _with(("xl/media/a.bin", bytes(20 * 2**20)))),
    Attack("long sheet", ("xlsx",), _instead(SHEET, lambda xml: xml + b" " * (100 * 2**20))),
    *(
        Attack(f"{name} in {part}", ("xlsx",), _instead(part, _always(xml)))
        for name, xml in (("laughs", LAUGHS), ("outside", OUTSIDE), ("quadratic", QUADRATIC))
        for part in (SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml")
    ),
    Attack("many members", ("xlsx",), _with(*((f"m{n}", b"") for n in range(5_000)))),
    Attack("member twice", ("xlsx",), _with((SHEET, b"<worksheet/>"))),
    *(
        Attack(f"slip {name}", ("xlsx",), _with((name, b"x")))
        for name in ("../../tmp/evil", "/etc/cron.d/x", "a/../../x", "c:\\x", "\\\\host\\x")
    ),
    Attack("last cell", ("xlsx",), _rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    Attack("formula", ("xlsx",), _first_cell(b'<c r="A2" t="str"><f>1+1</f><v>S-1</v></c>')),
    Attack("error", ("xlsx",), _first_cell(b'<c r="A2" t="e"><v>#REF!</v></c>')),
    Attack("number that is none", ("xlsx",), _first_cell(b'<c r="A2"><v>1e999</v></c>')),
    Attack("no shared text", ("xlsx",), _first_cell(b'<c r="A2" t="s"><v>99</v></c>')),
    Attack("rows beyond", ("xlsx",), _rows(b'<row r="99999999999999999999"><c><v>1</v></c></row>')),
    Attack("deep xml", ("xlsx",), _rows(b"<row>" * 100_000)),
    Attack("cut", ("xlsx",), lambda sample: sample[: len(sample) // 2]),
    Attack("macros", ("xlsx",), _with(("xl/vbaProject.bin", b"x"))),
    Attack(
        "100,000 wrong rows",
        ("xlsx",),
        _rows(b"<row><c t='inlineStr'><is><t>\xe2\x80\xae</t></is></c></row>" * MANY),
    ),
)


# Trees and tables --------------------------------------------------------------------------------


def on_values(kind: str) -> dict[str, tuple[str, bool]]:
    """Return the texts that are planted in place of a value of a kind, and whether each is fatal.

    A number that is none may stand where a file of another program has what nobody reads.
    """
    found = {name: (text, False) for name, text in (NUMBERS | DEEPLY).items()}
    found |= {n: (json.dumps(text, ensure_ascii=False), False) for n, text in ODD_TEXTS.items()}
    if "json" not in kind:
        found |= {name: (text, True) for name, text in TAGS.items()}
    deep = ("deep lists", "deep mappings", "open lists")
    return found | {name: (text, name in deep) for name, (text, _) in found.items() if name in deep}


def floods(kind: str, sample: bytes) -> Iterator[bytes]:
    """Yield files of a kind with a hundred thousand faults, or as many as the kind may hold."""
    if kind in TABLES:
        mark = "\t" if kind == "tsv" else ","
        yield from wrong_lines(sample, mark)
        yield from strange_lines(sample, mark)
    elif "json" in kind:
        for row in ('{"zzz": "\\u202e"}', "0"):
            yield from wrong_rows(sample, row)
        yield from strange_rows(sample, 2**40)
    elif kind in TREES:
        yield from strange_rows(sample, 150_000)
