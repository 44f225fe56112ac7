"""Small wrong versions of a module: one expression or statement is changed in each.

What is written for people is left alone: annotations, docstrings, decorators (they keep results),
texts, and what `require` says after its rule.
"""

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

ORDERS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SIGNS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
PAIRS = "min max, minimum maximum, fmin fmax, argmin argmax, floor ceil, any all"
TWINS = {a: b for pair in PAIRS.split(", ") for a, b in (pair.split(), pair.split()[::-1])}
TEXT = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)  # joined by a + that means no sum
FOR_PEOPLE = {"annotation", "returns", "decorator_list", "type_params"}
REMARKS = {"fix", "got", "strict"}  # what an error tells; a guard that two lists are equally long
PLAIN = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant)  # negated by a change of their own
FLOW = (ast.Raise, ast.Continue, ast.Break, ast.AugAssign)


@dataclass(frozen=True)
class Slot:
    """Where a node hangs: `holder.field`, or its item `index`; and what it stands in."""

    node: ast.AST
    holder: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    scopes: tuple[ast.AST, ...]

    @property
    def place(self) -> str:
        """The function or class, as `Plan.mean`; empty at the top of the module."""
        return ".".join(scope.name for scope in self.scopes)

    def put(self, node: ast.AST) -> None:
        """Hang another node here."""
        if self.index is None:
            setattr(self.holder, self.field, node)
        else:
            getattr(self.holder, self.field)[self.index] = node


@dataclass(frozen=True)
class Mutant:
    """One change. `nth` counts changes that read the same in the same place."""

    module: str
    place: str
    before: str
    after: str
    nth: int
    lines: tuple[int, int] = field(compare=False)
    address: tuple[int, int] = field(compare=False)
    at_import: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """What stays the same while other parts of the module are edited."""
        place = f"{self.module}:{self.place}" if self.place else self.module
        again = f" #{self.nth}" if self.nth > 1 else ""
        return f"{place}: {self.before} -> {self.after}{again}"


def is_text(node: ast.AST) -> bool:
    """Whether a statement or argument is written for people."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def left_alone(slot: Slot) -> bool:
    """Whether nothing in here is changed."""
    node = slot.node
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr)):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return True
    if isinstance(node, ast.keyword) and node.arg in REMARKS:
        return True
    return slot.field in FOR_PEOPLE or (isinstance(node, ast.Expr) and is_text(node.value))


def slots(
    holder: ast.AST, statement: ast.stmt | None = None, scopes: tuple[ast.AST, ...] = ()
) -> Iterator[Slot]:
    """Yield every place below `holder` that may be changed, always in the same order."""
    for name, value in ast.iter_fields(holder):
        many = isinstance(value, list)
        for index, node in enumerate(value if many else [value]):
            if not isinstance(node, ast.AST):
                continue
            inside = node if isinstance(node, ast.stmt) or statement is None else statement
            slot = Slot(node, holder, name, index if many else None, inside, scopes)
            if not left_alone(slot):
                yield slot
                named = isinstance(node, (ast.FunctionDef, ast.ClassDef))
                yield from slots(node, inside, (*scopes, node) if named else scopes)


def with_field(node: ast.AST, name: str, value: object) -> ast.AST:
    """Return a copy of the node with another value in one field."""
    changed = copy.deepcopy(node)
    setattr(changed, name, value)
    return changed


def compared(node: ast.Compare) -> Iterator[ast.AST]:
    """Move the boundary of each comparison, and turn it round."""
    for number, order in enumerate(node.ops):
        for other in ORDERS[type(order)]:
            yield with_field(node, "ops", [*node.ops[:number], other(), *node.ops[number + 1 :]])


def counted(node: ast.Constant) -> Iterator[ast.AST]:
    """Change a truth or a number."""
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        if node.value + 1 != node.value:  # as it is of 1e18
            yield ast.Constant(node.value + 1)
        if node.value == 1:
            yield ast.Constant(node.value - 1)


def calculated(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    """Take another sign; `a | b` of types and `+` of lists or texts stay."""
    sides = [node.value] if isinstance(node, ast.AugAssign) else [node.left, node.right]
    if type(node.op) in SIGNS and not any(isinstance(s, TEXT) or is_text(s) for s in sides):
        yield with_field(node, "op", SIGNS[type(node.op)]())


def negated(node: ast.expr) -> ast.UnaryOp:
    """Return `not node`."""
    return ast.UnaryOp(ast.Not(), copy.deepcopy(node))


def tested(node: ast.If | ast.While | ast.IfExp) -> Iterator[ast.AST]:
    """Negate a condition that no other change negates."""
    if not isinstance(node.test, PLAIN):
        yield with_field(node, "test", negated(node.test))


def sliced(node: ast.Slice) -> Iterator[ast.AST]:
    """Move the bounds that are no plain numbers, which are changed as such."""
    for name, by in (("lower", ast.Add()), ("upper", ast.Sub())):
        bound = getattr(node, name)
        if bound is not None and not isinstance(bound, ast.Constant):
            yield with_field(node, name, ast.BinOp(bound, by, ast.Constant(1)))


def called(node: ast.Call) -> Iterator[ast.AST]:
    """Take the other one of two functions, such as min for max."""
    if isinstance(node.func, ast.Name) and node.func.id in TWINS:
        yield with_field(node, "func", ast.Name(TWINS[node.func.id], ast.Load()))
    if isinstance(node.func, ast.Attribute) and node.func.attr in TWINS:
        yield with_field(node, "func", with_field(node.func, "attr", TWINS[node.func.attr]))


def without(node: ast.UnaryOp) -> Iterator[ast.AST]:
    """Drop a `not`, a minus or a `~`."""
    yield copy.deepcopy(node.operand)


def joined(node: ast.BoolOp) -> Iterator[ast.AST]:
    """Take `or` for `and`."""
    yield with_field(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())


def done(node: ast.stmt) -> Iterator[ast.AST]:
    """Leave a statement out, where what follows can be run without it; `...` does nothing."""
    parts = isinstance(node, ast.Assign) and isinstance(
        node.targets[0], (ast.Subscript, ast.Attribute)
    )
    acts = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    if parts or acts or isinstance(node, FLOW):
        yield ast.Pass()


def returned(node: ast.Return, slot: Slot) -> Iterator[ast.AST]:
    """Leave out a return within a function, and return the opposite truth."""
    within = slot.scopes[-1]
    if slot.holder is not within:
        yield ast.Pass()
    says = getattr(within, "returns", None)
    is_truth = isinstance(says, ast.Name) and says.id == "bool"
    if is_truth and not isinstance(node.value, PLAIN):
        yield with_field(node, "value", negated(node.value))


def variants(slot: Slot) -> Iterator[ast.AST]:
    """Yield what may stand in this place instead, always in the same order."""
    makers = {
        ast.Compare: compared,
        ast.Constant: counted,
        ast.BinOp: calculated,
        ast.AugAssign: calculated,
        ast.BoolOp: joined,
        ast.Slice: sliced,
        ast.Call: called,
        ast.UnaryOp: without,
        ast.Return: partial(returned, slot=slot),
        **dict.fromkeys((ast.If, ast.While, ast.IfExp), tested),
    }
    if type(slot.node) in makers:
        yield from makers[type(slot.node)](slot.node)
    if isinstance(slot.node, ast.stmt):
        yield from done(slot.node)


def lines_of(statement: ast.stmt) -> tuple[int, int]:
    """Return the first and last line that are run; of a compound statement those of its head."""
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return statement.lineno, max(statement.lineno, last)


def said(node: ast.AST) -> str:
    """Return a change's text on one line; of a compound statement its head."""
    return ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split("\n")[0]


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Return every mutant of a module."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for number, slot in enumerate(slots(ast.parse(source))):
        for choice, node in enumerate(variants(slot)):
            told = slot.place, said(slot.node), said(node)
            seen[told] += 1
            where = lines_of(slot.statement)
            at_import = not any(isinstance(s, ast.FunctionDef) for s in slot.scopes)
            address = number, choice
            found.append(Mutant(module, *told, seen[told], where, address, at_import))
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the module's tree with the one change."""
    tree = ast.parse(source)
    number, choice = mutant.address
    slot = list(slots(tree))[number]
    slot.put(ast.copy_location(list(variants(slot))[choice], slot.node))
    return ast.fix_missing_locations(tree)


def sample(mutants: list[Mutant], size: int) -> list[Mutant]:
    """Choose `size` mutants by the hash of their names.

    The same ones every time, and an edit of one function leaves the choice among the others alone.
    """

    def rank(mutant: Mutant) -> bytes:
        return hashlib.sha256(mutant.name.encode()).digest()

    chosen = sorted(mutants, key=rank)[:size]
    return sorted(chosen, key=lambda mutant: mutant.address)


def module_name(file: Path, root: Path) -> str:
    """Return the dotted name of a module's file."""
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
