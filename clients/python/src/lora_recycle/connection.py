"""Sends requests, and again when the service says that it is worth it."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional
from urllib.parse import quote, urlencode, urlsplit

from .form import Form
from .problem import ProblemError

_SHORTEST = 1.0  # seconds

# With these the service did nothing of the request; with other problems of the same status it may have begun.
_REFUSALS = {"too-many-requests", "queue-full", "too-many-jobs", "keys-unavailable"}


@dataclass
class Call:
    """One request, as often as it is sent."""

    method: str
    path: str
    form: Optional[Form] = None
    body: Optional[bytes] = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_safe: Optional[bool] = None
    """Whether doing it twice is as good as doing it once; what GET is by itself."""
    also: Optional[int] = None
    """A status besides those of success that is no problem."""
    silence: Optional[float] = None
    """The longest wait for the next bytes, in seconds, in place of the connection's."""

    def may_repeat(self, problem: ProblemError) -> bool:
        is_safe = self.method == "GET" if self.is_safe is None else self.is_safe
        return (
            problem.status in (429, 503)
            and (self.form is None or self.form.can_repeat)
            and (is_safe or problem.code in _REFUSALS)
        )


class Connection:
    """Where the service is, and how patient its clients are."""

    def __init__(self, url: str, key: Optional[str], retry_for: float, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"Expected an address such as http://127.0.0.1:8080; found {url!r}.")
        self._open = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._key, self._timeout = key, timeout
        self.retry_for = retry_for

    @contextmanager
    def send(self, call: Call) -> Iterator[http.client.HTTPResponse]:
        """An answer of success, whose body is not read yet."""
        waited = 0.0
        while True:
            connection = self._open(self._host, self._port, timeout=call.silence or self._timeout)
            try:
                response = self._exchange(connection, call)
                if 200 <= response.status < 300 or response.status == call.also:
                    yield response
                    return
                problem = ProblemError.read(response)
            finally:
                connection.close()
            wait = max(problem.retry_after or 0.0, _SHORTEST)
            waited += wait
            if problem.retry_after is None or not call.may_repeat(problem) or waited > self.retry_for:
                raise problem
            time.sleep(wait)

    def read_json(self, call: Call) -> Any:
        with self.send(call) as response:
            return json.loads(response.read())

    def read_bytes(self, path: str) -> bytes:
        with self.send(Call("GET", path)) as response:
            return response.read()

    def do(self, call: Call) -> None:
        with self.send(call):
            pass

    def pages(self, page: Callable[[Optional[str]], str], items: str) -> Iterator[Any]:
        """The items of a list, from its first page to its last, each asked for when it is needed."""
        mark: Optional[str] = None
        while True:
            answer = self.read_json(Call("GET", page(mark)))
            yield from answer[items]
            if answer["next"] is None:
                return
            mark = str(answer["next"])

    def _exchange(self, connection: http.client.HTTPConnection, call: Call) -> http.client.HTTPResponse:
        headers: Dict[str, str] = {**call.headers}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        body: Any = call.body
        is_chunked = False
        if call.form is not None:
            body = iter(call.form)
            headers["Content-Type"] = call.form.content_type
            length = call.form.length()
            is_chunked = length is None
            if is_chunked:
                headers["Transfer-Encoding"] = "chunked"
            else:
                headers["Content-Length"] = str(length)
        elif call.body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(call.method, f"{self._prefix}/{call.path}", body, headers, encode_chunked=is_chunked)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a service that refuses a large body hangs up, and has said why
        return connection.getresponse()


def path_of(*parts: object) -> str:
    """A path of parts that may have any characters."""
    texts: List[str] = [str(part) for part in parts]
    if not all(texts):
        raise ValueError("Expected an id; found an empty text.")
    return "/".join(quote(text, safe="") for text in texts)


def query_of(**parameters: Optional[object]) -> str:
    """Of the parameters those that have a value, with the question mark."""
    given = {name.rstrip("_"): value for name, value in parameters.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""
