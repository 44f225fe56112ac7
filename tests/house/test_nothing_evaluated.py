"""Nothing that a file says is run: no evaluation, no pickles, no shells, no SQL made of texts."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted({f for top in ("workbench", "widgets") for f in (ROOT / top).rglob("*.py")})
# Names whose call or import runs what it is given, or loads what runs when it is loaded.
RUNS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
METHODS = {
    "eval",
    "query",
    "read_pickle",
    "to_pickle",
    "read_hdf",
    "system",
    "popen",
    "unsafe_load",
}
MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "joblib",
    "shelve",
    "marshal",
    "cloudpickle",
    "code",
    "yaml",
}
SQL = {"text", "exec_driver_sql", "execute", "executemany", "executescript", "literal_column"}


def name_of(node: ast.expr) -> str:
    """Return the dotted name of an expression, as far as it is one."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


QUOTING = {"quote_identifier", "quote"}  # of a dialect: what they return is one name


class Known:
    """Which names of a function hold nothing but constants and quoted names, wherever they are set.

    A name in capitals is a constant of a module. Any other name is one if all that it is ever set
    to is: a literal, an entry of a literal list that is gone through, a choice between such, a
    name that a dialect quoted.
    """

    def __init__(self, tree: ast.AST) -> None:
        self._set: dict[str, list[ast.expr | None]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(target, node.value)
            elif isinstance(node, ast.For | ast.comprehension):
                rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [None]
                for row in rows:
                    self._bind(node.target, row)
            elif isinstance(node, ast.arg):
                self._set.setdefault(node.arg, []).append(None)
            elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
                self._bind(node.target, None)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                self._bind(node.optional_vars, None)

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._set.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            inner = value.elts if isinstance(value, ast.Tuple | ast.List) else None
            for at, part in enumerate(target.elts):
                self._bind(part, inner[at] if inner and len(inner) == len(target.elts) else None)

    def is_fixed(self, node: ast.expr | None) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.IfExp):
            return self.is_fixed(node.body) and self.is_fixed(node.orelse)
        if isinstance(node, ast.JoinedStr):
            return all(map(self.is_fixed, node.values))
        if isinstance(node, ast.FormattedValue):
            return self.is_fixed(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_case = node.func.attr in {"lower", "upper"} and not node.args
            return node.func.attr in QUOTING or (is_case and self.is_fixed(node.func.value))
        if isinstance(node, ast.Name):
            values = self._set.get(node.id, [])
            return node.id.isupper() or (bool(values) and all(map(self.is_fixed, values)))
        return isinstance(node, ast.Attribute) and node.attr.isupper()

    def is_made(self, node: ast.expr) -> bool:
        """Whether a text is put together from others as it runs."""
        if isinstance(node, ast.JoinedStr):
            return not self.is_fixed(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            return not (self.is_fixed(node.left) and self.is_fixed(node.right))
        is_format = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return is_format and node.func.attr == "format"


def told(call: ast.Call, known: Known) -> str:
    """Return what is wrong with a call, nothing where nothing is."""
    name = name_of(call.func)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else name
    if (isinstance(call.func, ast.Name) and name in RUNS) or name == "builtins.eval":
        return f"{name} runs what it is given"
    if isinstance(call.func, ast.Attribute) and last in METHODS:
        return f".{last} runs what it is given"
    if any(k.arg == "shell" and getattr(k.value, "value", True) for k in call.keywords):
        return "a shell runs what it is given"
    if name in ("np.load", "numpy.load") and any(k.arg == "allow_pickle" for k in call.keywords):
        return "allow_pickle loads what runs"
    if name == "YAML" and _kind_of(call) != "safe":
        return "only YAML(typ='safe') makes no objects of tags"
    if last in SQL and call.args and known.is_made(call.args[0]):
        return f"{last} is given SQL that is put together; bind its values"
    return ""


def _kind_of(call: ast.Call) -> object:
    return next((getattr(k.value, "value", None) for k in call.keywords if k.arg == "typ"), None)


def findings(source: str) -> list[str]:
    found = []
    tree = ast.parse(source)
    scopes = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)
    within = {  # the innermost function of each node, since outer ones are walked first
        node: known
        for scope in ast.walk(tree)
        if isinstance(scope, scopes)
        for known in (Known(scope),)
        for node in ast.walk(scope)
    }
    for node, known in within.items():
        if isinstance(node, ast.Call) and (what := told(node, known)):
            found.append(f"{node.lineno}: {what}")
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [
            f"{node.lineno}: imports {name}" for name in names if name.split(".")[0] in MODULES
        ]
    return found


def test_nothing_that_a_file_says_is_evaluated():
    assert len(FILES) > 300
    found = {str(f.relative_to(ROOT)): findings(f.read_text("utf-8")) for f in FILES}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "exec(text)",
        "frame.query('a > 1')",
        "frame.eval('a')",
        "pd.eval(text)",
        "import pickle",
        "from joblib import load",
        "import os.path, marshal",
        "import yaml",
        "YAML().load(text)",
        "YAML(typ='unsafe')",
        "subprocess.run(line, shell=True)",
        "subprocess.run(line, shell=wanted)",
        "os.system(line)",
        "os.popen(line)",
        "pd.read_pickle(path)",
        "np.load(path, allow_pickle=True)",
        "text(f'select {name}')",
        "connection.execute('select ' + name)",
        "connection.exec_driver_sql('select %s' % name)",
        "cursor.execute('select {}'.format(name))",
        "sa.text(f'drop table {TABLE}; {name}')",
        "for kind in ('a', name): text(f'drop {kind}')",
        "kind = 'a'\nkind = name\ntext(f'drop {kind}')",
    ],
)
def test_a_planted_violation_is_found(source):
    assert len(findings(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "connection.execute(text('select a from b where c = :c'), {'c': name})",
        "text(f'PRAGMA user_version = {VERSION}')",
        "for kind, n in (('a', 1), ('b', 2)): text(f'drop {kind.lower()} {n}')",
        "whom = preparer.quote_identifier(name)\ntext(f'grant x to {whom}')",
        "subprocess.run([program, name], shell=False)",
        "YAML(typ='safe', pure=True)",
        "re.compile(pattern)",
        "evaluated(text)",
        "self.execute(job)",
    ],
)
def test_what_only_looks_like_one_is_not(source):
    assert findings(source) == []
