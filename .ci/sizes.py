"""Fails when a file or a function has grown too long to be read at one go.

Files: 250 lines, tests 400. Functions: 60 lines. Migrations are left out: they are written once and never again.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("shared", "gateway", "services", "deploy", "tests", "bench", ".ci")
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 250, 400, 60


def python_files(root: Path) -> Iterator[Path]:
    """All files that people write and read."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "versions" not in path.parts and not any(part.startswith(".venv") for part in path.parts):
                yield path


def complaints(path: Path) -> Iterator[str]:
    """What is too long in a file."""
    source = path.read_text()
    lines, longest = source.count("\n"), LONGEST_TEST_FILE if "tests" in path.parts else LONGEST_FILE
    if lines > longest:
        yield f"{path.relative_to(ROOT)}: {lines} lines, more than {longest}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield f"{place}: {node.name} has {length} lines, more than {LONGEST_FUNCTION}"


def main() -> int:
    """Print all complaints; 1 when there are any."""
    found = [complaint for path in python_files(ROOT) for complaint in complaints(path)]
    print("\n".join(found) or "No file and no function is too long.")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
