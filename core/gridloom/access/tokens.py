"""Access tokens of department systems: at+jwt (RFC 9068), ES256, five minutes."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from gridloom.crypto import derive

ALGORITHM = "ES256"
TYPE = "at+jwt"
LIFE_SECONDS = 300
LEEWAY_SECONDS = 5
LONGEST = 4_000
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says."""

    client_id: str
    jti: str
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int

    @property
    def until(self) -> datetime:
        """When the token ends."""
        return datetime.fromtimestamp(self.expires_at, UTC)


class Tokens:
    """Signs and reads tokens with one key, derived from the master key: the same everywhere and after restarts."""

    def __init__(self, secret_key: bytes, issuer: str) -> None:
        self.issuer = issuer.rstrip("/")
        self.audience = f"{self.issuer}/graphql"
        self._key = _signing_key(secret_key)

    def issue(self, client_id: str, scope: str, now: datetime) -> str:
        """A token for a client; its id begins with the county's code, as the client's does."""
        issued = int(now.timestamp())
        jti = f"{client_id.partition('.')[0]}.{secrets.token_hex(16)}"
        claims = {
            "iss": self.issuer, "aud": self.audience, "sub": client_id, "client_id": client_id, "scope": scope,
            "iat": issued, "exp": issued + LIFE_SECONDS, "jti": jti,
        }
        return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}, claims, self._key)

    def read(self, token: str, now: datetime) -> Claims | None:
        """The claims of a token that is ours, unaltered and in time; else None."""
        if len(token) > LONGEST:
            return None
        try:
            found = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            registry = jwt.JWTClaimsRegistry(
                now=int(now.timestamp()), leeway=LEEWAY_SECONDS, iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.audience}, exp={"essential": True}, iat={"essential": True},
                jti={"essential": True}, sub={"essential": True},
            )
            registry.validate(found.claims)
        except (JoseError, ValueError, TypeError):
            return None
        if found.header.get("typ") != TYPE:
            return None
        return _claims(found.claims)

    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set by which others check our tokens."""
        key = self._key.as_dict(private=False, alg=ALGORITHM, use="sig", kid=self._key.kid)
        return {"keys": [key]}


def _claims(claims: dict[str, Any]) -> Claims:
    return Claims(
        str(claims["sub"]), str(claims["jti"]), tuple(str(claims.get("scope", "")).split()), int(claims["iat"]),
        int(claims["exp"]),
    )


def _signing_key(secret_key: bytes) -> ECKey:
    # 16 bytes more than the order has, so that the remainder is uniform (FIPS 186-5, A.2.1).
    number = int.from_bytes(derive(secret_key, "token signing key 1", 48), "big") % (_ORDER - 1) + 1
    private = ec.derive_private_key(number, ec.SECP256R1())
    key = ECKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.ensure_kid()
    return key
