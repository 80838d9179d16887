"""The one way in which this package compiles a function.

The on-disk cache of numba watches only the file of the cached function, so an edit to an imported
file would silently keep old rules. The cache folder is therefore named by a digest of every source
file of the package and of the versions of numba, numpy and Python: any edit starts a fresh one.
"""

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import update_wrapper
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate, infer_getattr

_COMPILED_ROOMS = ("engine", "program", "traffic")
"""Rooms that, with the roots, hold compiled functions or constants that go into them."""

_COMPILED_FILES = tuple(f"measures/{name}.py" for name in ("again", "counting", "lengths", "sums"))
"""Files elsewhere that do; they import nothing else from their own room."""

_KEPT = 4
"""Versions whose compiled code is kept, a few MB each."""

Function = TypeVar("Function", bound=Callable[..., Any])
Table = TypeVar("Table")


def _digest() -> str:
    """Hex digest of all that compiled code depends on."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        name = source.relative_to(package).as_posix()
        inside = source.parent == package or source.parent.name in _COMPILED_ROOMS
        if inside or name in _COMPILED_FILES:
            digest.update(f"{name}\0".encode() + source.read_bytes())
    for library in ("numba", "numpy", "llvmlite"):
        digest.update(f"{library} {version(library)}\0".encode())
    digest.update(f"{sys.version} {platform.machine()} {platform.processor()}".encode())
    return digest.hexdigest()[:16]


def _forget_old(folder: Path) -> None:
    """Removes the caches of all versions but the newest few."""
    siblings = [other for other in folder.parent.iterdir() if other != folder and other.is_dir()]
    for old in sorted(siblings, key=lambda other: other.stat().st_mtime)[: -(_KEPT - 1)]:
        shutil.rmtree(old, ignore_errors=True)


def _cache_folder() -> Path:
    """Where compiled code is kept: the user's cache, or a temporary folder where that is read-only."""
    base = os.environ.get("VPBX_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path(os.path.expanduser("~")) / ".cache"
    folder = root / "vpbx" / _digest()
    try:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _forget_old(folder)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        whose = os.getuid() if hasattr(os, "getuid") else "user"
        return Path(tempfile.gettempdir()) / f"vpbx-{whose}" / folder.name


_CACHE = _cache_folder()
numba.config.CACHE_DIR = str(_CACHE)  # type: ignore[attr-defined]


_compiler: Any = numba.njit  # takes options that its types do not know


def kept(function: str) -> bool:
    """Whether a compiled function ("module.name") lies on disk."""
    return any(_CACHE.rglob(f"{function}-*.nbi"))


def njit(function: Function) -> Function:
    """`function`, compiled on its first call, kept on disk, without the interpreter's lock.

    It must not make arrays: without that, taking an array out of a table of tables costs nothing
    (otherwise every array beside it is counted up and down, atomically, each time).
    """
    compile_ = _compiler(cache=True, nogil=True, error_model="numpy", _nrt=False)
    return cast(Function, _once(compile_(function)))


def njit_inline(function: Function) -> Function:
    """As `njit`, put into its compiled callers, which alone can call it: handing over tables of tables
    costs more than most handlers do, and a door for Python more to compile than most functions.
    """
    return _inner(function, forceinline=True)


def njit_called(function: Function) -> Function:
    """As `njit_inline`, but called: for what runs rarely, so that the usual way stays short."""
    return _inner(function, forceinline=False)


_INNER: set[str] = set()
"""Functions that only compiled code calls."""


def _inner(function: Function, forceinline: bool) -> Function:
    """`forceinline` is always said: a function of which nothing is said follows its first caller."""
    function = _copied(function)
    compile_ = _compiler(
        nogil=True,
        error_model="numpy",
        _nrt=False,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        forceinline=forceinline,
    )
    return cast(Function, _once(compile_(function)))


def _once(made: Any) -> Any:
    """The function, compiled once for all whole numbers: by itself the compiler makes another version
    for each constant that it is called with."""
    template = getattr(made, "get_call_template", None)
    if template is not None:

        def for_any_number(given: Any, named: Any) -> Any:
            named = {name: types.unliteral(kind) for name, kind in named.items()}  # type: ignore[no-untyped-call]
            return template(tuple(types.unliteral(kind) for kind in given), named)  # type: ignore[no-untyped-call]

        made.get_call_template = for_any_number
    return made


def _copied(function: Function) -> Function:
    """The function under a name of its own, by which the compiler's libraries are known again."""
    made: Any = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    made.__qualname__ = f"inner {function.__module__}.{function.__name__}"
    made.__doc__, made.__module__ = function.__doc__, function.__module__
    made.__annotations__ = function.__annotations__
    _INNER.add(made.__qualname__)
    return cast(Function, made)


def _spare_inner_functions() -> None:
    """Lets the compiler optimise inner functions in their callers only.

    By itself it optimises each function together with all that it calls, and makes machine code of
    it, again at every level of calls: most of the time. Where a version of numba is built otherwise,
    nothing is changed but that time.
    """
    from numba.core import codegen, cpu

    library: Any = getattr(codegen, "CPUCodeLibrary", None)
    context: Any = getattr(cpu, "CPUContext", None)
    parts = ("finalize", "_finalize_dynamic_globals", "_get_module_for_linking")
    if not all(hasattr(library, part) for part in parts) or not hasattr(context, "get_executable"):
        return
    finalize, get_executable = library.finalize, context.get_executable

    def spared(self: Any) -> None:
        if self.name not in _INNER:
            finalize(self)
            return
        for other in dict.fromkeys(self._linking_libraries):
            self._final_module.link_in(other._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True

    def without_a_door(self: Any, made: Any, *described: Any) -> Any:
        if made.name not in _INNER:
            return get_executable(self, made, *described)
        return (
            object().__reduce__
        )  # Python's door: a built-in of its own, which refuses all arguments

    library.finalize, context.get_executable = spared, without_a_door


_spare_inner_functions()


def njit_making(function: Function) -> Function:
    """As `njit`, for a function that makes arrays."""
    compile_ = _compiler(cache=True, nogil=True, error_model="numpy")
    return cast(Function, compile_(function))


def njit_columns(function: Function) -> Function:
    """As `njit`, for a function that reads columns (arrays of one dimension) and writes none but its
    first argument: compiled once, for columns of any layout, whole or parts of the rows of a table."""
    made: Any = _compiler(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    if not hasattr(made, "disable_compile"):  # the compiler is switched off
        return function

    lock = Lock()

    def read(*given: Any) -> Any:
        if not made.overloads:
            with lock:  # replications run in threads
                if not made.overloads:
                    result, *columns = (numba.typeof(one) for one in given)  # type: ignore[no-untyped-call]
                    made.compile((result, *(_any_column(one) for one in columns)))
                    made.disable_compile()
        return made(*given)

    return cast(Function, update_wrapper(read, function))


def _any_column(kind: Any) -> Any:
    """The type of all columns of the same numbers; other types stay as they are."""
    if not isinstance(kind, types.Array):
        return kind
    return types.Array(kind.dtype, 1, "A", readonly=True, aligned=False)


# --- what hardly ever holds ------------------------------------------------------------------------


def rarely(condition: int) -> bool:
    """Whether it holds (is not 0); compiled code is laid out for its not holding, so that the usual
    way is short."""
    return bool(condition)


@extending.type_callable(rarely)
def _type_of_rarely(_: Any) -> Any:
    kinds = (types.Boolean, types.Integer)
    return lambda condition: types.boolean if isinstance(condition, kinds) else None


@extending.lower_builtin(rarely, types.Boolean)  # type: ignore[no-untyped-call, untyped-decorator]
@extending.lower_builtin(rarely, types.Integer)  # type: ignore[no-untyped-call, untyped-decorator]
def _rarely(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
    holds = cgutils.is_not_null(builder, values[0])  # type: ignore[no-untyped-call]
    kind = ir.FunctionType(holds.type, [holds.type, holds.type])
    expect = builder.module.declare_intrinsic("llvm.expect", [holds.type], kind)
    return builder.call(expect, [holds, ir.Constant(holds.type, 0)])


# --- what is needed soon ---------------------------------------------------------------------------


def soon(array: Any, index: int) -> None:
    """Says that an element (a row) will be needed: the processor fetches it, or where it begins, while it
    does other work. Any index will do, within the array or not."""


@extending.type_callable(soon)
def _type_of_soon(_: Any) -> Any:
    return lambda array, index: types.none if isinstance(array, types.Array) else None


@extending.lower_builtin(soon, types.Array, types.Integer)  # type: ignore[no-untyped-call, untyped-decorator]
def _soon(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, values[0])
    stride = cgutils.unpack_tuple(builder, array.strides)[0]  # type: ignore[no-untyped-call]
    index = context.cast(builder, values[1], signature.args[1], types.intp)
    byte = ir.IntType(8).as_pointer()
    place = builder.gep(builder.bitcast(array.data, byte), [builder.mul(index, stride)])
    word = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
    fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
    for_writing, into_the_nearest, data = 1, 3, 1
    builder.call(fetch, [place, *(word(code) for code in (for_writing, into_the_nearest, data))])
    return context.get_dummy_value()


# --- tables of tables by their address -------------------------------------------------------------


class _Pointed(types.Type):
    """A NamedTuple that compiled code knows by its address."""

    def __init__(self, of: Any) -> None:
        self.of = of
        digest = hashlib.sha256(str(of).encode()).hexdigest()[:8]
        super().__init__(name=f"pointed {of.instance_class.__name__} {digest}")


@extending.register_model(_Pointed)
class _PointedModel(extending.models.PrimitiveModel):
    """An address."""

    def __init__(self, models: Any, kind: _Pointed) -> None:
        super().__init__(models, kind, models.lookup(kind.of).get_data_type().as_pointer())  # type: ignore[no-untyped-call]


def pointed(table: Table) -> Table:
    """The same table of tables; in compiled code what is handed on is its address, one word.

    By itself the compiler hands over every part of every array in it: hundreds of words at each call
    of each function, which took most of the time of compiling. The compiled function that calls this
    lends its own memory; what is returned must not outlive it.
    """
    return table


@extending.type_callable(pointed)
def _type_of_pointed(_: Any) -> Any:
    return lambda table: table if isinstance(table, _Pointed) else _Pointed(table)


@extending.lower_builtin(pointed, _Pointed)  # type: ignore[no-untyped-call, untyped-decorator]
def _pointed_already(_context: Any, _builder: Any, _signature: Any, values: Any) -> Any:
    return values[0]


@extending.lower_builtin(pointed, types.BaseTuple)  # type: ignore[no-untyped-call, untyped-decorator]
def _point(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Puts the table into memory. The empty instruction keeps from the optimiser which memory it is,
    so that it may take all that is read there for constant."""
    model = context.data_model_manager[signature.args[0]]
    place = cgutils.alloca_once(builder, model.get_data_type())  # type: ignore[no-untyped-call]
    builder.store(model.as_data(builder, values[0]), place)
    kind = ir.FunctionType(place.type, [place.type])
    return builder.asm(kind, "", "=r,0,~{memory}", [place], True)


@infer_getattr
class _PointedParts(AttributeTemplate):
    """The types of the parts: tables of tables stay addresses."""

    key = _Pointed

    def generic_resolve(self, table: _Pointed, part: str) -> Any:  # type: ignore[override]
        """The type of a part."""
        if part not in table.of.fields:
            return None
        kind = table.of[table.of.fields.index(part)]
        return _Pointed(kind) if isinstance(kind, types.BaseNamedTuple) else kind


@extending.lower_getattr_generic(_Pointed)  # type: ignore[no-untyped-call, untyped-decorator]
def _part(context: Any, builder: Any, table: _Pointed, address: Any, part: str) -> Any:
    """A part, read from memory; it never changes."""
    i = table.of.fields.index(part)
    place = cgutils.gep_inbounds(builder, address, 0, i)  # type: ignore[no-untyped-call]
    if isinstance(table.of[i], types.BaseNamedTuple):
        return place
    model = context.data_model_manager[table.of[i]]
    return model.from_data(builder, _constant_load(builder, place, model.get_data_type()))


def _constant_load(builder: Any, place: Any, kind: Any) -> Any:
    """Reads what never changes, word by word."""
    if not isinstance(kind, ir.Aggregate):
        word = builder.load(place)
        word.set_metadata("invariant.load", builder.module.add_metadata([]))
        return word
    value = ir.Constant(kind, ir.Undefined)
    for i in range(len(kind)):
        own = cgutils.gep_inbounds(builder, place, 0, i)  # type: ignore[no-untyped-call]
        value = builder.insert_value(value, _constant_load(builder, own, kind.elements[i]), i)
    return value
