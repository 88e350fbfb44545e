"""Who sends the documents: people with a session's cookie, department systems with a token; over HTTP only."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.journeys.documents import DOCUMENTS

Answer = dict[str, Any]
TIMEOUT = 30.0


class Unexpected(AssertionError):
    """An answer that no journey allows: a top-level error where a payload was due."""


@dataclass
class Caller:
    """Somebody signed in. `sent` counts the documents that were answered, by name."""

    name: str
    http: httpx.AsyncClient
    who: Mapping[str, Any]
    sent: dict[str, int] = field(default_factory=dict)
    _facts: list[Any] = field(default_factory=list)
    _cursor: str | None = None

    async def post(self, operation: str, language: str = "zh-CN", **variables: Any) -> httpx.Response:
        """Send one of the contract's documents; the whole response."""
        body = {"query": DOCUMENTS[operation], "operationName": operation, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers={"accept-language": language})
        self.sent[operation] = self.sent.get(operation, 0) + 1
        return answer

    async def answer(self, operation: str, **variables: Any) -> Answer:
        """The whole GraphQL answer, errors included."""
        response = await self.post(operation, **variables)
        assert response.status_code == 200, (self.name, operation, response.status_code, response.text[:500])
        answer: Answer = response.json()
        return answer

    async def read(self, operation: str, **variables: Any) -> Any:
        """The one field of a query that must be answered without errors."""
        answer = await self.answer(operation, **variables)
        if "errors" in answer:
            raise Unexpected(f"{self.name} {operation}: {answer['errors']}")
        (value,) = answer["data"].values()
        return value

    async def payload(self, operation: str, **values: Any) -> Any:
        """What a step answers, problems and all. A key is made unless one is given."""
        values.setdefault("key", str(uuid.uuid4()))
        return await self.read(operation, input=values)

    async def step(self, operation: str, **values: Any) -> Any:
        """A step that must pass."""
        payload = await self.payload(operation, **values)
        if payload["problems"]:
            raise Unexpected(f"{self.name} {operation}: {payload['problems']}")
        return payload

    async def on(self, case: Answer, operation: str, **values: Any) -> Any:
        """A step on a case, in the version that was read, that must pass; the case as it then stands."""
        payload = await self.step(operation, caseId=case["id"], version=case["version"], **values)
        return payload["case"]

    async def with_task(self, assignment: Answer, operation: str, **values: Any) -> Any:
        """A step on an assignment that must pass; the assignment as it then stands."""
        payload = await self.step(operation, assignmentId=assignment["id"], version=assignment["version"], **values)
        return payload["assignment"]

    async def case(self, case_id: str) -> Any:
        """The whole case as this caller reads it, None when they may not know of it."""
        answer = await self.answer("Case", id=case_id)
        if answer["data"] == {"case": None}:
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"], answer
            return None
        assert "errors" not in answer, answer
        return answer["data"]["case"]

    async def pages(self, operation: str, size: int = 200, **variables: Any) -> list[Any]:
        """All rows of a connection, page after page."""
        rows: list[Any] = []
        after: str | None = None
        while True:
            page = await self.read(operation, first=size, after=after, **variables)
            rows += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return rows
            after = page["pageInfo"]["endCursor"]

    async def facts(self) -> list[Any]:
        """Every fact this caller may read, from the beginning; what was read before is not asked for again."""
        while True:
            page = await self.read("Facts", first=200, after=self._cursor)
            self._facts += page["nodes"]
            self._cursor = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return self._facts

    @asynccontextmanager
    async def live(self, **variables: Any) -> AsyncIterator["Stream"]:
        """`CaseChanged` over server-sent events."""
        body = {"query": DOCUMENTS["CaseChanged"], "operationName": "CaseChanged", "variables": variables}
        headers = {"accept": "text/event-stream"}
        async with self.http.stream("POST", "/graphql", json=body, headers=headers) as response:
            assert response.status_code == 200, response.status_code
            self.sent["CaseChanged"] = self.sent.get("CaseChanged", 0) + 1
            yield Stream(response.aiter_lines())


@dataclass
class Stream:
    """Events as they come."""

    lines: AsyncIterator[str]

    async def until(self, wanted: Any, seconds: float = 15.0) -> list[Answer]:
        """The changes up to and with the first for which `wanted(change)` holds. Raises TimeoutError."""
        seen: list[Answer] = []
        async with asyncio.timeout(seconds):
            async for line in self.lines:
                if not line.startswith("data:") or line == "data:":
                    continue
                body = json.loads(line.removeprefix("data:"))
                assert "errors" not in body, body
                seen.append(body["data"]["caseChanged"])
                if wanted(seen[-1]):
                    return seen
        raise AssertionError(f"the stream ended after {seen}")


class World:
    """The demo county as its users meet it: an address and what demo-access.json says."""

    def __init__(self, access: Mapping[str, Any], url: str | None = None) -> None:
        self.access = access
        self.url = str(url or access["url"]).rstrip("/")
        self.county = str(access["county"])
        self._callers: dict[str, Caller] = {}

    async def person(self, account: str, county: str | None = None) -> Caller:
        """Sign in as somebody, once."""
        code = county or self.county
        name = f"{account}@{code}"
        if name not in self._callers:
            who = next(
                one for one in self.access["accounts"] if one["account"] == account and one["county"] == code
            )
            http = self._http({"origin": self.url})
            body = {"county": code, "account": account, "password": who["password"]}
            answer = await http.post("/auth/sign-in", json=body)
            assert answer.status_code == 200, (name, answer.status_code, answer.text)
            self._callers[name] = Caller(name, http, who)
        return self._callers[name]

    async def people(self, *accounts: str) -> list[Caller]:
        """Several of them."""
        return [await self.person(one) for one in accounts]

    async def system(self, organization: str, county: str | None = None) -> Caller:
        """A department's own system, by client credentials."""
        code = county or self.county
        name = f"system of {organization}@{code}"
        if name not in self._callers:
            who = next(
                one for one in self.access["clients"]
                if one["organization"] == organization and one["county"] == code
            )
            http = self._http({})
            http.headers["authorization"] = f"Bearer {await self.token(who)}"
            self._callers[name] = Caller(name, http, who)
        return self._callers[name]

    async def token(self, client: Mapping[str, Any]) -> str:
        """A fresh access token."""
        async with self._http({}) as http:
            answer = await http.post(
                "/oauth/token", data={"grant_type": "client_credentials"},
                auth=(client["client_id"], client["client_secret"]),
            )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def units(self, caller: Caller) -> dict[str, str]:
        """Organisation code → id."""
        return {one["code"]: one["id"] for one in await caller.pages("Organizations")}

    def sent(self) -> dict[str, int]:
        """How often each document was sent, by everybody together."""
        total = dict.fromkeys(DOCUMENTS, 0)
        for caller in self._callers.values():
            for name, count in caller.sent.items():
                total[name] += count
        return total

    async def close(self) -> None:
        """Give back connections."""
        for caller in self._callers.values():
            await caller.http.aclose()
        self._callers.clear()

    def _http(self, headers: Mapping[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=dict(headers), timeout=TIMEOUT, trust_env=False)
