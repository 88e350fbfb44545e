"""Who sends a request: a session's cookie or a bearer token; and whether the page it came from is ours."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request

from gridloom.access.clients import DEVELOPER, Clients
from gridloom.access.service import Sessions
from gridloom.config import Settings
from gridloom.http.graphql import Caller
from gridloom.http.messages import HttpRefusal
from gridloom.http.sse import Standing
from gridloom.i18n import choose_locale
from gridloom.work import Actor

SECURE_COOKIE, PLAIN_COOKIE = "__Host-gridloom", "gridloom"
DEVELOPER_PERMISSIONS = frozenset({DEVELOPER, "operate"})


class Guard:
    """Authenticates requests to `/graphql` and its like."""

    def __init__(self, settings: Settings, sessions: Sessions, clients: Clients) -> None:
        self._sessions = sessions
        self._clients = clients
        self._production = settings.production
        self._origin = origin_of(settings.public_url)
        self.cookie = SECURE_COOKIE if settings.public_url.startswith("https:") else PLAIN_COOKIE

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises `HttpRefusal` 401 without a valid token or session, 403 for a foreign origin."""
        locale = choose_locale(request.headers.get("accept-language"))
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme:
            if scheme.lower() != "bearer":
                raise unauthenticated("invalid_request")
            return await self._by_token(token.strip(), locale)
        cookie = request.cookies.get(self.cookie)
        if not cookie:
            raise unauthenticated()
        self.require_own_origin(request)
        return await self._by_session(cookie, locale)

    async def _by_token(self, token: str, locale: str) -> Caller:
        found = await self._clients.actor(token, locale)
        if found is None:
            raise unauthenticated("invalid_token")
        developer = not self._production or DEVELOPER in found.scopes

        async def look() -> Actor | None:
            again = await self._clients.actor(token, locale)
            return again.actor if again is not None else None

        return Caller(found.actor, found.county, locale, developer, _check(look, found.actor))

    async def _by_session(self, cookie: str, locale: str) -> Caller:
        found = await self._sessions.actor(cookie, locale)
        if found is None:
            raise unauthenticated()
        actor, county = found
        developer = not self._production or bool(actor.can & DEVELOPER_PERMISSIONS)

        async def look() -> Actor | None:
            return await self._sessions.actor_again(cookie, locale)

        return Caller(actor, county, locale, developer, _check(look, actor))

    def require_own_origin(self, request: Request) -> None:
        """Refuse (403) what a browser sends from another site. Programs that are no browsers send neither header."""
        origin = request.headers.get("origin")
        if origin is not None:
            own = origin == self._origin or origin.partition("://")[2] == request.headers.get("host")
            if not own:
                raise HttpRefusal(403, "FOREIGN_ORIGIN", "http-foreign-origin")
        elif request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise HttpRefusal(403, "FOREIGN_ORIGIN", "http-foreign-origin")


def _check(look: Callable[[], Awaitable[Actor | None]], actor: Actor) -> Callable[[], Awaitable[Standing]]:
    async def standing() -> Standing:
        found = await look()
        if found is None:
            return Standing.ENDED
        return Standing.VALID if found == actor else Standing.CHANGED

    return standing


def unauthenticated(error: str | None = None) -> HttpRefusal:
    """The answer to who is not (or no longer) signed in."""
    challenge = 'Bearer realm="gridloom"' + (f', error="{error}"' if error else "")
    return HttpRefusal(401, "UNAUTHENTICATED", "http-sign-in", {"www-authenticate": challenge})


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
