"""Signing in and out: cookies, refusals that tell nothing, throttling, the second factor."""

import asyncio
import statistics
import time
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text

from gridloom.access.models import Account, SignInSession
from gridloom.access.service import TOTP_SECONDS, change_password, create_account, disable_account, require_totp
from gridloom.access.throttle import Throttle
from gridloom.audit.models import AuditRow
from gridloom.errors import Refusal
from tests.access.conftest import ME, PASSWORD, device

WRONG = {"problem": {"code": "UNAUTHENTICATED", "message": "县代码、账号或密码不正确，或验证码有误。"}}


async def sign_in(browser: httpx.AsyncClient, typed: dict[str, Any], **headers: str) -> httpx.Response:
    return await browser.post("/auth/sign-in", json=typed, headers=headers)


async def test_cookie_opens_the_interface_until_sign_out(place: Any, browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/graphql", json=ME)).status_code == 401
    answer = await sign_in(browser, place.typed())
    assert answer.status_code == 200
    assert answer.json()["county"] == {"code": place.county.code, "name": "试验县"}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"gridloom={place.county.code}.")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    me = (await browser.post("/graphql", json=ME)).json()["data"]["me"]
    assert (me["name"], me["county"], me["posts"]) == (
        place.person, {"code": place.county.code}, [{"role": "centre_officer"}]
    )
    token = browser.cookies["gridloom"]
    assert (await browser.post("/auth/sign-out", json={})).status_code == 204
    assert "gridloom" not in browser.cookies
    browser.cookies.set("gridloom", token)
    assert (await browser.post("/graphql", json=ME)).status_code == 401


async def test_database_holds_no_secret_in_clear(place: Any, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, place.typed())
    token = browser.cookies["gridloom"]
    async with place.county.open() as work:
        account = await work.session.get_one(Account, (work.tenant, place.account))
        assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        (row,) = (await work.session.execute(
            select(SignInSession).where(SignInSession.account_id == place.account)
        )).scalars()
        assert token.partition(".")[2] not in row.token_hash
        audited = (await work.session.execute(
            select(AuditRow.action).where(AuditRow.subject_id == place.account).order_by(AuditRow.id)
        )).scalars().all()
    assert audited == ["access.account_created", "access.signed_in"]


async def test_wrong_guesses_get_one_answer(place: Any, browser: httpx.AsyncClient) -> None:
    for typed in (
        place.typed(password="wrong horse battery"), place.typed(account="nobody"), place.typed(county="999999"),
        place.typed(county="abc"), place.typed(county="../.."), place.typed(account="a\x00b"), place.typed(account="%"),
        place.typed(account=place.login.upper()),
    ):
        answer = await sign_in(browser, typed)
        assert (answer.status_code, answer.json()) == (401, WRONG)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [{}, [], "x", {"county": 1, "account": "a", "password": "b"}, {"county": "1", "account": "a"},
             {"county": "1", "account": "a", "password": "p" * 201}],
)
async def test_malformed_sign_in(browser: httpx.AsyncClient, body: object) -> None:
    answer = await browser.post("/auth/sign-in", json=body)
    assert (answer.status_code, answer.json()["problem"]["code"]) == (400, "VALIDATION")
    assert (await browser.post("/auth/sign-in", data={"county": "1"})).status_code == 415


async def test_time_does_not_tell_which_accounts_exist(place: Any, browser: httpx.AsyncClient) -> None:
    took: dict[str, list[float]] = {"known": [], "unknown": [], "no county": []}
    for _ in range(12):
        for name, typed in (
            ("known", place.typed(password="wrong horse")), ("unknown", place.typed(account="nobody")),
            ("no county", place.typed(county="999999")),
        ):
            elsewhere = device()
            started = time.perf_counter()
            assert (await sign_in(browser, typed, **elsewhere)).status_code == 401
            took[name].append(time.perf_counter() - started)
            await asyncio.sleep(0.02)
    middle = {name: statistics.median(times) for name, times in took.items()}
    # Without the hash it would be a tenth.
    assert max(middle.values()) < 4 * min(middle.values()), middle


async def test_sixth_attempt_waits_even_with_the_right_password(place: Any, browser: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (await sign_in(browser, place.typed(password="wrong horse"))).status_code == 401
    answer = await sign_in(browser, place.typed())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
    assert answer.json() == {"problem": {"code": "LIMIT_EXCEEDED", "message": "尝试次数过多，请 5 分钟后再试。"}}
    assert (await sign_in(browser, place.typed(account="someone else"))).status_code == 401


async def test_guesses_at_once_are_all_counted(place: Any, browser: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(sign_in(browser, place.typed(password=f"guess {n}")) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_success_gives_the_attempts_back(place: Any, browser: httpx.AsyncClient) -> None:
    for _ in range(3):
        for _ in range(3):
            assert (await sign_in(browser, place.typed(password="wrong horse"))).status_code == 401
        assert (await sign_in(browser, place.typed())).status_code == 200


async def test_throttle_counts_without_redis() -> None:
    with_nothing = Redis.from_url("redis://127.0.0.1:1")
    throttle = Throttle(with_nothing)
    assert [await throttle.attempt("c|a", "d") for _ in range(7)] == [0, 0, 0, 0, 0, 300, 300]
    assert await throttle.attempt("c|b", "d") == 0
    await throttle.succeeded("c|a", "d")
    assert await throttle.attempt("c|a", "d") == 0
    assert [await throttle.attempt(f"c|{n}", "e") for n in range(61)][-1] == 300


async def test_foreign_pages_are_refused(place: Any, browser: httpx.AsyncClient) -> None:
    foreign = {"origin": "https://evil.example"}
    assert (await sign_in(browser, place.typed(), **foreign)).status_code == 403
    assert (await sign_in(browser, place.typed(), origin="null")).status_code == 403
    assert (await sign_in(browser, place.typed(), **{"sec-fetch-site": "cross-site"})).status_code == 403
    own = str(browser.base_url).rstrip("/")
    assert (await sign_in(browser, place.typed(), origin=own)).status_code == 200
    assert (await browser.post("/graphql", json=ME, headers={"origin": own})).status_code == 200
    for headers in (foreign, {"origin": "null"}, {"sec-fetch-site": "same-site"}):
        answer = await browser.post("/graphql", json=ME, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (403, {"code": "FOREIGN_ORIGIN"})
    assert (await browser.post("/auth/sign-out", json={}, headers=foreign)).status_code == 403
    assert (await browser.post("/graphql", json=ME)).status_code == 200


async def test_session_ends_with_its_time(place: Any, browser: httpx.AsyncClient, clock: Any) -> None:
    await sign_in(browser, place.typed())
    clock.offset = timedelta(hours=11, minutes=59)
    assert (await browser.post("/graphql", json=ME)).status_code == 200
    clock.offset = timedelta(hours=12, seconds=1)
    assert (await browser.post("/graphql", json=ME)).status_code == 401


@pytest.mark.parametrize("end", ["disabled", "left", "new password"])
async def test_revocation_is_seen_within_seconds(place: Any, browser: httpx.AsyncClient, end: str) -> None:
    await sign_in(browser, place.typed())
    assert (await browser.post("/graphql", json=ME)).status_code == 200
    async with place.county.open() as work:
        if end == "disabled":
            await disable_account(work, place.account)
        elif end == "new password":
            await change_password(work, place.account, "a wholly new password")
        else:
            await work.session.execute(
                text("UPDATE staff SET left_at = :now WHERE tenant_id = :tenant AND id = :staff"),
                {"now": work.now - timedelta(seconds=1), "tenant": work.tenant,
                 "staff": place.county.people[place.person]},
            )
    await asyncio.sleep(2.1)
    assert (await browser.post("/graphql", json=ME)).status_code == 401
    assert (await sign_in(browser, place.typed())).status_code == 401


async def test_session_of_one_county_is_nothing_in_another(place: Any, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, place.typed())
    token = browser.cookies["gridloom"]
    for forged in (
        token.replace(place.county.code, "999999", 1), token.partition(".")[2], f"{place.county.code}.", "x" * 5000,
        f"{place.county.code}.{'0' * 43}",
    ):
        answer = await browser.post("/graphql", json=ME, headers={"cookie": f"gridloom={forged}"})
        assert answer.status_code == 401


async def test_second_factor_is_asked_and_taken_once(
    place: Any, browser: httpx.AsyncClient, clock: Any, service: Any
) -> None:
    async with place.county.open() as work:
        secret = await require_totp(work, place.account)
        account = await work.session.get_one(Account, (work.tenant, place.account))
        assert secret not in (account.totp or "")
    # The middle of a step, so that the step does not turn over during the test.
    clock.offset = timedelta(seconds=TOTP_SECONDS / 2 - time.time() % TOTP_SECONDS)
    code = pyotp.TOTP(secret).at(service.clock.now())
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for typed in (place.typed(), place.typed(code=wrong), place.typed(code=code, password="wrong horse")):
        answer = await sign_in(browser, typed)
        assert (answer.status_code, answer.json()) == (401, WRONG)
    answers = await asyncio.gather(*(sign_in(browser, place.typed(code=code), **device()) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    assert (await sign_in(browser, place.typed(code=code), **device())).status_code == 401
    earlier = pyotp.TOTP(secret).at(service.clock.now() - timedelta(seconds=TOTP_SECONDS))
    assert (await sign_in(browser, place.typed(code=earlier), **device())).status_code == 401


async def test_weak_passwords_and_taken_logins_are_refused(place: Any) -> None:
    staff = place.county.people["member"]
    for login, password, code in (
        ("new", "short", "VALIDATION"), ("new-account", "NEW-ACCOUNT", "VALIDATION"), ("", PASSWORD, "VALIDATION"),
        ("x" * 65, PASSWORD, "VALIDATION"), (place.login, PASSWORD, "CONFLICT"),
    ):
        with pytest.raises(Refusal) as refused:
            async with place.county.open() as work:
                await create_account(work, staff, login, password)
        assert refused.value.code == code
