"""The house: what importing costs, what is public, what is said of it, and who may know whom."""

import ast
import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ohmscape

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ohmscape"
DOCS = ROOT / "docs"
HEAVY = ("numba", "llvmlite", "scipy", "matplotlib", "typer", "rich", "jinja2")

PUBLIC = re.split(
    r"\s+",
    """
    REMOTE Data Electrodes ErrorModel FormatError InversionError InversionOptions InversionResult
    MeshError Model OhmscapeError Region SimulationError StopReason Survey SurveyError Terrain
    Water __version__ error_model inspect invert line_of preview read reinvert simulate write
    write_bert
""".strip(),
)


def _modules():
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(_modules())


def _python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


# Importing


def test_import_is_quick_quiet_and_light():
    code = (
        "import sys, time; began = time.perf_counter(); import ohmscape; "
        "took = time.perf_counter() - began; "
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]; "
        "sys.stderr.write(f'{took} {loaded}')"
    )
    seconds = []
    for _ in range(5):
        done = _python(code)
        took, loaded = done.stderr.split(" ", 1)
        assert done.stdout == ""
        assert loaded == "[]"
        seconds.append(float(took))
        if min(seconds) < 0.3:
            break
    assert min(seconds) < 0.3


def test_engine_loads_neither_plots_nor_doors():
    code = (
        f"import sys, ohmscape; [getattr(ohmscape, name) for name in {PUBLIC!r}]; "
        f"sys.exit([n for n in {HEAVY[3:]!r} if n in sys.modules] or 0)"
    )
    assert _python(code).stdout == ""


# What is public


def test_public_surface_is_this_list():
    assert sorted(ohmscape.__all__) == sorted(PUBLIC)
    assert dir(ohmscape) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(ohmscape, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ohmscape.nothing  # noqa: B018


def test_type_checkers_see_what_is_loaded():
    tree = ast.parse(Path(ohmscape.__file__).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: f"ohmscape.{home}" for name, home in ohmscape._HOME.items()}


def test_public_surface_is_documented_page_by_page():
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "api").glob("*.md"))
    shown = re.findall(r"^::: ohmscape\.(\w+)$", pages, re.MULTILINE)
    shown = [name for name in shown if f"ohmscape.{name}" not in MODULES]
    assert sorted(shown) == sorted(set(PUBLIC) - {"__version__"})


# What is said of it


@pytest.mark.parametrize("name", MODULES)
def test_module_says_what_it_is_for(name):
    assert ast.get_docstring(ast.parse(MODULES[name].read_text(encoding="utf-8")))


def _functions(tree, prefix=""):
    """Yield name and node of public functions and methods."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _functions(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, node


def _arguments(node):
    a = node.args
    named = [arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    starred = [f"**{a.kwarg.arg}"] if a.kwarg else []
    return [name for name in (*named, *starred) if name not in ("self", "cls")]


def _documented(docstring):
    """Return the names of the section Parameters, or None if there is no such section."""
    lines = inspect.cleandoc(docstring).splitlines()
    for i, line in enumerate(lines[:-1]):
        if line == "Parameters" and lines[i + 1] == "-" * 10:
            rest = "\n".join(lines[i + 2 :])
            section = re.split(r"\n\S+\n-{3,}\n", rest)[0]
            heads = [line for line in section.splitlines() if re.match(r"[\w*]", line)]
            return [name.strip() for head in heads for name in head.split(" :")[0].split(",")]
    return None


@pytest.mark.parametrize("name", MODULES)
def test_what_a_docstring_calls_parameters_are_the_parameters(name):
    for function, node in _functions(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        docstring = ast.get_docstring(node)
        assert docstring or re.search(r"\._\w+$", name), function  # private modules may be brief
        documented = _documented(docstring or "")
        if documented is not None:
            assert documented == _arguments(node), function


PUBLIC_FUNCTIONS = [name for name in PUBLIC if inspect.isfunction(getattr(ohmscape, name))]


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_public_functions_say_what_they_take_and_give(name):
    function = getattr(ohmscape, name)
    signature = inspect.signature(function)
    if signature.parameters:
        assert _documented(function.__doc__) is not None
    if signature.return_annotation not in (None, "None"):
        assert re.search(r"^\s*Returns\n\s*-{7}$", function.__doc__, re.MULTILINE)


WITH_EXAMPLES = [n for n, p in MODULES.items() if re.search(r"^\s*>>> ", p.read_text(), re.M)]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# Layers


def test_layers_of_the_house():
    pytest.importorskip("importlinter")
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


# Papers


def test_version_is_in_the_changelog():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(ohmscape.__version__)}\b", changelog, re.MULTILINE)


def test_every_page_is_in_the_menu():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
    listed = set(re.findall(r"[\w/.-]+\.md", menu))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    by_itself = {page for page in pages if page.startswith("formats/")}  # docs/menu.py
    assert listed | by_itself == pages


def test_every_decision_is_in_the_index():
    index = (DOCS / "adr" / "index.md").read_text(encoding="utf-8")
    pages = {page.name for page in (DOCS / "adr").glob("0*.md")}
    assert set(re.findall(r"\((0\d{3}-[\w-]+\.md)\)", index)) == pages


def test_every_script_is_in_the_gallery():
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    scripts = {path.name for path in (ROOT / "gallery").glob("*.py")}
    assert set(re.findall(r'--8<-- "(\w+\.py)"', page)) == scripts


def test_every_command_and_option_is_on_its_page():
    typer = importlib.import_module("typer")
    app = importlib.import_module("ohmscape.cli.main").app
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = typer.main.get_command(app).commands
    assert set(sections) == set(commands)
    for name, command in commands.items():
        assert command.help
        said = set(re.findall(r"`(--[\w-]+)`", sections[name]))
        options = {o for p in command.params for o in p.opts if o.startswith("--")} - {"--help"}
        assert said == options, name


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_commands_that_pages_name_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
    assert {"demo", "test"} <= set(named) <= targets
