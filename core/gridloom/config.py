"""Settings of one installation, read once from the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

SECRET_BYTES = 32
Accepted = Literal["any", "persisted"]
"""Which GraphQL documents a signed-in browser may send: any, or those that came with the web app's build."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process must know before it can start.

    `database_url` is the owner's URL (it migrates and creates the other roles); the other roles' passwords are
    derived from `secret_key`, so nothing else has to be kept.
    """

    database_url: str
    redis_url: str
    secret_key: bytes
    data_dir: Path
    public_url: str = "http://localhost:8000"
    production: bool = False
    web_dir: Path | None = None
    documents: Accepted = "any"

    @property
    def files_dir(self) -> Path:
        """Where the bytes of attachments lie; every web process and worker must see the same folder."""
        return self.data_dir / "files"

    @classmethod
    def from_environment(cls, data_dir: Path | None = None) -> "Settings":
        """Read GRIDLOOM_DATABASE_URL, GRIDLOOM_REDIS_URL, GRIDLOOM_SECRET_KEY (hex), GRIDLOOM_DATA, GRIDLOOM_PUBLIC_URL,
        GRIDLOOM_PRODUCTION, GRIDLOOM_WEB, GRIDLOOM_DOCUMENTS. Raises KeyError when a server's URL is missing, ValueError for
        another word than any or persisted."""
        folder = data_dir or Path(os.environ.get("GRIDLOOM_DATA", ".gridloom"))
        web = os.environ.get("GRIDLOOM_WEB")
        return cls(
            database_url=os.environ["GRIDLOOM_DATABASE_URL"],
            redis_url=os.environ["GRIDLOOM_REDIS_URL"],
            secret_key=_secret_key(folder),
            data_dir=folder,
            public_url=os.environ.get("GRIDLOOM_PUBLIC_URL", "http://localhost:8000"),
            production=os.environ.get("GRIDLOOM_PRODUCTION", "") == "1",
            web_dir=Path(web) if web else None,
            documents=_accepted(os.environ.get("GRIDLOOM_DOCUMENTS", "any")),
        )


def _accepted(word: str) -> Accepted:
    for known in get_args(Accepted):
        if word == known:
            accepted: Accepted = known
            return accepted
    raise ValueError(f"GRIDLOOM_DOCUMENTS is any or persisted, not {word}")


def _secret_key(folder: Path) -> bytes:
    """The installation's master key: from the environment, else a file of the data folder made on first use."""
    configured = os.environ.get("GRIDLOOM_SECRET_KEY")
    if configured:
        return bytes.fromhex(configured)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "secret.key"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(file.read_text(encoding="ascii").strip())
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        key = secrets.token_bytes(SECRET_BYTES)
        handle.write(key.hex())
    return key
