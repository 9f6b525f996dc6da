"""The mailbox's two pages as HTML."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

from devstack.mailbox.messages import Attachment, Mail, Summary

WIDTHS = {"phone": 390, "desktop": 760}
"""How wide an e-mail is shown, in pixels."""

FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>{title}</title><style>
:root {{ color-scheme: light }}
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1f2a37; background: #f3f5f8; margin: 0 }}
header {{ background: #14365c; padding: .9rem 1.2rem }} header a {{ color: #fff; font-weight: 600 }}
main {{ max-width: 62rem; margin: 1.4rem auto; padding: 0 1rem }}
h1 {{ font-size: 1.3rem; margin: .2rem 0 1rem; overflow-wrap: anywhere }}
h2 {{ font-size: 1rem; margin: 1.6rem 0 .5rem }}
a {{ color: #15539e; text-decoration: none }} a:hover {{ text-decoration: underline }} .quiet {{ color: #5b6875 }}
.box {{ background: #fff; border: 1px solid #d9dfe6; border-radius: 8px; overflow: hidden }}
.line {{ display: flex; gap: .2rem 1rem; flex-wrap: wrap; padding: .6rem 1rem; border-bottom: 1px solid #eef1f4 }}
.line .what {{ flex: 1 1 20rem; min-width: 0; overflow-wrap: anywhere }} .line:last-child {{ border-bottom: 0 }}
.tag {{ font-size: .75rem; border: 1px solid #b9c4d0; border-radius: 4px; padding: 0 .3rem; margin-right: .4rem }}
.choice a, .choice b {{ display: inline-block; border: 1px solid #b9c4d0; border-radius: 6px; padding: .2rem .8rem }}
.choice b {{ background: #14365c; color: #fff; border-color: #14365c }} .stage {{ overflow-x: auto; padding: .8rem 0 }}
iframe {{ display: block; margin: 0 auto; border: 1px solid #d9dfe6; border-radius: 8px; background: #fff }}
iframe {{ height: 48rem }}
pre {{ margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere }}
pre {{ font: 13px/1.5 ui-monospace, monospace }}
.bubble {{ max-width: 22rem; background: #e4ecf5; border-radius: 16px; padding: .7rem 1rem; overflow-wrap: anywhere }}
table {{ width: 100%; border-collapse: collapse }}
td, th {{ text-align: left; padding: .3rem 1rem; vertical-align: top }}
td {{ overflow-wrap: anywhere }} th {{ white-space: nowrap; font-weight: 500; color: #5b6875 }}
</style></head><body><header><a href="/">Tote Taxi mailbox</a></header><main>{body}</main></body></html>"""

EVERY_5_SECONDS = '<meta http-equiv="refresh" content="5">'


def _page(title: str, body: str, refresh: str = "") -> str:
    return FRAME.format(title=escape(title), body=body, refresh=refresh)


def list_page(mails: Sequence[Summary], recipient: str = "") -> str:
    """All messages, newest first, or those of one recipient."""
    shown = [mail for mail in mails if not recipient or mail.recipient == recipient]
    rows = "".join(list_row(mail) for mail in shown) or '<div class="line quiet">No e-mail yet.</div>'
    title = f"Messages to {recipient}" if recipient else f"All messages ({len(shown)})"
    return _page("Mailbox", f'<h1>{escape(title)}</h1><div class="box">{rows}</div>', EVERY_5_SECONDS)


def list_row(mail: Summary) -> str:
    """One line of the list."""
    tag = '<span class="tag">SMS</span>' if mail.is_sms else ""
    link = f'<a href="/messages/{quote(mail.file, safe="")}">{escape(mail.subject) or "(no subject)"}</a>'
    to = f'<a class="quiet" href="/?{urlencode({"to": mail.recipient})}">{escape(mail.recipient)}</a>'
    date = f'<span class="quiet">{escape(mail.date)}</span>'
    return f'<div class="line"><span class="what">{tag}{link}</span>{to}{date}</div>'


def mail_page(mail: Mail, width: str = "desktop") -> str:
    """One message: an e-mail's HTML as a phone or a desktop shows it, its text, files and headers."""
    parts = [f"<h1>{escape(mail.subject)}</h1>"]
    if mail.html:
        parts += [width_choice(width), shown_html(mail.html, WIDTHS.get(width, WIDTHS["desktop"]))]
    parts += [attachment_part(mail.file, number, file) for number, file in enumerate(mail.attachments)]
    if mail.file.endswith(".sms"):
        parts.append(f'<p class="bubble">{escape(mail.text)}</p>')
    elif mail.text:
        parts.append(f'<h2>Text</h2><div class="box"><pre>{escape(mail.text)}</pre></div>')
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in mail.headers)
    parts.append(f'<h2>Headers</h2><div class="box"><table>{rows}</table></div>')
    return _page(mail.subject, "".join(parts))


def width_choice(chosen: str) -> str:
    """Links to the other widths."""
    names = [f"<b>{name}</b>" if name == chosen else f'<a href="?width={name}">{name}</a>' for name in WIDTHS]
    return f'<p class="choice">{" ".join(names)}</p>'


def shown_html(html: str, width: int) -> str:
    """An e-mail's HTML, sandboxed without any right but opening links in a new tab: no script, no form, no access."""
    shown = escape(html.replace("<head>", '<head><base target="_blank">', 1))
    rights = "allow-popups allow-popups-to-escape-sandbox"
    frame = f'<iframe sandbox="{rights}" title="E-mail" style="width:{width}px" srcdoc="{shown}"></iframe>'
    return f'<div class="stage">{frame}</div>'


def attachment_part(file: str, number: int, attachment: Attachment) -> str:
    """A file to be saved, and what it says if that can be read."""
    link = f"/messages/{quote(file, safe='')}/attachments/{number}"
    size = f"{attachment.content_type}, {len(attachment.content):,} bytes"
    head = f'<h2><a href="{link}">{escape(attachment.filename)}</a> <span class="quiet">{escape(size)}</span></h2>'
    return head + (f'<div class="box"><pre>{escape(attachment.text)}</pre></div>' if attachment.text else "")
