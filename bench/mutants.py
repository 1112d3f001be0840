"""Small changes to a module's source, each of which some test should notice. Pure.

What is left alone: docstrings, annotations, assertions (they are for the type checker), imports,
`__slots__`, and what only runs under TYPE_CHECKING. An assignment is deleted only where its target
is an attribute or an item: deleting a local name would fail by itself and prove nothing.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
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
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.LShift: (ast.RShift,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
"""Each operator and what takes its place: first the neighbour at the boundary, then the opposite."""

NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
"""Functions that take each other's place."""


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, in words, and the changed module."""

    name: str
    """Line, column and the change, as "12:8 a < b -> a <= b"."""
    function: str
    """The outermost function or method around it, as a qualified name; "" at module or class level."""
    lines: range
    """The lines of the statement (of its head, where it has a body): nothing happens unless one runs."""
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every change to `source`, in its order."""
    module = ast.parse(source)
    for path, function, statement in _places(module, (), "", None):
        node = _at(module, path)
        for number, changed in enumerate(_changes(node, function)):
            tree = copy.deepcopy(module)
            _put(tree, path, changed)
            ast.fix_missing_locations(tree)
            words = f"{_words(node)} -> {_words(changed)}"
            where = getattr(node, "lineno", statement.lineno), getattr(node, "col_offset", number)
            yield Mutant(f"{where[0]}:{where[1]} {words}", function, _head(statement), tree)


Path = tuple[tuple[str, int | None], ...]
"""The way from the module to a node: field, and index where the field is a list."""


def _places(
    node: ast.AST, path: Path, function: str, statement: ast.stmt | None
) -> Iterator[tuple[Path, str, ast.stmt]]:
    """Every node that may change, with the function and the statement around it."""
    if _left_alone(node):
        return
    if isinstance(node, ast.stmt):
        statement = node
    if statement is not None:
        yield path, function, statement
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        inside = function
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and field == "body" and "(" not in function:
            inside = f"{function}.{node.name}".lstrip(".")
            if isinstance(node, ast.FunctionDef):
                inside += "()"
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from _places(child, (*path, (field, index)), inside, statement)


def _left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Assert():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__slots__")]):
            return True
        case ast.Assign(value=ast.Subscript() | ast.Call(func=ast.Name(id="TypeVar"))) if (
            isinstance(node.targets[0], ast.Name) and node.col_offset == 0
        ):
            return True  # a name for a type
    return False


def _changes(node: ast.AST, function: str) -> Iterator[ast.AST | None]:
    """What may stand in the place of `node`; None: nothing."""
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                for other in SWAPS[type(op)]:
                    yield _with(node, ops=[*ops[:index], other(), *ops[index + 1 :]])
        case ast.BoolOp(op=op, values=values):
            yield _with(node, op=SWAPS[type(op)][0]())
            for index in range(len(values)):
                rest = [*values[:index], *values[index + 1 :]]
                yield rest[0] if len(rest) == 1 else _with(node, values=rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            for other in SWAPS.get(type(op), ()):
                yield _with(node, op=other())
        case ast.If() | ast.IfExp():
            yield _with(node, test=ast.Constant(True))
            yield _with(node, test=ast.Constant(False))
        case ast.comprehension(ifs=ifs):
            for index in range(len(ifs)):
                yield _with(node, ifs=[*ifs[:index], *ifs[index + 1 :]])
        case ast.match_case(guard=ast.expr()):
            yield _with(node, guard=None)
        case ast.Match(cases=cases) if len(cases) > 1:
            for index in range(len(cases)):
                yield _with(node, cases=[*cases[:index], *cases[index + 1 :]])
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=str(value)):
            yield ast.Constant(value + "?")
        case ast.Name(id=name) if name in NAMES:
            yield _with(node, id=NAMES[name])
    yield from _deletions(node, function)


def _deletions(node: ast.AST, function: str) -> Iterator[ast.AST | None]:
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.Continue() | ast.Return() | ast.Delete():
            yield ast.Pass()
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign(value=ast.expr()):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if function and not any(isinstance(part, ast.Name) for t in targets for part in _parts(t)):
                yield ast.Pass()
        case ast.Dict(keys=keys, values=values) if not function:
            for index in range(len(keys)):
                yield ast.Dict(keys[:index] + keys[index + 1 :], values[:index] + values[index + 1 :])
        case ast.Tuple(elts=elts, ctx=ast.Load()) if not function:
            for index in range(len(elts)):
                yield _with(node, elts=[*elts[:index], *elts[index + 1 :]])


def _parts(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def _at(module: ast.Module, path: Path) -> ast.AST:
    node: ast.AST = module
    for field, index in path:
        value = getattr(node, field)
        node = value if index is None else value[index]
    return node


def _put(module: ast.Module, path: Path, changed: ast.AST | None) -> None:
    field, index = path[-1]
    parent = _at(module, path[:-1])
    if index is None:
        setattr(parent, field, changed)
    else:
        getattr(parent, field)[index] = changed


def _head(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None) or list(getattr(statement, "cases", []))
    if not body:
        return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    first = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
    return range(statement.lineno, max(first.lineno, statement.lineno + 1))


def _words(node: ast.AST | None) -> str:
    """The node as source, on one line; of a statement with a body only the head."""
    if isinstance(node, ast.comprehension):
        return ast.unparse(ast.ListComp(ast.Constant(...), [node]))
    if isinstance(node, ast.match_case):
        return f"case {ast.unparse(node.pattern)}" + (f" if {ast.unparse(node.guard)}" if node.guard else "")
    if isinstance(node, ast.Match):
        return f"match with {len(node.cases)} cases: " + " / ".join(map(_words, node.cases))
    return ast.unparse(node).split("\n")[0] if node is not None else "nothing"
