"""Encryption of personal fields: SM4-GCM with one data key per county (GB/T 32907), HMAC-SM3 for blind indexes (GB/T 32905).

A sealed value is text: `<key id>.<base64url(nonce + ciphertext + tag)>`. The additional data are county, table, column and
row, so a value that is moved to another place does not open.
"""

import base64
import os
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TAG_BYTES = 16


class Tampered(Exception):
    """A sealed value does not belong where it was found, or was altered."""


class CryptoProvider(Protocol):
    """One authenticated cipher; `name` is part of every key id."""

    name: str
    key_bytes: int

    def encrypt(self, key: bytes, plain: bytes, aad: bytes) -> bytes: ...

    def decrypt(self, key: bytes, sealed: bytes, aad: bytes) -> bytes: ...


class Sm4Gcm:
    """SM4 in GCM mode, the default."""

    name = "sm4"
    key_bytes = 16

    def encrypt(self, key: bytes, plain: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        body = encryptor.update(plain) + encryptor.finalize()
        return nonce + body + encryptor.tag

    def decrypt(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        nonce, body, tag = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-TAG_BYTES], sealed[-TAG_BYTES:]
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(aad)
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as error:
            raise Tampered("sealed value does not open here") from error


class AesGcm:
    """AES-256-GCM, the alternative for installations without SM4."""

    name = "aes"
    key_bytes = 32

    def encrypt(self, key: bytes, plain: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, aad)

    def decrypt(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except InvalidTag as error:
            raise Tampered("sealed value does not open here") from error


PROVIDERS: dict[str, CryptoProvider] = {"sm4": Sm4Gcm(), "aes": AesGcm()}


def derive(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose out of the installation's master key (HKDF, SHA-256)."""
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose.encode()).derive(secret)


def hmac_sm3(key: bytes, text: str) -> str:
    """Keyed digest of a text, 64 hexadecimal digits."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(text.encode())
    return mac.finalize().hex()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives; it opens nowhere else."""

    tenant: UUID
    table: str
    column: str
    row: UUID

    def aad(self) -> bytes:
        """Bytes that bind a value to this place."""
        return f"{self.tenant}|{self.table}|{self.column}|{self.row}".encode()


class CountyCipher:
    """Seals and opens the personal fields of one county. `keys`: key id → data key; `current` seals."""

    def __init__(self, keys: dict[str, bytes], current: str, index_key: bytes) -> None:
        self._keys = keys
        self._current = current
        self._index_key = index_key

    def seal(self, plain: str, place: Place) -> str:
        """The sealed text of a value at its place."""
        provider = PROVIDERS[self._current.split("-")[0]]
        body = provider.encrypt(self._keys[self._current], plain.encode(), place.aad())
        return f"{self._current}.{base64.urlsafe_b64encode(body).decode()}"

    def open(self, sealed: str, place: Place) -> str:
        """The clear value. Raises `Tampered` for an altered or moved value, KeyError for a retired key."""
        key_id, _, body = sealed.partition(".")
        provider = PROVIDERS[key_id.split("-")[0]]
        return provider.decrypt(self._keys[key_id], base64.urlsafe_b64decode(body), place.aad()).decode()

    def blind_index(self, value: str) -> str:
        """Equal values give equal digests within the county and nothing else."""
        return hmac_sm3(self._index_key, value.strip().lower())

    def keyed_digest(self, purpose: str, text: str) -> str:
        """A digest nobody without the county's key can make; for codes handed to citizens."""
        return hmac_sm3(self._index_key, f"{purpose}|{text}")


def new_data_key(master: bytes, tenant: UUID, provider: str = "sm4") -> tuple[str, str]:
    """A fresh data key: (key id, the key wrapped by the master key)."""
    cipher = PROVIDERS[provider]
    key_id = f"{provider}-{os.urandom(4).hex()}"
    wrapped = PROVIDERS["aes"].encrypt(derive(master, "wrap"), os.urandom(cipher.key_bytes), f"{tenant}|{key_id}".encode())
    return key_id, base64.urlsafe_b64encode(wrapped).decode()


def unwrap_data_key(master: bytes, tenant: UUID, key_id: str, wrapped: str) -> bytes:
    """The data key itself. Raises `Tampered` when it was wrapped for another county or by another master key."""
    body = base64.urlsafe_b64decode(wrapped)
    return PROVIDERS["aes"].decrypt(derive(master, "wrap"), body, f"{tenant}|{key_id}".encode())
