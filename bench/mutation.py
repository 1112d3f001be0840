"""How many small changes to the alarm engine no test notices: a mutation run.

`python -m bench.mutation` writes one JSON line per change to build/mutation.jsonl and prints those that
survived. It takes up where it was stopped: changes already tried on the same module are not tried
again. `--only watch paging` keeps to these modules; `--again` tries the survivors once more, after
tests were added; `--longest 0.3` leaves out the slower tests, for a first look.

The tests are collected once. For each change a fork of that process gets the changed function's
code, in the place of the right one, and runs the tests that reach its lines, the quickest first,
until one fails; what uses up its time counts as noticed. What is not inside a function needs a
process of its own, which loads the changed module and runs everything. Properties run with few
examples, always the same ones. See docs/testing.md for what came out.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.abc
import importlib.util
import inspect
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from math import inf
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest

from bench.mutants import Mutant, mutants

MODULES = (
    "engine", "watch", "limit_watch", "burden_watch", "due_watch", "stream", "cuff_hold",
    "on_devices", "on_people", "ledger", "paging",
)  # fmt: skip
TESTS = "tests/monitor/alarms"
EXAMPLES = 25
"""Per property; a full test run tries 100 and more."""
LEAST_S, TIMES = 3, 5
"""Processor seconds a test may take: so many, and so many times what it takes unchanged."""
MEMORY = 4 << 30
"""Bytes a fork may take: a change can make a loop endless."""

KILLED, SURVIVED, UNREACHED = "killed", "survived", "unreached"


def path_of(module: str) -> Path:
    return Path("monitor/alarms") / f"{module}.py"


class Run:
    """The results so far, by change; one file that only grows."""

    def __init__(self, file: Path, again: bool) -> None:
        self.file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self.results: dict[str, dict[str, Any]] = {}
        for line in lines:
            result = json.loads(line)
            self.results[result["key"]] = result
        if again:
            self.results = {k: r for k, r in self.results.items() if r["outcome"] == KILLED}

    def add(self, key: str, module: str, mutant: Mutant, outcome: str, by: str) -> None:
        result = {"key": key, "module": module, "function": mutant.function, "name": mutant.name}
        self.results[key] = result | {"outcome": outcome, "by": by}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as out:
            out.write(json.dumps(self.results[key]) + "\n")


def key_of(module: str, source: str, mutant: Mutant) -> str:
    """What a change is known by in later runs: its own words, and the module as it was."""
    return f"{module} {hashlib.sha256(source.encode()).hexdigest()[:12]} {mutant.name}"


# --- inside functions: forks of one collected session ---------------------------------------------


class Runner:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, run: Run, modules: Sequence[str], longest_s: float) -> None:
        self.run, self.modules, self.longest_s = run, modules, longest_s

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.stdout.flush()  # a fork must not say it again
        reached, seconds = _traced(session, self.modules)
        kills: dict[str, Counter[int]] = defaultdict(Counter)
        for module in self.modules:
            source = path_of(module).read_text()
            for mutant in mutants(source):
                key = key_of(module, source, mutant)
                if key in self.run.results or not mutant.function.endswith("()"):
                    continue
                tests = {
                    n for line in mutant.lines for n in reached[module, line] if seconds[n] < self.longest_s
                }
                kind = kills[f"{module}.{mutant.function}"]
                order = sorted(tests, key=lambda n: (-kind[n], seconds[n]))
                killer = _first_failing(session, module, mutant, order, seconds)
                if killer is None:
                    outcome, by = (SURVIVED if tests else UNREACHED), ""
                else:
                    outcome, by = KILLED, session.items[killer].nodeid if killer >= 0 else "no end"
                    kind[killer] += 1
                self.run.add(key, module, mutant, outcome, by)
        return True


def _traced(
    session: pytest.Session, modules: Sequence[str]
) -> tuple[dict[tuple[str, int], set[int]], list[float]]:
    """Which tests run each line of the modules, and how long each takes; all must pass."""
    files = {str(path_of(m).resolve()): m for m in modules}
    reached: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    seconds: list[float] = []

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        return line if frame.f_code.co_filename in files else None

    def line(frame: FrameType, event: str, arg: object) -> Any:
        reached[files[frame.f_code.co_filename], frame.f_lineno].add(len(seconds))
        return line

    def work() -> object:
        for number, item in enumerate(session.items):
            began = time.process_time()
            sys.settrace(trace)
            if not _passes(session, number, None):
                raise SystemExit(f"fails unchanged: {item.nodeid}")
            sys.settrace(None)
            seconds.append(time.process_time() - began)
        return reached, seconds

    found: tuple[dict[tuple[str, int], set[int]], list[float]] = _in_fork(work)
    return found


def _first_failing(
    session: pytest.Session, module: str, mutant: Mutant, order: Sequence[int], seconds: Sequence[float]
) -> int | None:
    """The number of the test that fails with `mutant`; None when all pass, -1 when one does not end."""

    def work() -> int | str:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        _exchange(sys.modules[f"monitor.alarms.{module}"], mutant)
        after: Sequence[int | None] = [*order[1:], None]
        for number, following in zip(order, after, strict=True):
            limit = int(time.process_time() + LEAST_S + TIMES * seconds[number])
            resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
            if not _passes(session, number, following):
                return number
        return SURVIVED

    found = _in_fork(work) if order else SURVIVED
    return None if found == SURVIVED else -1 if found is None else int(found)


def _passes(session: pytest.Session, number: int, following: int | None) -> bool:
    item = session.items[number]
    after = None if following is None else session.items[following]
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
    return not session.testsfailed


def _in_fork(work: Callable[[], object]) -> Any:
    """What `work` gives, done in a fork and in silence; None where it did not come to its end."""
    with tempfile.TemporaryFile() as answer:
        if pid := os.fork():
            os.waitpid(pid, 0)
            answer.seek(0)
            said = answer.read()
            found = pickle.loads(said) if said else None
            if isinstance(found, SystemExit):
                raise found
            return found
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            found = work()
        except BaseException as trouble:  # whatever it is: a fork must not go on as if it were the run
            found = SystemExit(f"the run itself failed: {trouble!r}")
        pickle.dump(found, answer)
        answer.flush()
        os._exit(0)


def _exchange(module: ModuleType, mutant: Mutant) -> None:
    """Give the changed function its changed code."""
    assert module.__file__
    name = mutant.function.removesuffix("()")
    code = compile(mutant.tree, str(Path(module.__file__).resolve()), "exec", dont_inherit=True)
    owner: Any = None
    found: Any = module
    for part in name.split("."):
        owner, found = found, inspect.getattr_static(found, part)
    function: Any = found.fget if isinstance(found, property) else found
    changed = next(c for c in _codes(code) if c.co_qualname == name)
    if len(changed.co_freevars) == len(function.__code__.co_freevars):
        function.__code__ = changed  # wherever it is held, in a table of handlers too
    else:  # it called super() and does not any more
        setattr(owner, function.__name__, FunctionType(changed, module.__dict__))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


# --- outside functions: a process that loads the changed module -----------------------------------


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its changed tree."""

    def __init__(self, module: str, mutant: Mutant) -> None:
        self.name, self.path, self.mutant = f"monitor.alarms.{module}", path_of(module), mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.tree, str(self.path.resolve()), "exec"), module.__dict__)


def outside(run: Run, modules: Sequence[str], options: Sequence[str]) -> None:
    for module in modules:
        source = path_of(module).read_text()
        for number, mutant in enumerate(mutants(source)):
            key = key_of(module, source, mutant)
            if key in run.results or mutant.function.endswith("()"):
                continue
            call = [sys.executable, "-m", "bench.mutation", *options, "--one", module, str(number)]
            done = subprocess.run(call, capture_output=True, text=True, check=False)
            failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
            outcome = SURVIVED if done.returncode == 0 else KILLED
            by = (failed or ["does not load"])[0] if done.returncode else ""
            run.add(key, module, mutant, outcome, by[:200])


def one(module: str, number: int, few: Few) -> int:
    mutant = next(m for n, m in enumerate(mutants(path_of(module).read_text())) if n == number)
    sys.meta_path.insert(0, Changed(module, mutant))
    return pytest.main(["-x", *PYTEST], plugins=[few])


class Few:
    """Makes properties try few examples, always the same, and not look for the smallest that fails."""

    def __init__(self, examples: int) -> None:
        self.examples = examples

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        # Imported here: pytest wants to load its plugins before anybody else does.
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            "mutation",
            deadline=None,
            derandomize=True,
            database=None,
            max_examples=self.examples,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )


PYTEST = [TESTS, "-q", "-p", "no:cacheprovider", "--hypothesis-profile=mutation", "-s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=MODULES, default=MODULES)
    parser.add_argument("--again", action="store_true", help="try the survivors once more")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="per property")
    parser.add_argument(
        "--longest", type=float, default=inf, help="leave out tests longer than so many seconds"
    )
    parser.add_argument("--file", type=Path, default=Path("build/mutation.jsonl"))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    few = Few(asked.examples)
    if asked.one:
        raise SystemExit(one(asked.one[0], int(asked.one[1]), few))
    run = Run(asked.file, asked.again)
    pytest.main(PYTEST, plugins=[Runner(run, asked.only, asked.longest), few])
    outside(run, asked.only, ["--examples", str(asked.examples)])
    report(run, asked.only)


def report(run: Run, modules: Sequence[str]) -> None:
    """What survived of the modules as they are now, and how much that is."""
    tried = [
        run.results[key_of(m, s, c)] for m in modules for s in [path_of(m).read_text()] for c in mutants(s)
    ]
    left = [r for r in tried if r["outcome"] != KILLED]
    for result in left:
        print(f"{result['outcome']:9} {result['module']}.py {result['function']} {result['name']}")
    share = len(left) / len(tried)
    print(f"{len(tried)} changes, {len(tried) - len(left)} killed, {len(left)} not: {share:.1%}")


if __name__ == "__main__":
    main()
