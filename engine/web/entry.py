"""The page that asks for the token; it works without scripts."""

from __future__ import annotations

import html

from starlette.responses import HTMLResponse, Response

from engine.web.refused import Refused, page

_TITLE = "This server asks for a token"
_ASKED = "Whoever runs it has given it to you, or can: a word, or an address with the word in it."
_FORM = """\
<form method="post" action="{root}/token">
<input type="hidden" name="to" value="{to}">
<label for="token">Token</label>
<input type="password" id="token" name="token" autocomplete="current-password" required autofocus>
<button type="submit">Go on</button>
</form>"""


def token_page(root: str, to: str, refused: Refused | None = None) -> Response:
    """Ask for the token. to: the page, below the root, that opens then. refused: what was wrong before."""
    more = _FORM.format(root=html.escape(root), to=html.escape(to))
    if refused is not None:
        more = f'<p role="alert">{html.escape(refused.sentence)}</p>\n{more}'
    response = HTMLResponse(page(_TITLE, _ASKED, more, root), refused.status if refused else 401)
    # A form of a page with "no-referrer" would be sent with the origin "null", which could be anybody's.
    response.headers["referrer-policy"] = "same-origin"
    response.headers["cache-control"] = "no-store"
    if refused is not None:
        response.headers.update(refused.headers)
    if response.status_code == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
