"""What the service refuses, and why."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from typing import Optional


class ProblemError(Exception):
    """The service refused a request, or failed at it: problem details (RFC 9457).

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> try:
    ...     client.classify({"cup": [b"no image"], "chair": ["samples/chair/image_0051.jpg"]}, [b"..."])
    ... except lora_recycle.ProblemError as problem:
    ...     print(problem.status, problem.code, problem.field)
    415 unsupported-image-format support[cup][0]
    """

    def __init__(
        self,
        message: str,
        status: int,
        code: Optional[str] = None,
        field: Optional[str] = None,
        title: Optional[str] = None,
        detail: Optional[str] = None,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status."""
        self.code = code
        """The kind of problem, for programs; None when something between sent the answer, such as a proxy."""
        self.field = field
        """The part of the request at fault, such as ``support[cup][2]``; None when no single part is."""
        self.title = title
        """What the code means, in a few words."""
        self.detail = detail
        """What was expected and what was found."""
        self.request_id = request_id
        """The id of the request, as in the service's log."""
        self.retry_after = retry_after
        """Seconds until it is worth trying again, as the service says; None when it does not."""

    @classmethod
    def read(cls, response: HTTPResponse) -> ProblemError:
        """Makes one of an answer."""
        retry_after = _seconds(response.getheader("Retry-After"))
        request_id = response.getheader("X-Request-Id")
        if not (response.getheader("Content-Type") or "").startswith("application/problem+json"):
            message = f"The service answered {response.status} {response.reason}, without saying why."
            return cls(message, response.status, request_id=request_id, retry_after=retry_after)
        details = json.loads(response.read())
        code, field, detail = details.get("code"), details.get("field"), details.get("detail")
        at = f", at {field}" if field else ""
        return cls(
            f"{detail or details.get('title')} ({response.status} {code}{at})",
            response.status,
            code,
            field,
            details.get("title"),
            detail,
            details.get("requestId", request_id),
            retry_after,
        )


def _seconds(header: Optional[str]) -> Optional[float]:
    if header is None:
        return None
    if header.isdigit():
        return float(header)
    try:
        return (parsedate_to_datetime(header) - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError):
        return None
