"""The mailbox's routes."""

from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from devstack.mailbox.messages import list_mails, read_mail
from devstack.mailbox.pages import list_page, mail_page

NO_SCRIPTS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:"
}


def create_app(folder: Path) -> Starlette:
    """The pages over one folder of messages."""

    def show_list(request: Request) -> Response:
        return HTMLResponse(list_page(list_mails(folder), request.query_params.get("to", "")), headers=NO_SCRIPTS)

    def show_mail(request: Request) -> Response:
        mail = read_mail(folder, request.path_params["name"])
        if mail is None:
            return PlainTextResponse("No such message.", 404)
        return HTMLResponse(mail_page(mail, request.query_params.get("width", "desktop")), headers=NO_SCRIPTS)

    def show_attachment(request: Request) -> Response:
        mail, number = read_mail(folder, request.path_params["name"]), request.path_params["number"]
        if mail is None or number >= len(mail.attachments):
            return PlainTextResponse("No such file.", 404)
        attachment = mail.attachments[number]
        # As a file to be saved: nothing in an e-mail may run in this page's name.
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.filename, safe='')}"}
        return Response(attachment.content, media_type=attachment.content_type, headers=headers)

    def live(request: Request) -> Response:
        return PlainTextResponse("alive")

    return Starlette(
        routes=[
            Route("/", show_list),
            Route("/messages/{name}", show_mail),
            Route("/messages/{name}/attachments/{number:int}", show_attachment),
            Route("/health/live", live),
        ],
    )
