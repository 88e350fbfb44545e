"""Client credentials: both ways to prove oneself, what the token opens, and every way in which it must not."""

import asyncio
import base64
import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from gridloom.access.clients import create_client, create_key_client, disable_client, permissions
from gridloom.access.models import ApiClient
from gridloom.access.tokens import Tokens
from gridloom.errors import Refusal
from gridloom.people.roles import CLIENT_PERMISSIONS
from tests.access.conftest import ME

GRANT = {"grant_type": "client_credentials"}
ISSUER = "http://localhost:8000"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def token(browser: httpx.AsyncClient, place: Any, **form: str) -> str:
    answer = await browser.post("/oauth/token", data={**GRANT, **form}, auth=(place.client_id, place.secret))
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def ask(browser: httpx.AsyncClient, bearer: str) -> httpx.Response:
    return await browser.post("/graphql", json=ME, headers={"authorization": f"Bearer {bearer}"})


def signed(key: Any, client_id: str, **other: Any) -> dict[str, str]:
    """The form of a signed assertion."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": f"{ISSUER}/oauth/token", "iat": now, "exp": now + 60,
              "jti": str(uuid4())} | other
    claims = {name: value for name, value in claims.items() if value is not None}
    algorithm = {"EC": "ES256", "RSA": "RS256", "oct": "HS256"}[key.key_type]
    assertion = jwt.encode({"alg": algorithm}, claims, key)
    return {**GRANT, "client_assertion_type": ASSERTION, "client_assertion": assertion}


async def test_secret_in_header_or_form(place: Any, browser: httpx.AsyncClient) -> None:
    basic = await browser.post("/oauth/token", data=GRANT, auth=(place.client_id, place.secret))
    posted = await browser.post(
        "/oauth/token", data={**GRANT, "client_id": place.client_id, "client_secret": place.secret}
    )
    for answer in (basic, posted):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
        assert "refresh_token" not in body
        me = (await ask(browser, body["access_token"])).json()["data"]["me"]
        assert (me["name"], me["county"]) == ("police system", {"code": place.county.code})
        assert set(me["permissions"]) == CLIENT_PERMISSIONS
    header = json.loads(base64.urlsafe_b64decode(basic.json()["access_token"].split(".")[0] + "=="))
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    keys = (await browser.get("/.well-known/jwks.json")).json()["keys"]
    assert [(key["kid"], key["kty"], key["alg"], "d" in key) for key in keys] == [
        (header["kid"], "EC", "ES256", False)
    ]


@pytest.mark.parametrize("kind", ["EC", "RSA"])
async def test_signed_assertion_counts_once(place: Any, browser: httpx.AsyncClient, kind: str) -> None:
    key = ECKey.generate_key("P-256") if kind == "EC" else RSAKey.generate_key(2048)
    async with place.county.open() as work:
        client_id = await create_key_client(
            work, place.county.units["FY"], "court system", {"keys": [key.as_dict(private=False)]}
        )
    form = signed(key, client_id)
    first = await browser.post("/oauth/token", data=form)
    assert first.status_code == 200, first.text
    assert (await ask(browser, first.json()["access_token"])).json()["data"]["me"]["name"] == "court system"
    again = await browser.post("/oauth/token", data=form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    race = signed(key, client_id)
    answers = await asyncio.gather(*(browser.post("/oauth/token", data=race) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 5


async def test_bad_assertions(place: Any, browser: httpx.AsyncClient) -> None:
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    async with place.county.open() as work:
        client_id = await create_key_client(
            work, place.county.units["FY"], "court system", {"keys": [key.as_dict(private=False)]}
        )
    public = OctKey.import_key(json.dumps(key.as_dict(private=False), separators=(",", ":")))
    now = int(time.time())
    forms = [
        signed(other, client_id), signed(public, client_id), signed(key, client_id, aud="https://other.example"),
        signed(key, client_id, exp=now - 120), signed(key, client_id, jti=None), signed(key, client_id, iss="x"),
        signed(key, client_id, exp=now + 86_400), signed(key, client_id, sub="999999.x"), signed(key, place.client_id),
        signed(key, client_id, sub=5), signed(key, client_id, jti=["x"]),
        signed(key, client_id) | {"client_assertion": "a.b.c"}, signed(key, client_id) | {"client_assertion": ""},
        {**GRANT, "client_id": client_id}, {**GRANT, "client_id": client_id, "client_secret": ""},
    ]
    for form in forms:
        answer = await browser.post("/oauth/token", data=form)
        assert answer.json().get("error") == "invalid_client", (form, answer.text)
        assert answer.status_code in (400, 401)


async def test_wrong_secrets_and_requests(place: Any, browser: httpx.AsyncClient) -> None:
    for client_id, secret in (
        (place.client_id, "wrong"), (place.client_id, ""), (place.client_id.replace("-", "_"), place.secret),
        ("999999.x", "y"), ("nothing", "y"), (f"{place.county.code}.'--", "y"), ("a\x00b", "y"),
    ):
        answer = await browser.post("/oauth/token", data=GRANT, auth=(client_id, secret))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"] == 'Basic realm="gridloom"'
    auth = (place.client_id, place.secret)
    for form, error in (({"grant_type": "password"}, "unsupported_grant_type"), ({}, "invalid_request"),
                        ({**GRANT, "scope": "verifyCase"}, "invalid_scope")):
        answer = await browser.post("/oauth/token", data=form, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert (await browser.post("/oauth/token", json=GRANT, auth=auth)).status_code == 400
    assert (await browser.post("/oauth/token", content=b"grant_type=a&grant_type=b", auth=auth)).status_code == 400
    form_type = {"content-type": "application/x-www-form-urlencoded"}
    for content in (b"grant_type=a&grant_type=b", b"\xff=\xfe", b"&" * 1000, b"x=" + b"y" * 20_000):
        answer = await browser.post("/oauth/token", content=content, auth=auth, headers=form_type)
        assert answer.status_code in (400, 413)
    assert (await browser.get("/oauth/token")).status_code == 404


async def test_scopes_narrow_what_a_token_opens(place: Any, browser: httpx.AsyncClient) -> None:
    bearer = await token(browser, place, scope="reportCase signAssignment")
    me = (await ask(browser, bearer)).json()["data"]["me"]
    assert set(me["permissions"]) == {"reportCase", "signAssignment"}
    async with place.county.open() as work:
        narrow, secret = await create_client(work, place.county.units["GA"], "narrow", ["reportCase"])
    place.client_id, place.secret = narrow, secret
    me = (await ask(browser, await token(browser, place))).json()["data"]["me"]
    assert me["permissions"] == ["reportCase"]
    # Roles as scopes mean their permissions; what no client may is never granted; an empty set grants nothing.
    assert permissions(["department_officer"]) >= CLIENT_PERMISSIONS
    assert not permissions([]) & CLIENT_PERMISSIONS


async def test_expired_altered_and_foreign_tokens(place: Any, browser: httpx.AsyncClient, clock: Any) -> None:
    bearer = await token(browser, place)
    assert (await ask(browser, bearer)).status_code == 200
    head, body, signature = bearer.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    raised = base64.urlsafe_b64encode(json.dumps(claims | {"exp": claims["exp"] + 9999}).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    public = (await browser.get("/.well-known/jwks.json")).json()["keys"][0]
    confused = jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, OctKey.import_key(json.dumps(public)))
    strange = Tokens(b"\x08" * 32, ISSUER).issue(place.client_id, "reportCase", clock.now())
    elsewhere = Tokens(b"\x07" * 32, "https://other.example").issue(place.client_id, "reportCase", clock.now())
    nobody = Tokens(b"\x07" * 32, ISSUER).issue(f"{place.county.code}.nobody", "reportCase", clock.now())
    for forged in (f"{head}.{raised}.{signature}", f"{none}.{body}.", f"{head}.{body}.AAAA", confused, strange,
                   elsewhere, nobody, "x", "x" * 9000, "a.b.c", "-"):
        answer = await ask(browser, forged)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})
        assert answer.headers["www-authenticate"].startswith("Bearer")
    clock.offset = timedelta(seconds=290)
    assert (await ask(browser, bearer)).status_code == 200
    clock.offset = timedelta(seconds=301)
    assert (await ask(browser, bearer)).status_code == 401


async def test_key_is_the_same_after_a_restart() -> None:
    one, two = Tokens(b"\x07" * 32, ISSUER), Tokens(b"\x07" * 32, ISSUER)
    assert one.public_keys() == two.public_keys()
    assert one.public_keys() != Tokens(b"\x08" * 32, ISSUER).public_keys()


async def test_revocation_and_introspection(place: Any, browser: httpx.AsyncClient) -> None:
    bearer, auth = await token(browser, place), (place.client_id, place.secret)
    async with place.county.open() as work:
        other = await create_client(work, place.county.units["FY"], "court system")
    told = (await browser.post("/oauth/introspect", data={"token": bearer}, auth=auth)).json()
    assert (told["active"], told["client_id"], told["exp"] - told["iat"]) == (True, place.client_id, 300)
    assert (await browser.post("/oauth/introspect", data={"token": bearer}, auth=other)).json() == {"active": False}
    assert (await browser.post("/oauth/introspect", data={"token": "x"}, auth=auth)).json() == {"active": False}
    assert (await browser.post("/oauth/introspect", data={"token": bearer})).status_code == 401
    foreign = await browser.post("/oauth/revoke", data={"token": bearer}, auth=other)
    assert foreign.json()["error"] == "invalid_grant"
    assert (await ask(browser, bearer)).status_code == 200
    for _ in range(2):
        assert (await browser.post("/oauth/revoke", data={"token": bearer}, auth=auth)).status_code == 200
    assert (await browser.post("/oauth/revoke", data={"token": "unknown"}, auth=auth)).status_code == 200
    assert (await browser.post("/oauth/introspect", data={"token": bearer}, auth=auth)).json() == {"active": False}
    await asyncio.sleep(2.1)
    assert (await ask(browser, bearer)).status_code == 401


async def test_disabled_client_is_out_within_seconds(place: Any, browser: httpx.AsyncClient) -> None:
    bearer = await token(browser, place)
    assert (await ask(browser, bearer)).status_code == 200
    async with place.county.open() as work:
        found = select(ApiClient.id).where(ApiClient.client_id == place.client_id)
        await disable_client(work, (await work.session.execute(found)).scalar_one())
    await asyncio.sleep(2.1)
    assert (await ask(browser, bearer)).status_code == 401
    answer = await browser.post("/oauth/token", data=GRANT, auth=(place.client_id, place.secret))
    assert answer.json()["error"] == "invalid_client"


async def test_description_of_the_server(browser: httpx.AsyncClient) -> None:
    told = (await browser.get("/.well-known/oauth-authorization-server")).json()
    assert (told["issuer"], told["token_endpoint"]) == (ISSUER, f"{ISSUER}/oauth/token")
    assert told["grant_types_supported"] == ["client_credentials"]


async def test_private_keys_and_unknown_organizations_are_refused(place: Any) -> None:
    key = ECKey.generate_key("P-256")
    for jwks in ({"keys": [key.as_dict(private=True)]}, {"keys": []}, {}, {"keys": [{"kty": "oct", "k": "AAAA"}]},
                 {"keys": [{"kty": "EC"}]}):
        with pytest.raises(Refusal) as refused:
            async with place.county.open() as work:
                await create_key_client(work, place.county.units["FY"], "court", jwks)
        assert (refused.value.code, refused.value.path) == ("VALIDATION", ("jwks",))
    with pytest.raises(Refusal) as refused:
        async with place.county.open() as work:
            await create_client(work, uuid4(), "nobody's")
    assert (refused.value.code, refused.value.path) == ("NOT_FOUND", ("organizationId",))
