"""The mailbox's two pages as HTML."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from devstack.mailbox.messages import Mail, Summary

FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #223; background: #f6f7f9; max-width: 60rem; margin: 2rem auto; }}
h1 {{ font-size: 1.3rem }} a {{ color: #15539e; text-decoration: none }} .quiet {{ color: #667 }}
table {{ width: 100%; border-collapse: collapse; background: #fff; border: 1px solid #dde }}
td, th {{ text-align: left; padding: .45rem .8rem; border-bottom: 1px solid #eef; vertical-align: top }}
iframe, pre {{ width: 100%; box-sizing: border-box; background: #fff; border: 1px solid #dde }}
iframe {{ height: 32rem }} pre {{ padding: 1rem; white-space: pre-wrap }}
</style></head><body>{body}</body></html>"""


def list_page(mails: Sequence[Summary]) -> str:
    """All e-mails, newest first."""
    rows = "".join(list_row(mail) for mail in mails) or "<tr><td colspan=3>No e-mail yet.</td></tr>"
    table = f"<table><tr><th>Subject</th><th>To</th><th>Date</th></tr>{rows}</table>"
    return FRAME.format(title="Mailbox", body=f"<h1>Mailbox</h1>{table}")


def list_row(mail: Summary) -> str:
    """One line of the list."""
    link = f'<a href="/messages/{quote(mail.file, safe="")}">{escape(mail.subject) or "(no subject)"}</a>'
    return f'<tr><td>{link}</td><td>{escape(mail.recipient)}</td><td class="quiet">{escape(mail.date)}</td></tr>'


def mail_page(mail: Mail) -> str:
    """One e-mail: headers, HTML as the recipient sees it, and text."""
    headers = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in mail.headers)
    parts = ['<p><a href="/">← Mailbox</a></p>', f"<h1>{escape(mail.subject)}</h1>"]
    if mail.html:
        # Sandboxed without any right but opening links in a new tab: no script, no form, no access to this page.
        parts.append(f'<iframe sandbox="allow-popups" srcdoc="{escape(mail.html)}"></iframe>')
    if mail.text:
        parts.append(f"<h2>Text</h2><pre>{escape(mail.text)}</pre>")
    if mail.attachments:
        parts.append(f"<p>Attachments: {escape(', '.join(mail.attachments))}</p>")
    return FRAME.format(title=escape(mail.subject), body="".join([*parts, f"<h2>Headers</h2><table>{headers}</table>"]))
