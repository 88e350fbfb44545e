"""How long a report takes while 16 phones report at once, over HTTP, against a running demo.

    .venv/bin/python bench/report_case.py [--access .gridloom/demo-access.json] [--phones 16] [--reports 400]

Prints median, 95th and 99th percentile in milliseconds; a run with any answer but a clean one is void.
"""

import argparse
import asyncio
import json
import statistics
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

REPORT = """mutation($input: ReportCaseInput!) { reportCase(input: $input) {
  case { id number status } trackingCode replayed problems { code message } } }"""


async def sign_in(url: str, account: dict[str, Any]) -> httpx.AsyncClient:
    """A phone that is signed in."""
    phone = httpx.AsyncClient(base_url=url, headers={"origin": url}, timeout=30)
    answer = await phone.post("/auth/sign-in", json={name: account[name] for name in ("county", "account", "password")})
    answer.raise_for_status()
    return phone


async def report(phone: httpx.AsyncClient, took: list[float]) -> None:
    """One report of a grid member's own grid."""
    body = {"query": REPORT, "variables": {"input": {
        "key": str(uuid.uuid4()), "description": f"压测上报 {uuid.uuid4()}", "workItemCode": "C-13",
    }}}
    started = time.perf_counter()
    answer = await phone.post("/graphql", json=body)
    took.append((time.perf_counter() - started) * 1000)
    payload = answer.json()
    if answer.status_code != 200 or "errors" in payload or payload["data"]["reportCase"]["problems"]:
        raise SystemExit(f"void: {answer.status_code} {payload}")


async def main(content: dict[str, Any], phones: int, reports: int) -> None:
    """Warm up, measure, print."""
    members = [one for one in content["accounts"] if one["role"] == "grid_member" and one["county"] == content["county"]]
    clients = [await sign_in(content["url"], members[number % len(members)]) for number in range(phones)]
    warm: list[float] = []
    await asyncio.gather(*(report(client, warm) for client in clients))
    took: list[float] = []
    share = reports // phones

    async def work(client: httpx.AsyncClient) -> None:
        for _ in range(share):
            await report(client, took)

    started = time.perf_counter()
    await asyncio.gather(*(work(client) for client in clients))
    spent = time.perf_counter() - started
    cuts = statistics.quantiles(took, n=100)
    print(f"{phones} phones, {len(took)} reports in {spent:.1f} s: {len(took) / spent:.0f}/s")
    print(f"median {statistics.median(took):.0f} ms, p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms")
    for client in clients:
        await client.aclose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--access", type=Path, default=Path(".gridloom/demo-access.json"))
    parser.add_argument("--phones", type=int, default=16)
    parser.add_argument("--reports", type=int, default=400)
    given = parser.parse_args()
    asyncio.run(main(json.loads(given.access.read_text(encoding="utf-8")), given.phones, given.reports))
