"""The endpoints by which people sign in and out and department systems get tokens."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridloom.access.guard import SECURE_COOKIE, Guard
from gridloom.access.oauth import OAuth, OAuthAnswer
from gridloom.access.passwords import Busy
from gridloom.access.service import SESSION_HOURS, Attempt, NotSignedIn, Sessions, SignedIn, Throttled
from gridloom.http.limits import Limits
from gridloom.http.messages import HttpRefusal, parse_json, read_body, require_json
from gridloom.i18n import choose_locale, translate

LIMITS = replace(Limits(), body_bytes=16_000)
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
MOST_FIELDS = 20

Endpoint = Callable[[Request], Awaitable[Response]]
TokenEndpoint = Callable[[Mapping[str, str], Mapping[str, str]], Awaitable[OAuthAnswer]]


class AccessRoutes:
    """`/auth/…`, `/oauth/…` and the descriptions under `/.well-known/`."""

    def __init__(self, sessions: Sessions, guard: Guard, oauth: OAuth) -> None:
        self._sessions = sessions
        self._guard = guard
        self._oauth = oauth

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        return [
            Route("/auth/sign-in", self._refusable(self.sign_in), methods=["POST"]),
            Route("/auth/sign-out", self._refusable(self.sign_out), methods=["POST"]),
            Route("/oauth/token", self._refusable(self._oauth_endpoint(self._oauth.token)), methods=["POST"]),
            Route("/oauth/introspect", self._refusable(self._oauth_endpoint(self._oauth.introspect)), methods=["POST"]),
            Route("/oauth/revoke", self._refusable(self._oauth_endpoint(self._oauth.revoke)), methods=["POST"]),
            Route("/.well-known/oauth-authorization-server", self.metadata, methods=["GET"]),
            Route("/.well-known/jwks.json", self.keys, methods=["GET"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """`{county, account, password, code?}` → 200 and a cookie; 401 with a problem; 429 with Retry-After."""
        self._guard.require_own_origin(request)
        require_json(request.headers.get("content-type"))
        locale = choose_locale(request.headers.get("accept-language"))
        attempt = _attempt(parse_json(await read_body(request, LIMITS)), request)
        try:
            signed_in = await self._sessions.sign_in(attempt, locale)
        except NotSignedIn as refused:
            note = BackgroundTask(self._sessions.note_refusal, refused)
            return _problem(401, "UNAUTHENTICATED", translate(locale, "access-wrong"), background=note)
        except Throttled as throttled:
            minutes = -(-throttled.seconds // 60)
            message = translate(locale, "access-throttled", minutes=minutes)
            return _problem(429, "LIMIT_EXCEEDED", message, {"retry-after": str(throttled.seconds)})
        except Busy:
            return _problem(503, "BUSY", translate(locale, "access-busy"), {"retry-after": "2"})
        return self._signed_in(signed_in)

    async def sign_out(self, request: Request) -> Response:
        """End the session of the cookie; 204 whether there was one or not."""
        self._guard.require_own_origin(request)
        cookie = request.cookies.get(self._guard.cookie)
        if cookie:
            await self._sessions.sign_out(cookie)
        response = Response(status_code=204, headers=NO_STORE)
        response.delete_cookie(
            self._guard.cookie, path="/", secure=self._guard.cookie == SECURE_COOKIE, httponly=True, samesite="lax"
        )
        return response

    async def metadata(self, request: Request) -> Response:
        """What the token server can do."""
        return JSONResponse(self._oauth.metadata(), headers={"cache-control": "public, max-age=3600"})

    async def keys(self, request: Request) -> Response:
        """The keys that sign tokens."""
        keys = self._oauth.public_keys()
        return JSONResponse(keys, headers={"cache-control": "public, max-age=3600"})

    def _signed_in(self, signed_in: SignedIn) -> Response:
        body = {
            "name": signed_in.actor.name,
            "county": {"code": signed_in.county.code, "name": signed_in.county.name},
            "expiresAt": signed_in.expires_at.isoformat(),
        }
        response = JSONResponse(body, headers=NO_STORE)
        response.set_cookie(
            self._guard.cookie, signed_in.token, max_age=SESSION_HOURS * 3600, path="/",
            secure=self._guard.cookie == SECURE_COOKIE, httponly=True, samesite="lax",
        )
        return response

    def _oauth_endpoint(self, answer: TokenEndpoint) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            form = _form(request, await read_body(request, LIMITS))
            authorization = request.headers.get("authorization")
            answered = await answer(form, {"Authorization": authorization} if authorization else {})
            headers = {name.lower(): value for name, value in answered.headers.items()}
            headers.pop("content-type", None)
            if answered.status == 401:
                headers["www-authenticate"] = 'Basic realm="gridloom"'
            return JSONResponse(answered.body, answered.status, {**headers, **NO_STORE})

        return endpoint

    def _refusable(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except HttpRefusal as error:
                locale = choose_locale(request.headers.get("accept-language"))
                message = translate(locale, error.message_id, **error.params)
                if request.url.path.startswith("/oauth/"):
                    body = {"error": "invalid_request", "error_description": error.code}
                    return JSONResponse(body, error.status, {**error.headers, **NO_STORE})
                return _problem(error.status, error.code, message, error.headers)

        return answer


def _attempt(data: Any, request: Request) -> Attempt:
    if not isinstance(data, dict):
        raise HttpRefusal(400, "VALIDATION", "access-fields-needed")
    county, login, password = (_text(data.get(name)) for name in ("county", "account", "password"))
    code = _text(data["code"]) if data.get("code") else None
    device = request.client.host if request.client else "unknown"
    return Attempt(county.strip(), login.strip(), password, code.strip() if code else None, device)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise HttpRefusal(400, "VALIDATION", "access-fields-needed")
    return value


def _form(request: Request, body: bytes) -> dict[str, str]:
    """The form's fields. Raises `HttpRefusal` 400 for another type, broken text, or a field that stands twice."""
    name = request.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, strict_parsing=bool(body))
    except ValueError as error:
        raise HttpRefusal(400, "BAD_REQUEST", "http-body-broken") from error
    if name != "application/x-www-form-urlencoded" or len({key for key, _ in pairs}) != len(pairs):
        raise HttpRefusal(400, "BAD_REQUEST", "http-body-broken")
    return dict(pairs)


def _problem(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None,
    background: BackgroundTask | None = None,
) -> Response:
    body = {"problem": {"code": code, "message": message}}
    return JSONResponse(body, status, {**NO_STORE, **(headers or {})}, background=background)
