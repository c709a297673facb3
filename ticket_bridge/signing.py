"""Standard Webhooks signatures with several secrets: the first signs, any verifies."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core.ids import new_id


class BadSignature(Exception):
    """Missing, wrong or stale (more than 300 seconds off)."""


def secrets_of(setting: str) -> list[str]:
    """The secrets in a setting, separated by spaces. Raises ValueError when there is none or one is malformed."""
    secrets = setting.split()
    if not secrets:
        raise ValueError("no dispatch secret is set")
    for secret in secrets:
        try:
            base64.b64decode(secret.removeprefix("whsec_") + "==")
        except binascii.Error as error:
            raise ValueError("a dispatch secret is not whsec_ followed by base64") from error
    return secrets


def signed_headers(secrets: Sequence[str], body: str, webhook_id: str | None = None) -> dict[str, str]:
    """The three headers for ``body``."""
    identity, moment = webhook_id or f"msg_{new_id()}", datetime.now(UTC)
    signature = Webhook(secrets[0]).sign(identity, moment, body)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> str:
    """The ``webhook-id`` of a correctly signed ``body``. Raises BadSignature."""
    lowered = {name.lower(): value for name, value in headers.items()}
    for secret in secrets:
        try:
            Webhook(secret).verify(body, lowered, json_parse=False)
            return lowered["webhook-id"]
        except WebhookVerificationError:
            continue
        except (ValueError, KeyError, UnicodeError) as error:  # odd headers make the library raise what it meets
            raise BadSignature from error
    raise BadSignature
