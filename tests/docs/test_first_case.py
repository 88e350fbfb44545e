"""docs/first-case.md: its commands, as they stand there, carry a case from the report to its end."""

import json
from pathlib import Path

from tests.docs.pages import bash

STEPS = [
    "reportCase", "acceptCase", "routeCase", "signAssignment", "reportIn", "completeAssignment", "verifyCase", "callBack",
    "closeCase",
]  # fmt: skip


async def test_the_first_case_goes_its_whole_way(access_file: Path, tmp_path: Path) -> None:
    printed = (await bash("first-case.md", access_file, tmp_path)).splitlines()
    assert "True" in printed
    assert "SAME_PERSON" in printed
    answers = [json.loads(line) for line in printed if line.startswith('{"data"')]
    problems = [
        payload["problems"] for answer in answers for payload in answer["data"].values()
        if isinstance(payload, dict) and "problems" in payload
    ]  # fmt: skip
    assert problems == [[]] * len(STEPS)
    told = answers[-1]["data"]["case"]
    assert told["status"] == "CLOSED"
    assert [entry["step"] for entry in told["timeline"]["nodes"]] == STEPS
