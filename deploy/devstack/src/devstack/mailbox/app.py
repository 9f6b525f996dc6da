"""The mailbox's routes."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from devstack.mailbox.messages import list_mails, read_mail
from devstack.mailbox.pages import list_page, mail_page


def create_app(folder: Path) -> Starlette:
    """The pages over one folder of .eml files."""

    def show_list(request: Request) -> Response:
        return HTMLResponse(list_page(list_mails(folder)))

    def show_mail(request: Request) -> Response:
        mail = read_mail(folder, request.path_params["name"])
        return HTMLResponse(mail_page(mail)) if mail else PlainTextResponse("No such e-mail.", 404)

    def live(request: Request) -> Response:
        return PlainTextResponse("alive")

    return Starlette(
        routes=[Route("/", show_list), Route("/messages/{name}", show_mail), Route("/health/live", live)],
    )
