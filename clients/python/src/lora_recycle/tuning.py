"""Tuning: jobs that make one LoRA of labelled images, for the market."""

from __future__ import annotations

import json
from typing import Any, Iterator, Mapping, Optional

from . import answers
from .connection import Call, Connection, path_of, query_of
from .events import follow
from .form import Form, Support


class Tuning:
    """``client.tune``.

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> job = client.tune.start(
    ...     {"cup": ["samples/cup/image_0046.jpg"], "chair": ["samples/chair/image_0051.jpg"]},
    ...     name="kitchen",
    ...     options={"steps": 2, "objective": "prototypes"},
    ... )
    >>> ended = client.tune.wait(job.id)
    >>> ended.job.state, client.loras.get(ended.job.lora).lora.name
    ('succeeded', 'kitchen')
    >>> client.tune.methods().methods[0].idea
    'Two thin factors beside each layer.'
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(
        self,
        support: Support,
        name: Optional[str] = None,
        method: Optional[str] = None,
        held_out: Optional[float] = None,
        options: Optional[Mapping[str, Any]] = None,
    ) -> answers.TuneJobSummary:
        """Starts a job; the service checks the whole request before it accepts it. What is None is left to the service.

        :param support: The images by class, of at least 2 classes.
        :param name: The LoRA's name in the market.
        :param method: One of ``methods``; plain LoRA by default.
        :param held_out: The share of each class's images to keep from tuning and test with, at least 0 and less than 1.
        :param options: Settings that count instead of the method's, by their names: ``{"steps": 100}``.
        """
        return self._start(Form().support(support), name, method, held_out, options)

    def start_from_task(
        self,
        task: str,
        name: Optional[str] = None,
        method: Optional[str] = None,
        held_out: Optional[float] = None,
        options: Optional[Mapping[str, Any]] = None,
    ) -> answers.TuneJobSummary:
        """Starts a job on the images of a stored task, which are copied; the rest is as in ``start``.

        :param task: The task's id.
        """
        return self._start(Form().field("task", task), name, method, held_out, options)

    def methods(self) -> answers.TuneMethodsResponse:
        """Lists the ways to tune, each with a sentence, its paper and its settings."""
        return answers.build(answers.TuneMethodsResponse, self._connection.read_json(Call("GET", "tune/methods")))

    def list(self, limit: int = 50) -> Iterator[answers.TuneJobSummary]:
        """Lists jobs, latest first, ``limit`` (1 to 200) with one request."""
        for one in self._connection.pages(lambda before: f"tune{query_of(limit=limit, before=before)}", "jobs"):
            yield answers.build(answers.TuneJobSummary, one)

    def get(self, id: str) -> answers.TuneJobResponse:
        """Gets the progress and the result of a job."""
        return answers.build(answers.TuneJobResponse, self._connection.read_json(Call("GET", path_of("tune", id))))

    def follow(self, id: str, after: int = 0) -> Iterator[answers.JobEvent]:
        """Follows a job to its end, event by event, over broken connections and restarts of the service.

        :param after: The number of the last event that is known already.
        :returns: Each event once, in order; the last one is a ``StateEvent`` that is final.
        :raises ConnectionError: The service was away for longer than the client's ``retry_for``.
        """
        return follow(self._connection, "tune", id, after)

    def wait(self, id: str) -> answers.TuneJobResponse:
        """Waits for a job to end: look at its state then."""
        for _ in self.follow(id):
            pass
        return self.get(id)

    def delete(self, id: str) -> Optional[answers.TuneJobSummary]:
        """Cancels an active job, or removes an ended one. The LoRA that it made stays in the market.

        :returns: The job, which ends within a second or two; None for an ended one, which is gone.
        """
        with self._connection.send(Call("DELETE", path_of("tune", id))) as response:
            if response.status == 204:
                return None
            return answers.build(answers.TuneJobSummary, json.loads(response.read()))

    def _start(
        self,
        form: Form,
        name: Optional[str],
        method: Optional[str],
        held_out: Optional[float],
        options: Optional[Mapping[str, Any]],
    ) -> answers.TuneJobSummary:
        form.field("name", name).field("method", method).field("heldOut", held_out)
        form.field("options", None if options is None else json.dumps(options))
        return answers.build(answers.TuneJobSummary, self._connection.read_json(Call("POST", "tune", form=form)))
