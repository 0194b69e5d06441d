"""What pages, comments and docstrings name is there: files, modules, private parts of libraries."""

import ast
import importlib.util
import io
import re
import tokenize
from collections.abc import Iterator

import pytest
import yaml

from ingestion.settings import PROJECT_ROOT

CODE = ("benchmarks", "dbt_project", "ingestion", "orchestration", "tests")
PLACES = (*CODE, "docs", "seeds", ".ci")
SKIPPED = {"__pycache__", "target", "logs"}

FILES = frozenset(
    {
        path.relative_to(PROJECT_ROOT).as_posix()
        for folder in PLACES
        for path in [*PROJECT_ROOT.iterdir(), *(PROJECT_ROOT / folder).rglob("*")]
        if path.is_file() and not SKIPPED & set(path.parts)
    }
)
PAGES = [name for name in sorted(FILES) if name.endswith(".md")]
SOURCES = [
    name
    for name in sorted(FILES)
    if name.startswith(CODE) and name.endswith((".py", ".sql", ".yml"))
]
# The reader makes these, following the page.
MADE_BY_THE_READER = {"int_signal_quiet_key_account.sql", "connection.yaml"}

NAMED_FILE = re.compile(
    r"(?<![\w./*<{-])((?:[\w*.-]+/)*[\w*-]+\.(?:py|sql|md|ya?ml|toml))(?![\w/{]|\.\w)"
)
NAMED_SEED = re.compile(r"(?<![\w./])(seeds/\w+\.csv)")
NAMED_MODULE = re.compile(
    r"(?<![\w./])((?:ingestion|orchestration|benchmarks)(?:\.(?!md\b)[a-z_]+)+)"
)


def named_files(text: str) -> Iterator[str]:
    yield from NAMED_FILE.findall(text)
    yield from NAMED_SEED.findall(text)


def words_of(source: str) -> str:
    """What a file says to people: a page as a whole, of code its comments and docstrings."""
    text = (PROJECT_ROOT / source).read_text("utf-8")
    if source.endswith(".sql"):
        return "\n".join(re.findall(r"--.*|\{#.*?#\}", text, re.DOTALL if "{#" in text else 0))
    if not source.endswith(".py"):
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, documented)]
    return "\n".join([*comments, *(ast.get_docstring(node) or "" for node in nodes)])


def missing(text: str) -> list[str]:
    """Files and modules that a text names and that are not there."""
    files = [name for name in named_files(text) if not is_there(name)]
    modules = [name for name in NAMED_MODULE.findall(text) if not is_module(name)]
    made = [name for name in files if name.rpartition("/")[2] in MADE_BY_THE_READER]
    return sorted({*files, *modules} - {*made})


def is_there(name: str) -> bool:
    """Whether a file has this name, or one that ends with it; ``*`` stands for any part."""
    pattern = re.escape(name.removeprefix("../").removeprefix("./")).replace(r"\*", "[^/]*")
    return any(re.search(rf"(^|/){pattern}$", file) for file in FILES)


def is_module(name: str) -> bool:
    """Whether the name is a module or a package, or something within one."""
    path = name.replace(".", "/")
    if f"{path}.py" in FILES or f"{path}/__init__.py" in FILES:
        return True
    folder, _, member = path.rpartition("/")
    sources = {f"{folder}.py", f"{folder}/__init__.py"} & FILES
    return any(
        re.search(rf"\b{member}\b", (PROJECT_ROOT / source).read_text()) for source in sources
    )


def private_imports(source: str) -> set[str]:
    """Modules of libraries that a source imports and whose path has a private part."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if any(part.startswith("_") for part in name.split("."))}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    assert missing(words_of(page)) == []


def test_what_comments_and_docstrings_name_is_there() -> None:
    lost = {source: names for source in SOURCES if (names := missing(words_of(source)))}
    assert lost == {}


def test_the_look_at_words_finds_what_is_gone() -> None:
    text = "`orchestration/storage.py`, ``ingestion.writer.x``, [x](docs/none.md), seeds/x.csv"
    gone = ["docs/none.md", "ingestion.writer.x", "orchestration/storage.py", "seeds/x.csv"]
    assert missing(text) == gone
    there = "`ingestion/raw/writer.py`, ``ingestion.raw.writer.RawWriter``, int_backtest_*.sql"
    assert missing(there) == []


def test_private_modules_are_named_with_their_price() -> None:
    page = (PROJECT_ROOT / "docs" / "private-parts.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+(?:\.\w+)*\._\w+(?:\.\w+)*)`", page))
    imported = set()
    for source in SOURCES:
        if source.endswith(".py") and not source.startswith("tests"):
            imported |= private_imports((PROJECT_ROOT / source).read_text("utf-8"))
    assert imported == named
    assert [name for name in sorted(named) if importlib.util.find_spec(name) is None] == []


def test_work_tables_of_a_load_are_on_their_page() -> None:
    page = (PROJECT_ROOT / "docs" / "work-tables.md").read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)`", page, re.M))
    sources = [name for name in SOURCES if re.match(r"ingestion/(?!demo/).*\.py", name)]
    text = "\n".join((PROJECT_ROOT / source).read_text("utf-8") for source in sources)
    # The page names the tables of events for both kinds.
    text = re.sub(r"\{+one\}+", "event", re.sub(r"\{+many\}+", "events", text))
    made = set(
        re.findall(r"\bcreate (?:or replace )?(?:temp )?(?:table|view) ([a-z_]+)\b(?!\.)", text)
    )
    assert made - {"if"} <= named
    assert {name for name in named if not re.search(rf"\b{name}\b", text)} == set()


@pytest.mark.parametrize("source", ["from dagster._core import x", "import dagster._core.x as y"])
def test_the_look_at_private_imports_finds_them(source: str) -> None:
    assert private_imports(source)


def test_a_commit_and_a_submission_run_what_make_lint_runs() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (PROJECT_ROOT / "Makefile").read_text(), re.M)[1]
    made = {tuple(line.split()[:2]) for line in recipe.replace("$(BIN)/", "").splitlines()}
    configuration = yaml.safe_load((PROJECT_ROOT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in configuration["repos"]] == ["local"]
    hooks = configuration["repos"][0]["hooks"]
    assert {tuple(hook["entry"].removeprefix(".venv/bin/").split()[:2]) for hook in hooks} == made
    assert {hook["language"] for hook in hooks} == {"system"}
    assert "make lint" in (PROJECT_ROOT / ".ci" / "run").read_text()
