"""The house rules that no linter knows, as functions from a file to what breaks them.

`python -m tests.laws.rules` checks every tracked file.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTION_WANTED, FUNCTION_HARD = 40, 60
FILE_WANTED, FILE_HARD = 350, 500
COMMITTING = {"core/gridloom/work.py"}
HOOK_CALLER = {"core/gridloom/contract/host.py"}
PLUGIN_FACE = {"gridloom.plugin", "gridloom.testing"}
ADDRESSES = (
    re.compile(r'"resolved": *"http'),
    re.compile(r"--(?:extra-)?index-" + "url"),
    re.compile(r'registry *= *"?' + "http"),
    re.compile(r"(?<![\w.])/(?:work|farm|root)/[a-z.]"),
    re.compile(r"(?:registry|pypi|npm)[\w.-]*\.(?:org|com)/(?:simple|@|[\w-]+/-/)"),
)
NOQA = re.compile(r"#\s*noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?(.*)$")
BARE_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[)")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
SESSION_MAKERS = {"async_sessionmaker", "sessionmaker", "create_async_engine"}
SESSION_HOMES = {"core/gridloom/db.py", "core/gridloom/migrate.py"}
BUILT = {".git", ".venv", ".gridloom", "node_modules", "dist", "build", "__pycache__", ".hypothesis"} | {
    f".{tool}_cache" for tool in ("mypy", "ruff", "pytest", "import_linter")
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: where, and what to do about it."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


Rule = Callable[[str, ast.Module], Iterator[Finding]]


def commits(path: str, tree: ast.Module) -> Iterator[Finding]:
    """`commit()` belongs to the unit of work alone."""
    if path in COMMITTING:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield Finding(path, node.lineno, "commit() outside work.py: open a unit of work")


def late_imports(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Imports stand at the top: a late one hides a cycle."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            for node in ast.walk(scope):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield Finding(path, node.lineno, "late import: move it to the top of the file")


def long_functions(path: str, tree: ast.Module, limit: int = FUNCTION_HARD) -> Iterator[Finding]:
    """Functions stay short enough to be read at a glance."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > limit:
                yield Finding(path, node.lineno, f"{node.name} has {length} lines (at most {limit}): split it")


def native_enums(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Codes are text with a CHECK: a native enum cannot use an index under row-level security."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("sqlalchemy"):
            continue
        if any(name.name in {"Enum", "ENUM"} for name in node.names):
            yield Finding(path, node.lineno, "native enum type: use text with code_check")


def sessions(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Sessions and engines come from db.py, so that each carries its county."""
    if path in SESSION_HOMES:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in SESSION_MAKERS:
                yield Finding(path, node.lineno, f"{name} outside db.py: use its session_factory or create_engine")


def hook_calls(path: str, tree: ast.Module) -> Iterator[Finding]:
    """Plugins are asked through PluginHost only: it holds the timer, the breaker and the types."""
    if path in HOOK_CALLER:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"hook", "subset_hook_caller"}:
            yield Finding(path, node.lineno, f".{node.attr} outside contract/host.py: ask through PluginHost")


def imports_across(path: str, tree: ast.Module) -> Iterator[Finding]:
    """A plugin imports `gridloom.plugin` (tests: `gridloom.testing`) and no other plugin; core names no plugin."""
    own = Path(path).parts[1] if path.startswith("plugins/") else None
    for line, module in _imported(tree):
        package = module.split(".")[0]
        if package.startswith("gridloom_") and package != f"gridloom_{own}":
            yield Finding(path, line, f"{module}: nothing but the plugin itself may import a plugin")
        elif own and package == "gridloom" and not _public(module):
            yield Finding(path, line, f"{module}: a plugin imports gridloom.plugin only (tests: gridloom.testing)")


def _public(module: str) -> bool:
    return any(module == face or module.startswith(f"{face}.") for face in PLUGIN_FACE)


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"gridloom.{name.name}" for name in node.names] if node.module == "gridloom" else [node.module]
            yield from ((node.lineno, name) for name in names)


PRODUCT_RULES: tuple[Rule, ...] = (
    commits,
    late_imports,
    long_functions,
    native_enums,
    sessions,
    hook_calls,
    imports_across,
)


def text_findings(path: str, text: str) -> Iterator[Finding]:
    """What no tracked text may hold: registry addresses, paths of one machine, unfinished work, bare suppressions."""
    code = path.endswith((".py", ".ts", ".tsx"))
    for number, line in enumerate(text.splitlines(), 1):
        if any(pattern.search(line) for pattern in ADDRESSES):
            yield Finding(path, number, "an address of a registry or a path of one machine")
        if code and UNFINISHED.search(line):
            yield Finding(path, number, "unfinished work: finish it or leave it out")
        if path.endswith(".py") and _unexplained(line):
            yield Finding(path, number, "a suppression without its reason (noqa) or its code (type: ignore) beside it")
    if code and len(text.splitlines()) > FILE_HARD:
        yield Finding(path, FILE_HARD, f"{len(text.splitlines())} lines (at most {FILE_HARD}): split it by concept")


def _unexplained(line: str) -> bool:
    found = NOQA.search(line)
    return bool(BARE_IGNORE.search(line)) or (found is not None and len(found.group(1).strip(" :-")) < 8)


def tracked(*patterns: str) -> list[str]:
    """Paths of tracked files below the project's root; in an export without a repository, of all but what was built."""
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]
    return sorted(path for path in _files_below(ROOT) if not patterns or any(fnmatch(path, each) for each in patterns))


def _files_below(root: Path) -> Iterator[str]:
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name not in BUILT and not name.endswith(".egg-info")]
        yield from (str((Path(folder) / file).relative_to(root)) for file in files)


def findings() -> list[Finding]:
    """Every breach in the tracked files."""
    found: list[Finding] = []
    for path in (each for each in tracked() if not _generated(each)):
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path not in EXAMPLES:
            found.extend(text_findings(path, text))
        if path.startswith(("core/", "plugins/")) and path.endswith(".py"):
            tree = ast.parse(text, path)
            found.extend(finding for rule in PRODUCT_RULES for finding in rule(path, tree))
    return found


def _generated(path: str) -> bool:
    """Migrations are written by a machine and read once."""
    return "/migrations/versions/" in path


EXAMPLES = {"tests/laws/rules.py", "tests/laws/test_rules.py"}
"""They name what they forbid."""


def wishes() -> list[Finding]:
    """What is longer than wanted, though not yet forbidden."""
    found: list[Finding] = []
    for path in (each for each in tracked("core/*.py", "plugins/*.py") if not _generated(each)):
        text = (ROOT / path).read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > FILE_WANTED:
            found.append(Finding(path, FILE_WANTED, f"{lines} lines (wanted: {FILE_WANTED})"))
        found.extend(long_functions(path, ast.parse(text, path), FUNCTION_WANTED))
    return found


def main() -> int:
    """Print wishes and breaches; 1 when there is a breach."""
    broken = findings()
    for wish in wishes():
        print(f"  long: {wish}")
    for finding in broken:
        print(finding, file=sys.stderr)
    print(f"house rules: {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
