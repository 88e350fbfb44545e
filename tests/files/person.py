"""What somebody with a browser does with files."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from tests.support.county import County

PASSWORD = "correct horse battery"
_keys = count(1)


@dataclass
class Person:
    """Somebody signed in."""

    county: County
    http: httpx.AsyncClient
    id: UUID

    async def send(self, data: bytes, name: str = "现场.jpg", key: str | None = None, **more: Any) -> httpx.Response:
        """Upload one file."""
        fields = {"key": key} if key is not None else {}
        return await self.http.post("/files", data=fields, files={"file": (name, data, "image/jpeg")}, **more)

    async def file(self, data: bytes, name: str = "现场.jpg") -> str:
        """Upload one that must be taken; its id."""
        answer = await self.send(data, name)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        return found

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a document that must succeed."""
        answer = await self.http.post("/graphql", json={"query": document, "variables": variables})
        found: dict[str, Any] = answer.json()
        assert "errors" not in found, found
        data: dict[str, Any] = found["data"]
        return data

    async def step(self, name: str, selection: str, **values: Any) -> dict[str, Any]:
        """One step; its payload."""
        values.setdefault("key", f"files-{next(_keys)}")
        kind = name[0].upper() + name[1:] + "Input"
        document = f"mutation($i: {kind}!) {{ {name}(input: $i) {{ {selection} problems {{ code path }} }} }}"
        payload: dict[str, Any] = (await self.ask(document, i=values))[name]
        return payload

    async def report(self, files: list[str], item: str = "C-13", **more: Any) -> str:
        """A report with files; the case's id."""
        payload = await self.step(
            "reportCase", "case { id }", description="试验上报", workItemCode=item, attachmentIds=files, **more
        )
        assert payload["problems"] == [], payload
        found: str = payload["case"]["id"]
        return found
