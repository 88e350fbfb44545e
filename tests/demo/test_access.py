"""Every account and client of demo-access.json opens the interface over HTTP, and finds something to do."""

import json
import os
import stat
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gridloom.app import Web, assemble
from gridloom.demo.build import ACCESS_FILE, MIDU, XIANGYUN, build_demo
from tests.support.demo import Demo
from tests.support.web import serving

ASK = {
    "query": "{ me { name county { code } posts { role organization { code } grid { code } } }"
    " inbox(first: 5) { totalCount { value } nodes { kind title subject { id } } } }"
}
DESK_ROLES = {"centre_officer", "centre_lead", "department_officer", "department_lead", "mediator"}


@pytest.fixture(scope="module")
async def url(demo: Demo) -> AsyncIterator[str]:
    async with serving(assemble(Web(demo.service, keep_alive=0.5), demo.service.settings)) as address:
        yield address


async def opened(url: str, account: dict[str, Any], device: int) -> dict[str, Any]:
    """The answer to `ASK` of somebody who signed in."""
    headers = {"x-forwarded-for": f"10.7.0.{device}"}
    async with httpx.AsyncClient(base_url=url, timeout=30, headers=headers) as browser:
        typed = {name: account[name] for name in ("county", "account", "password")}
        signed = await browser.post("/auth/sign-in", json=typed)
        assert signed.status_code == 200, (account["account"], signed.text)
        answer = (await browser.post("/graphql", json=ASK)).json()
    assert "errors" not in answer, (account["account"], answer["errors"])
    data: dict[str, Any] = answer["data"]
    return data


async def test_every_account_signs_in_and_desks_have_work(demo: Demo, url: str) -> None:
    idle = []
    for device, account in enumerate(demo.access["accounts"]):
        data = await opened(url, account, device % 250)
        me = data["me"]
        assert me["name"] == account["name"]
        assert account["role"] in {post["role"] for post in me["posts"]}
        if account["role"] == "operator":
            continue
        assert me["county"] == {"code": account["county"]}
        held = {(post["organization"] or {}).get("code") for post in me["posts"]}
        assert account["organization"] in held
        if account["role"] in DESK_ROLES and account["county"] == MIDU and not data["inbox"]["nodes"]:
            idle.append(account["account"])
    assert not idle


def test_there_is_an_account_for_each_role_at_each_level(demo: Demo) -> None:
    accounts = [one for one in demo.access["accounts"] if one["county"] == MIDU]
    assert len({one["account"] for one in accounts}) == len(accounts)
    found = {(one["role"], one["level"]) for one in accounts}
    centres = {(role, level) for role in ("centre_officer", "centre_lead") for level in (2, 3, 4)}
    units = {(role, level) for role in ("department_officer", "department_lead") for level in (2, 3, 4)}
    chiefs = {("grid_chief", level) for level in (2, 3, 4)}
    others = {
        ("grid_member", 5), ("group_head", 5), ("mediator", 3), ("mediator", 4), ("leader", 2), ("leader", 3),
        ("county_admin", 2), ("security_admin", 2), ("auditor", 2), ("volunteer", 5),
    }  # fmt: skip
    assert centres | units | chiefs | others <= found
    departments = {one["organization"] for one in accounts if one["level"] == 2 and one["role"] == "department_officer"}
    assert len(departments) == 35
    members = [one for one in accounts if one["role"] == "grid_member"]
    assert len(members) == 2
    assert len({one["grid"][:12] for one in members}) == 1
    assert members[0]["name"] != members[1]["name"]
    neighbours = {one["role"] for one in demo.access["accounts"] if one["county"] == XIANGYUN}
    assert {"grid_member", "centre_officer", "department_officer", "county_admin", "leader"} <= neighbours


async def test_every_client_gets_a_token_that_opens_its_county(demo: Demo, url: str) -> None:
    assert {(one["county"], one["organization"]) for one in demo.access["clients"]} == {
        (county, unit) for county in (MIDU, XIANGYUN) for unit in ("FY", "JCY", "GA", "SF", "XF")
    }
    async with httpx.AsyncClient(base_url=url, timeout=30) as system:
        for client in demo.access["clients"]:
            grant = await system.post(
                "/oauth/token", data={"grant_type": "client_credentials"},
                auth=(client["client_id"], client["client_secret"]),
            )
            assert grant.status_code == 200, (client["organization"], grant.text)
            bearer = {"authorization": f"Bearer {grant.json()['access_token']}"}
            answer = (await system.post("/graphql", json={"query": "{ me { county { code } } }"}, headers=bearer)).json()
            assert answer == {"data": {"me": {"county": {"code": client["county"]}}}}


async def test_the_file_is_its_owners_and_a_second_start_keeps_everything(demo: Demo) -> None:
    file = demo.service.settings.data_dir / ACCESS_FILE
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert json.loads(file.read_text(encoding="utf-8")) == demo.access
    assert await build_demo(demo.service, lambda text, _done: pytest.fail(text)) == demo.access
