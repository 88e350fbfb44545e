"""Client credentials by Authlib's server: secret or signed assertion in, access token out; introspection, revocation.

Authlib's server is synchronous and asks for clients, tokens and used assertions in the middle of its work. So all that
a request can need is read before, one server is made for each request, and what it decided is written afterwards.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request, TokenMixin
from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc.jwk import KeySet

from gridloom.access.clients import Client, Clients
from gridloom.access.service import digest
from gridloom.access.tokens import LIFE_SECONDS, Claims, Tokens

METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
LONGEST_ASSERTION = timedelta(hours=1)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class OAuthAnswer:
    """What goes back: status, JSON body, headers."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class _KnownClient(ClientMixin):  # type: ignore[misc]
    """A client as Authlib asks for it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        return self.client.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        known = self.client.secret_hash
        return known is not None and secrets.compare_digest(known, digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if method == "private_key_jwt":
            return self.client.jwks is not None
        return method in METHODS and self.client.secret_hash is not None

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What is granted: all of the client's scopes where none is asked for; None (refused) for any it has not."""
        asked = (scope or "").split() or list(self.client.scopes)
        return " ".join(asked) if set(asked) <= set(self.client.scopes) else None


class _KnownToken(TokenMixin):  # type: ignore[misc]
    """A valid token of ours, as Authlib asks for it."""

    def __init__(self, claims: Claims, revoked: bool) -> None:
        self.claims = claims
        self.revoked = revoked

    def check_client(self, client: _KnownClient) -> bool:
        return self.claims.client_id == client.client.client_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.revoked


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Assertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """private_key_jwt; remembers the assertion's id, which is taken after the rest has passed."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, audiences: list[str], server: "_Server") -> None:
        super().__init__()
        self._audiences = audiences
        self._server = server

    def get_audiences(self) -> list[str]:
        return self._audiences

    def resolve_client_public_key(self, client: _KnownClient) -> KeySet:
        if client.client.jwks is None:
            raise InvalidClientError(description="The client has no keys.")
        return KeySet.import_key_set(client.client.jwks)  # type: ignore[arg-type]

    def validate_jti(self, claims: Mapping[str, Any], jti: object) -> bool:
        expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        if not isinstance(jti, str) or not jti or expires_at - datetime.now(UTC) > LONGEST_ASSERTION:
            return False
        self._server.assertion = (jti, expires_at + timedelta(seconds=self.leeway))
        return True


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> _KnownToken | None:
        return self.server.known_token  # type: ignore[no-any-return]

    def revoke_token(self, token: _KnownToken, request: OAuth2Request) -> None:
        self.server.revoking = token.claims


class _Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> _KnownToken | None:
        return self.server.known_token  # type: ignore[no-any-return]

    def check_permission(self, token: _KnownToken, client: _KnownClient, request: OAuth2Request) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: _KnownToken) -> dict[str, Any]:
        claims = token.claims
        return {
            "active": True, "client_id": claims.client_id, "sub": claims.client_id, "token_type": "Bearer",
            "scope": " ".join(claims.scopes), "iat": claims.issued_at, "exp": claims.expires_at, "jti": claims.jti,
            "iss": self.server.tokens.issuer, "aud": self.server.tokens.audience,
        }


class _Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server for one request."""

    def __init__(self, tokens: Tokens, now: datetime, client: Client | None, token: _KnownToken | None) -> None:
        super().__init__()
        self.tokens = tokens
        self.known_token = token
        self.assertion: tuple[str, datetime] | None = None
        self.revoking: Claims | None = None
        self._client = _KnownClient(client) if client is not None else None
        self.register_grant(_ClientCredentials)
        self.register_endpoint(_Revocation)
        self.register_endpoint(_Introspection)
        audiences = [f"{tokens.issuer}/oauth/token", tokens.issuer]
        self.register_client_auth_method("private_key_jwt", _Assertion(audiences, self))
        self.register_token_generator("default", BearerTokenGenerator(
            lambda client, grant_type, user, scope: tokens.issue(client.get_client_id(), scope, now),
            expires_generator=LIFE_SECONDS,
        ))

    def query_client(self, client_id: str) -> _KnownClient | None:
        known = self._client
        return known if known is not None and known.client.client_id == client_id else None

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """Tokens speak for themselves: nothing is kept."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> OAuthAnswer:
        return OAuthAnswer(status, dict(body), dict(headers))


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, uri: str, form: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__("POST", uri, headers=headers)
        self.payload = BasicOAuth2Payload(form)
        self._form = form

    @property
    def form(self) -> Mapping[str, str]:
        return self._form


class OAuth:
    """The token endpoints' logic. `form` is the decoded body, `headers` hold Authorization in that spelling."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._tokens = clients.tokens

    async def token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> OAuthAnswer:
        """POST /oauth/token."""
        return await self._answer("token", form, headers)

    async def introspect(self, form: Mapping[str, str], headers: Mapping[str, str]) -> OAuthAnswer:
        """POST /oauth/introspect: a client's own tokens; of any other it hears `active: false`."""
        return await self._answer("introspection", form, headers)

    async def revoke(self, form: Mapping[str, str], headers: Mapping[str, str]) -> OAuthAnswer:
        """POST /oauth/revoke: a client's own tokens; of unknown ones it hears 200 as well."""
        return await self._answer("revocation", form, headers)

    async def _answer(self, endpoint: str, form: Mapping[str, str], headers: Mapping[str, str]) -> OAuthAnswer:
        named = _client_id(form, headers)
        client = await self._clients.find(named) if named is not None else None
        known = await self._known_token(form.get("token"), client)
        server = _Server(self._tokens, self._clients.now(), client, known)
        # Authlib judges the address for https; behind a proxy only the public address tells, and start-up judged that.
        request = _Request(f"https://service/oauth/{endpoint}", form, headers)
        answer: OAuthAnswer = (
            server.create_token_response(request) if endpoint == "token"
            else server.create_endpoint_response(endpoint, request)
        )
        if answer.status == 200 and client is not None:
            if server.assertion is not None and not await self._clients.take_assertion(client, *server.assertion):
                return OAuthAnswer(401, {"error": "invalid_client", "error_description": "JWT ID is used before."})
            if server.revoking is not None:
                await self._clients.revoke(client, server.revoking)
        return answer

    async def _known_token(self, token: str | None, client: Client | None) -> _KnownToken | None:
        claims = self._tokens.read(token, self._clients.now()) if token else None
        if claims is None or client is None:
            return None
        revoked = claims.client_id == client.client_id and await self._clients.is_revoked(client.county, claims.jti)
        return _KnownToken(claims, revoked)

    def public_keys(self) -> dict[str, Any]:
        """The keys that sign tokens, as a JSON Web Key Set."""
        return self._tokens.public_keys()

    def metadata(self) -> dict[str, Any]:
        """The server's description (RFC 8414)."""
        issuer = self._tokens.issuer
        return {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            **{
                f"{name}_endpoint_auth_methods_supported": METHODS
                for name in ("token", "introspection", "revocation")
            },
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
        }


def _client_id(form: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """The client that a request names, not yet believed: Basic, then form, then the assertion's subject."""
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() == "basic":
            return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            payload = form.get("client_assertion", "").split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            subject = claims.get("sub") if isinstance(claims, dict) else None
            return subject if isinstance(subject, str) else None
    except (ValueError, IndexError, RecursionError):
        return None
    return form.get("client_id")
