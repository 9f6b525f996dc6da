"""Where a template that staff wrote may show a link that opens something.

Such a link holds a secret. In a subject it would be kept and shown to staff; as a part of another address, such as a
picture's, it would be told to whoever answers there. So the HTML around links must be so plain that no reading of it
takes a link for anything but the address that a click leads to.
"""

import re
from collections.abc import Iterator

from jinja2 import nodes

_LINK, _STATEMENT, _VALUE = "\x00", "\x01", "\x02"
"""What stands for links, for building blocks and statements, and for other values, while the HTML around is read."""

_TAGS = (
    "a|abbr|b|blockquote|br|center|div|em|font|h[1-4]|hr|i|img|li|ol|p|pre|s|small|span|strong|sub|sup|table|tbody|td"
    "|tfoot|th|thead|tr|u|ul"
)
_ATTRIBUTE = r"""\s+(?!ping)[a-z][a-z-]*(?:="[^"<>\x00\x01]*"|='[^'<>\x00\x01]*')?"""
_ANCHOR = rf"""<a(?:{_ATTRIBUTE})*\s+href=(?:"\x00"|'\x00')(?:{_ATTRIBUTE})*\s*>"""
_PLAIN = re.compile(rf"(?:[^<\x00]|{_ANCHOR}|</?(?:{_TAGS})(?:{_ATTRIBUTE})*\s*/?>)*", re.IGNORECASE)

IN_SUBJECT = "A subject shows no links: it is kept, and staff see it."
IN_HTML = 'A link stands in button(…), or is all that an href holds: <a href="{{ link }}">.'
NOT_PLAIN = (
    "Where links are shown, the HTML must be plain: whole tags for text, pictures and tables, attributes in quotes,"
    " no {% … %} within a tag, and a link only in button(…) or as all that an href of <a> holds."
)


def is_link(name: str) -> bool:
    """Whether the variable of this name is a link that opens something."""
    return name == "link" or name.endswith("_link")


def misplaced(tree: nodes.Template, part: str) -> tuple[nodes.Node, str] | None:
    """The first place in a template where a link must not be, and why; null when all are well placed."""
    links = [name for name in tree.find_all(nodes.Name) if is_link(name.name)]
    if not links or part not in ("subject", "html"):
        return None
    if part == "subject":
        return links[0], IN_SUBJECT
    placed: set[int] = {id(node.test) for node in tree.find_all(nodes.If)}
    for body in _bodies(tree):
        if not _PLAIN.fullmatch("".join(_skeleton(body, placed))):
            return body[0], NOT_PLAIN
    return next(((link, IN_HTML) for link in links if id(link) not in placed), None)


def _bodies(tree: nodes.Template) -> Iterator[list[nodes.Node]]:
    """Each stretch of a template that is shown as a whole or not at all."""
    for node in (tree, *tree.find_all((nodes.If, nodes.For, nodes.Block, nodes.CallBlock))):
        for body in (getattr(node, "body", []), getattr(node, "else_", [])):
            if body:
                yield body


def _skeleton(body: list[nodes.Node], placed: set[int]) -> Iterator[str]:
    """The HTML with marks in place of what is filled in; notes the links that are shown themselves or by a button."""
    for statement in body:
        for node in statement.nodes if isinstance(statement, nodes.Output) else (statement,):
            match node:
                case nodes.TemplateData():
                    yield node.data
                case nodes.Name() if is_link(node.name):
                    placed.add(id(node))
                    yield _LINK
                case nodes.Call(node=nodes.Name(name="button"), args=[_, nodes.Name() as link], kwargs=[]):
                    placed.add(id(link))
                    yield _STATEMENT
                case nodes.Call() | nodes.Stmt():
                    yield _STATEMENT
                case _:
                    yield _VALUE
