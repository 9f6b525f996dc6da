"""Pages for people and JSON for programs, on the same address."""

from fastapi import Request, Response


def wants_html(request: Request) -> bool:
    """Whether a browser shows the answer to somebody: browsers name HTML first, programs do not name it."""
    accepted = request.headers.get("accept", "")
    return accepted.split(",")[0].split(";")[0].strip().lower() == "text/html"


def html_answer(page: str, nonce: str, status: int = 200) -> Response:
    """A page of ours that loads nothing from anywhere; `nonce` marks the style and script that are its own."""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data: blob:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "same-origin",
    }
    return Response(page, status, headers, media_type="text/html; charset=utf-8")
