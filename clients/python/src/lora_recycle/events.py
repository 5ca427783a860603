"""Server-sent events of a job, over as many connections as it takes."""

from __future__ import annotations

import http.client
import json
import time
from typing import IO, Any, Dict, Iterator, NamedTuple, Optional, Type

from . import answers
from .connection import Call, Connection, path_of
from .problem import ProblemError

_LONGEST_SILENCE = 60.0  # seconds: four times as long as the service is ever silent

_KINDS: Dict[str, Type[answers.JobEvent]] = {
    "state": answers.StateEvent,
    "stage": answers.StageEvent,
    "unit": answers.UnitEvent,
    "progress": answers.ProgressEvent,
    "evaluation": answers.EvaluationEvent,
    "tuned": answers.TunedEvent,
}


class ServerSentEvent(NamedTuple):
    id: str
    kind: str
    data: str
    retry: Optional[float]
    """Seconds to wait before connecting again; None where it is not said."""


def read_events(lines: IO[bytes]) -> Iterator[ServerSentEvent]:
    """Reads ``text/event-stream``. An event that is not followed by an empty line is not whole, and is dropped."""
    fields: Dict[str, str] = {}
    for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
        elif "data" in fields:
            retry = fields.get("retry", "")
            yield ServerSentEvent(
                fields.get("id", ""),
                fields.get("event", ""),
                fields["data"],
                int(retry) / 1000 if retry.isdigit() else None,
            )
            fields = {}


def follow(connection: Connection, root: str, job: str, after: int) -> Iterator[answers.JobEvent]:
    """Every event after a number once, in order, to the final one."""
    was_there, come_again, away = False, 1.0, 0.0
    while True:
        lost: Optional[Exception] = None
        headers = {"Last-Event-ID": str(after)} if after else {}
        call = Call("GET", path_of(root, job, "events"), headers=headers, silence=_LONGEST_SILENCE)
        try:
            with connection.send(call) as response:
                was_there = True
                if response.status == 204:
                    return
                for one in read_events(response):
                    after, away = int(one.id), 0.0
                    come_again = come_again if one.retry is None else one.retry
                    event = _event(one)
                    if event is not None:
                        yield event
                    if isinstance(event, answers.StateEvent) and event.final:
                        return
        except (OSError, http.client.HTTPException, ProblemError) as error:
            # A proxy in front of a service that restarts answers in its place. An address at which nobody ever answered
            # is wrong, rather than away.
            is_away = not isinstance(error, ProblemError) or error.status in (502, 503, 504)
            if not was_there or not is_away:
                raise
            lost = error
        away += come_again
        if away > connection.retry_for:
            raise ConnectionError(f"The events of job {job} ended after number {after}, and no more came.") from lost
        time.sleep(come_again)


def _event(one: ServerSentEvent) -> Optional[answers.JobEvent]:
    kind = _KINDS.get(one.kind)
    if kind is None:
        return None  # of a newer service
    data: Any = json.loads(one.data)
    return answers.build(kind, {**data, "number": int(one.id)})
