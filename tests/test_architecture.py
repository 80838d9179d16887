"""The rules of the house, as data: who may import whom, where each library lives, what is not done.

Every rule is read from the sources, so that a new file is judged the day it is written.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vpbx.codes import Op

PACKAGE = Path(__file__).parent.parent / "vpbx"
SCENARIOS = Path(__file__).parent.parent / "scenarios"
MODULES = sorted(PACKAGE.rglob("*.py"))

ROOTS = ("codes", "units", "errors")
SHARED = (*ROOTS, "_jit", "draws", "lending", "rows")

ALLOWED: dict[str, tuple[str, ...]] = {
    "codes": (),
    "units": (),
    "errors": (),
    "_jit": (),
    "garbage": (),
    "lending": (),
    "rows": ("_jit",),
    "draws": (*ROOTS, "_jit", "rows"),
    "scenario": ROOTS,
    "flow": (*ROOTS, "scenario"),
    "traffic": (*SHARED, "scenario", "flow"),
    "licence": (*ROOTS, "scenario"),
    "program": (*SHARED, "scenario", "flow", "licence", "traffic"),
    "engine": (*SHARED, "program", "traffic"),
    "measures": (*ROOTS, "_jit", "scenario", "program", "engine.records", "engine.parts"),
    "store": (*ROOTS, "program.program", "engine.records"),
    "study": (
        *ROOTS,
        "garbage",
        "scenario",
        "flow",
        "licence",
        "program",
        "engine",
        "measures",
        "store",
    ),
    "report": (*ROOTS, "scenario", "flow", "licence", "measures", "store"),
    "interop": (*ROOTS, "scenario"),
    "fit": (
        *ROOTS,
        "scenario",
        "interop",
        "program",
        "engine.run",
        "measures",
        "study",
        "store",
    ),
    "bench": (
        *ROOTS,
        "garbage",
        "scenario",
        "traffic",
        "program",
        "engine",
        "measures",
        "study",
        "store",
    ),
    "validation": (*ROOTS, "scenario", "program", "engine", "measures", "study"),
    "api": (*ROOTS, "scenario", "flow", "licence", "measures", "study", "report"),
    "cli": (
        *ROOTS,
        "garbage",
        "scenario",
        "flow",
        "licence",
        "measures",
        "store",
        "study",
        "report",
        "api",
        "bench",
        "validation",
        "interop",
        "fit",
    ),
    "__init__": ("api", "errors", "measures.result", "scenario.models"),
    "__main__": ("cli.main",),
}
"""What each room may import, a room or a module of one; its own modules go without saying."""

HOMES: dict[str, tuple[str, ...]] = {
    "yaml": ("scenario",),
    "pydantic": ("scenario",),
    "pydantic_core": ("scenario",),
    "networkx": ("flow",),
    "simpy": ("engine", "bench"),
    "ciw": ("bench",),
    "salabim": ("bench",),
    "numba": ("_jit",),
    "distributed": ("study",),
    "sqlite3": ("study",),
    "duckdb": ("store",),
    "openpyxl": ("store",),
    "matplotlib": ("report",),
    "jinja2": ("report",),
    "markupsafe": ("report",),
    "typer": ("cli",),
    "click": ("cli",),
    "rich": ("cli",),
}
"""The one home of each library."""

LATE = ("matplotlib", "numba", "scipy", "networkx", "duckdb", "simpy", "numpy", "pydantic", "rich")
"""Libraries that no command may import before it runs (`vpbx --help` takes no half second)."""

MOST_LINES = 400
MAY_BE_LONGER = (
    "engine/kernel.py",
    "engine/kernel_core.py",
    "engine/kernel_platforms.py",
    "engine/walk.py",  # compiled too
)


def _name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def _room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"), str(module))


def _imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in a file, dotted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "vpbx" or node.module in {f"vpbx.{room}" for room in ALLOWED}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _first_imports(tree: ast.Module) -> set[str]:
    """Libraries imported as soon as the file is."""
    return {name.partition(".")[0] for node in tree.body for name in _top(node)}


def _top(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _imports(node)


def _allowed(target: str, room: str) -> bool:
    permitted = (room, *ALLOWED[room])
    return any(target == one or target.startswith(f"{one}.") for one in permitted)


def _some_name(target: str) -> bool:
    """Whether a dotted target is one of our modules (a name imported from a module is not)."""
    path = PACKAGE.joinpath(*target.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_imports_run_one_way(module: Path) -> None:
    """A file imports only what its room may."""
    room = _room(module)
    assert room in ALLOWED, f"add the room {room} to the table, or put {_name(module)} elsewhere"
    ours = {
        name.removeprefix("vpbx.") for name in _imports(_tree(module)) if name.startswith("vpbx.")
    }
    wrong = {name for name in ours if _some_name(name) and not _allowed(name, room)}
    assert not wrong, f"{_name(module)} may not import {sorted(wrong)}"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_every_library_has_one_home(module: Path) -> None:
    """A library is imported in its own room only."""
    libraries = {name.partition(".")[0] for name in _imports(_tree(module))}
    strangers = {name for name in libraries & HOMES.keys() if _room(module) not in HOMES[name]}
    assert not strangers, f"{_name(module)}: {sorted(strangers)} live elsewhere"


@pytest.mark.parametrize("module", sorted((PACKAGE / "cli").glob("*.py")), ids=_name)
def test_commands_import_nothing_heavy_at_their_top(module: Path) -> None:
    """What is slow to import waits until a command runs."""
    if module.name == "summary.py":  # imported by `run` after the run
        return
    assert not _first_imports(_tree(module)) & set(LATE)


def test_nothing_outside_the_command_line_prints() -> None:
    """Only `cli` talks to the user."""
    printing = [
        f"{_name(module)}:{node.lineno}"
        for module in MODULES
        if _room(module) != "cli"
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not printing


def test_engines_draw_from_counters_only() -> None:
    """No generator with a state: every draw belongs to a caller and a purpose."""
    for module in sorted((PACKAGE / "engine").glob("*.py")):
        tree = _tree(module)
        assert "random" not in {name.partition(".")[0] for name in _imports(tree)}, _name(module)
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not attributes & {"default_rng", "RandomState", "random"}, _name(module)


def test_no_error_is_swallowed_unseen() -> None:
    """No bare `except`, and none of `BaseException` that does not raise again."""
    for module in MODULES:
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.ExceptHandler) and _catches_all(node):
                assert any(isinstance(inner, ast.Raise) for inner in ast.walk(node)), (
                    f"{_name(module)}:{node.lineno}"
                )


def _catches_all(handler: ast.ExceptHandler) -> bool:
    named = handler.type
    return named is None or (isinstance(named, ast.Name) and named.id == "BaseException")


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_modules_stay_short(module: Path) -> None:
    """One idea a file; a kernel may take longer."""
    n_lines = len(module.read_text(encoding="utf-8").splitlines())
    assert n_lines <= MOST_LINES or _name(module) in MAY_BE_LONGER, f"{n_lines} lines"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_what_is_public_says_what_it_is(module: Path) -> None:
    """Every module, public class, function and method has a docstring."""
    tree = _tree(module)
    if not tree.body:
        return
    assert ast.get_docstring(tree), "the module does not say what belongs in it"
    silent = [f"{node.name} (line {node.lineno})" for node in _public(tree) if not _speaks(node)]
    assert not silent


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(tree: ast.Module) -> Iterator[Definition]:
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_methods(node)


def _public_methods(node: ast.ClassDef) -> Iterator[Definition]:
    for inner in node.body:
        if isinstance(inner, Definition) and not inner.name.startswith("_"):
            yield inner


def _speaks(node: Definition) -> bool:
    return bool(ast.get_docstring(node))


def _uses_of_op(folder: str) -> set[str]:
    """Members of `Op` that the files of a room name (`Op.MENU`)."""
    return {
        node.attr
        for module in sorted((PACKAGE / folder).glob("*.py"))
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Op"
    }


def _handled(op: Op) -> bool:
    """Whether an engine has a function of the kind's name, or asks for the kind."""
    functions = {
        node.name
        for module in sorted((PACKAGE / "engine").glob("*.py"))
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.FunctionDef)
    }
    return f"_{op.name.lower()}" in functions or op.name in _uses_of_op("engine")


@pytest.mark.parametrize("op", list(Op), ids=lambda op: op.name)
def test_every_node_kind_is_complete(op: Op) -> None:
    """A node kind is known to the flow, has its row and its handler, and a scenario shows it."""
    assert op.name in _uses_of_op("flow"), f"the call flow does not know {op.name}"
    assert op.name in _uses_of_op("program"), f"no row for {op.name} in the compiler"
    assert _handled(op), f"no handler for {op.name} in an engine"
    word = re.compile(rf"\b{op.name.lower()}\b")
    texts = [file.read_text(encoding="utf-8") for file in sorted(SCENARIOS.glob("*.yaml"))]
    assert any(map(word.search, texts)), f"no scenario shows {op.name}"


def test_at_most_fifteen_public_names() -> None:
    """The surface stays small, and every name on it can be imported."""
    import vpbx

    assert len(vpbx.__all__) <= 15
    assert all(getattr(vpbx, name) is not None for name in vpbx.__all__)


def test_test_files_have_names_of_their_own() -> None:
    """Two test files of one name cannot be collected together."""
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)
