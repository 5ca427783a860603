"""Recycling: jobs that make one meta-LoRA of many LoRAs."""

from __future__ import annotations

import json
from typing import Any, Iterable, Iterator, Mapping, Optional

from . import answers
from .connection import Call, Connection, path_of, query_of
from .events import follow


class Recycling:
    """``client.recycle``.

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> loras = [lora.id for lora in client.loras.list(origin="shipped")][:2]
    >>> job = client.recycle.start(
    ...     loras=loras,
    ...     inversion={"iterations": 2, "imagesPerClass": 2},
    ...     distillation={"iterations": 2, "queries": 1, "episodesPerStep": 1},
    ... )
    >>> for event in client.recycle.follow(job.id):
    ...     if isinstance(event, lora_recycle.answers.StageEvent):
    ...         print(event.stage)
    inverting
    distilling
    publishing
    >>> client.recycle.get(job.id).job.state
    'succeeded'
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(
        self,
        loras: Optional[Iterable[str]] = None,
        filter: Optional[Mapping[str, Any]] = None,
        name: Optional[str] = None,
        seed: int = 0,
        inversion: Optional[Mapping[str, Any]] = None,
        distillation: Optional[Mapping[str, Any]] = None,
        together: Optional[int] = None,
        minimum_loras: Optional[int] = None,
        activate: Optional[str] = None,
        validation: Optional[Mapping[str, Any]] = None,
    ) -> answers.JobSummary:
        """Starts a job; the service checks the whole request before it accepts it. What is None is left to the service.

        :param loras: The ids of the LoRAs; or
        :param filter: conditions that select them: any of ``name``, ``family``, ``rank`` and ``origin``.
        :param name: The id of the resulting meta-LoRA.
        :param seed: The seed of both stages.
        :param inversion: How LoRAs are inverted, by the names of the settings: ``{"iterations": 400}``.
        :param distillation: How the meta-LoRA is trained, by the names of the settings: ``{"rank": 8}``.
        :param together: The most LoRAs to invert in one batch, 1 to 64.
        :param minimum_loras: How many LoRAs must remain after those whose inversion diverges are set aside.
        :param activate: "never", "always", or "ifBetter" (than the active one, on the validation set).
        :param validation: The episodes on which to evaluate the result: ``{"dataSet": "caltech101-72"}``.
        """
        request = {
            "loras": None if loras is None else list(loras),
            "filter": filter,
            "name": name,
            "seed": seed,
            "inversion": inversion,
            "distillation": distillation,
            "together": together,
            "minimumLoras": minimum_loras,
            "activate": activate,
            "validation": validation,
        }
        given = {member: value for member, value in request.items() if value is not None}
        call = Call("POST", "recycle", body=json.dumps(given).encode())
        return answers.build(answers.JobSummary, self._connection.read_json(call))

    def list(self, limit: int = 50) -> Iterator[answers.JobSummary]:
        """Lists jobs, latest first, ``limit`` (1 to 200) with one request."""
        for one in self._connection.pages(lambda before: f"recycle{query_of(limit=limit, before=before)}", "jobs"):
            yield answers.build(answers.JobSummary, one)

    def get(self, id: str) -> answers.JobResponse:
        """Gets the progress and the result of a job."""
        return answers.build(answers.JobResponse, self._connection.read_json(Call("GET", path_of("recycle", id))))

    def follow(self, id: str, after: int = 0) -> Iterator[answers.JobEvent]:
        """Follows a job to its end, event by event, over broken connections and restarts of the service.

        :param after: The number of the last event that is known already.
        :returns: Each event once, in order; the last one is a ``StateEvent`` that is final.
        :raises ConnectionError: The service was away for longer than the client's ``retry_for``.
        """
        return follow(self._connection, "recycle", id, after)

    def wait(self, id: str) -> answers.JobResponse:
        """Waits for a job to end: look at its state then."""
        for _ in self.follow(id):
            pass
        return self.get(id)

    def delete(self, id: str) -> Optional[answers.JobSummary]:
        """Cancels an active job, or removes an ended one and its files. The meta-LoRA that it made stays.

        :returns: The job, which ends within a second or two; None for an ended one, which is gone.
        """
        with self._connection.send(Call("DELETE", path_of("recycle", id))) as response:
            if response.status == 204:
                return None
            return answers.build(answers.JobSummary, json.loads(response.read()))

    def images(self, id: str, from_: int = 0, limit: int = 200) -> Iterator[answers.JobImage]:
        """Lists the synthetic images that a job has made so far, from a number, ``limit`` with one request."""
        path = path_of("recycle", id, "images")
        for one in self._connection.pages(lambda mark: f"{path}{query_of(from_=mark or from_, limit=limit)}", "images"):
            yield answers.build(answers.JobImage, one)

    def image(self, id: str, number: int) -> bytes:
        """Gets a synthetic image, as PNG."""
        return self._connection.read_bytes(path_of("recycle", id, "images", f"{number}.png"))

    def mask(self, id: str, number: int, masked: Optional[float] = None) -> bytes:
        """Gets the mask of a synthetic image, as PNG: kept patches are white.

        :param masked: The share of patches to mask; None for those that token pruning dropped, or half where it dropped none.
        """
        return self._connection.read_bytes(path_of("recycle", id, "masks", f"{number}.png") + query_of(masked=masked))

    def data_sets(self) -> answers.DataSetsResponse:
        """Lists the data sets on which a result can be evaluated."""
        return answers.build(answers.DataSetsResponse, self._connection.read_json(Call("GET", "data-sets")))
