"""What the API pages need beyond numpydoc, when MkDocs reads the code.

Fields are described by ``#:`` comments on their line or above it; formulas and literal blocks are
shown as they are typed, because nothing is loaded from elsewhere to typeset them.
"""

import re
from typing import Any

import griffe

COMMENT = re.compile(r"#: ?(.*)$")
FORMULA = re.compile(r":math:(`[^`]*`)")
LITERAL = re.compile(r"(?m)^(.*?)::$")


class Fields(griffe.Extension):
    """Turn ``#:`` comments into docstrings, and Sphinx's markup into Markdown."""

    def on_attribute_instance(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Describe a field by its comment."""
        if attr.docstring is None and attr.lineno and attr.endlineno:
            text = _comment(attr.lines_collection[attr.filepath], attr.lineno, attr.endlineno)
            if text:
                attr.docstring = griffe.Docstring(text, lineno=attr.lineno, parent=attr)

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Show formulas and literal blocks as they are typed."""
        if obj.docstring is not None:
            plain = FORMULA.sub(r"\1", obj.docstring.value)
            obj.docstring.value = LITERAL.sub(lambda m: m[1] + ":" if m[1] else "", plain)


def _comment(lines: list[str], first: int, last: int) -> str:
    """Return the comment at the end of the last line, or on the lines above the first."""
    trailing = COMMENT.search(lines[last - 1])
    if trailing:
        return trailing[1]
    above = []
    for line in reversed(lines[: first - 1]):
        if not line.lstrip().startswith("#:"):
            break
        above.append(line.lstrip()[2:].strip())
    return " ".join(reversed(above))
