"""Whether a template that staff wrote may be used.

It may show what messages show and decide by it, and nothing else: no sums, no variables of its own, no loop in a loop,
no text that grows by being replaced. What passes can neither reach beyond its values nor run for long, and shows links
only where `links` allows them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from math import isfinite

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.domain.kinds import Kind
from notifications.domain.words import BookingWords
from notifications.sending.links import misplaced
from notifications.sending.rendering import Renderer
from notifications.sending.samples import sample_facts, sample_values

LONGEST_SOURCE = 20_000
LONGEST_RESULT = 200_000
LONGEST_ARGUMENT = 40
DEEPEST = 60
"""Far more than messages need; what is nested deeper takes seconds to be read."""

_FRAMES = {"html": ("base.html", "parts.html"), "text": ("base.txt", "parts.txt")}
_MACROS = frozenset({"paragraph", "button", "heading", "move", "price", "contact"})
_FILTERS = frozenset(
    {"money", "moment", "day", "join", "replace", "upper", "lower", "title", "capitalize", "length", "trim", "default"}
)
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Block, nodes.Extends, nodes.FromImport, nodes.CallBlock,
    nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Filter, nodes.Test,
    nodes.If, nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Concat, nodes.Sub, nodes.Neg,
)  # fmt: skip
_ENVIRONMENT = ImmutableSandboxedEnvironment()


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a template can't be used; `line` from 1, or 0 where no line is to blame."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}" if self.line else self.reason


class _Refused(Exception):
    def __init__(self, node: nodes.Node, reason: str) -> None:
        super().__init__(reason)
        self.mistake = Mistake(node.lineno or 0, reason)


def variables_of(renderer: Renderer, kind: Kind) -> dict[str, list[str]]:
    """What templates of this kind may use: name → its members, empty for a plain text."""
    values = sample_values(renderer, kind)
    members = {"booking": [field.name for field in fields(BookingWords)], "facts": sorted(sample_facts(kind))}
    return {name: members.get(name, []) for name in sorted({*values, "subject"})}


def mistake_in(renderer: Renderer, kind: Kind, part: str, source: str) -> Mistake | None:
    """The first mistake of a template, found by reading it and by trying it out; null for one that may be used."""
    if len(source) > LONGEST_SOURCE:
        return Mistake(0, f"It must not be longer than {LONGEST_SOURCE:,} characters.")
    try:
        _check(_ENVIRONMENT.parse(source), part, variables_of(renderer, kind))
        values = sample_values(renderer, kind) | {"subject": "Subject"}
        result = "".join(renderer.from_source(part, source).generate(values))
    except TemplateSyntaxError as error:
        return Mistake(error.lineno, _sentence(error.message or ""))
    except _Refused as refused:
        return refused.mistake
    except (RecursionError, MemoryError, SyntaxError):
        return Mistake(0, "It is nested too deeply.")
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        return Mistake(_line_of(error), _sentence(str(error)))
    if not result.strip():
        return Mistake(0, "Nothing comes out of it.")
    return Mistake(0, "Too much comes out of it.") if len(result) > LONGEST_RESULT else None


def _check(tree: nodes.Template, part: str, variables: Mapping[str, Collection[str]]) -> None:
    """Raises `_Refused`."""
    known = {*variables, *_targets(tree), *_imported(tree, part)}
    for node in _all(tree):
        if not isinstance(node, _ALLOWED):
            raise _Refused(node, f"“{type(node).__name__.lower()}” can not be used here.")
        match node:
            case nodes.Name() if node.name not in known:
                raise _Refused(node, f"There is nothing named “{node.name}” here.")
            case nodes.Const(value=float() as number) if not isfinite(number):
                raise _Refused(node, "There is no such number.")
            case nodes.Getattr(node=nodes.Name(name=("booking" | "facts") as name)):
                _check_member(node, name, variables)
            case nodes.Call():
                if not isinstance(node.node, nodes.Name) or node.node.name not in _MACROS:
                    raise _Refused(node, "Only the building blocks of messages can be called.")
            case nodes.Filter():
                _check_filter(node)
            case nodes.For():
                _check_loop(node)
            case nodes.Extends():
                _check_frame(node, node.template, part, 0)
    if found := misplaced(tree, part):
        raise _Refused(*found)


def _check_member(node: nodes.Getattr, name: str, variables: Mapping[str, Collection[str]]) -> None:
    if node.attr not in (*variables.get(name, ()), "receipt"):
        raise _Refused(node, f"There is nothing named “{name}.{node.attr}” here.")


def _check_filter(node: nodes.Filter) -> None:
    if node.name not in _FILTERS:
        raise _Refused(node, f"The filter “{node.name}” can not be used here.")
    arguments = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
    if len(arguments) < len(node.args) or any(len(str(argument)) > LONGEST_ARGUMENT for argument in arguments):
        raise _Refused(node, f"What is given to “{node.name}” must be a short text.")
    if node.name == "replace" and any(inner.name == "replace" for inner in node.find_all(nodes.Filter)):
        raise _Refused(node, "Texts can be replaced once only.")


def _check_loop(node: nodes.For) -> None:
    if node.recursive or any(inner is not node for inner in node.find_all(nodes.For)):
        raise _Refused(node, "A loop can not hold another one.")
    if not isinstance(node.iter, nodes.Getattr):
        raise _Refused(node, "A loop goes through a list of the message, such as booking.lines.")


def _check_frame(node: nodes.Node, template: nodes.Node, part: str, index: int) -> None:
    frame = _FRAMES.get(part)
    if frame is None or not isinstance(template, nodes.Const) or template.value != frame[index]:
        raise _Refused(node, f"Only “{frame[index]}” can be used." if frame else "No other template can be used here.")


def _imported(tree: nodes.Template, part: str) -> set[str]:
    names: set[str] = set()
    for node in tree.find_all(nodes.FromImport):
        _check_frame(node, node.template, part, 1)
        if not all(name in _MACROS for name in node.names):
            raise _Refused(node, "There is no such building block.")
        names |= {str(name) for name in node.names}
    return names


def _targets(tree: nodes.Template) -> set[str]:
    return {node.target.name for node in tree.find_all(nodes.For) if isinstance(node.target, nodes.Name)}


def _all(node: nodes.Node, depth: int = 0) -> Iterator[nodes.Node]:
    if depth > DEEPEST:
        raise _Refused(node, "It is nested too deeply.")
    for child in node.iter_child_nodes():
        yield child
        yield from _all(child, depth + 1)


def _line_of(error: BaseException) -> int:
    """The line of the template in which trying it out failed."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:200]}".rstrip(".") + "."
