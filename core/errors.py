"""Errors that a client sees.

    AppError
    ├── BadRequest        400  malformed, too long, wrong type
    ├── Unauthorized      401
    ├── Forbidden         403
    ├── NotFound          404
    ├── Conflict          409
    ├── TooLarge          413
    ├── TooMany           429
    └── Unavailable       503

Each carries a snake_case ``code`` for programs and one Chinese sentence for people that says what to do.
"""

from typing import Any


class AppError(Exception):
    """An error with a status and a body fit for the client; never carries internals."""

    status = 500

    def __init__(self, code: str, message: str, *, field: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The ``{"error": {...}}`` object of every contract."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.field is not None:
            error["field"] = self.field
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        return {"error": error}


class BadRequest(AppError):
    status = 400


class Unauthorized(AppError):
    status = 401


class Forbidden(AppError):
    status = 403


class NotFound(AppError):
    status = 404


class Conflict(AppError):
    status = 409


class TooLarge(AppError):
    status = 413


class TooMany(AppError):
    status = 429


class Unavailable(AppError):
    status = 503
