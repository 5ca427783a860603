"""Answers about recycling jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class JobsResponse:
    """Recycling jobs, latest first."""

    jobs: List[JobSummary]
    """At most as many as requested."""

    next: Optional[str]
    """Pass as ``before`` to get the next page; None on the last page."""


@dataclass(frozen=True)
class JobSummary:
    """A summary of a recycling job."""

    id: str
    """Its id."""

    state: str
    """"queued", "running", "cancelling", "cancelled", "succeeded" or "failed"."""

    stage: str
    """"waiting", "inverting", "distilling", "evaluating", "publishing" or "ended"."""

    meta_lora: str
    """The id of the resulting meta-LoRA."""

    created: datetime
    """When the job was accepted."""

    started: Optional[datetime]
    """When work on it began."""

    ended: Optional[datetime]
    """When the job ended."""

    error: Optional[str]
    """Why the job failed."""


@dataclass(frozen=True)
class JobResponse:
    """A recycling job."""

    job: JobSummary
    """The summary."""

    progress: StageProgress
    """Progress of the current stage."""

    units: List[UnitResponse]
    """Its units of work, in the order of the stages."""

    loras: List[JobLora]
    """The LoRAs it recycles, and what became of each."""

    losses: List[LossPoint]
    """A sample of the losses, at most 200."""

    evaluation: Optional[ResultEvaluation]
    """The accuracy of the result; None when not requested or not known yet."""

    activation: Optional[ActivationOutcome]
    """Whether the result became the active meta-LoRA; None until the result exists."""

    settings: JobSettings
    """All settings of the job."""

    log: List[LogLine]
    """The last lines of its log."""


@dataclass(frozen=True)
class StageProgress:
    """Progress of a stage."""

    iteration: int
    """Iterations done, summed over its units."""

    iterations: int
    """Iterations in total; 0 when not known."""

    loss: Optional[float]
    """The latest loss."""

    eta_seconds: Optional[float]
    """Seconds until the stage is done, at its speed so far; None when not known."""


@dataclass(frozen=True)
class UnitResponse:
    """A unit of work, which one worker does on one device."""

    number: int
    """Its number, from 0."""

    kind: str
    """"invert", "distill", "evaluate" or "tune"."""

    state: str
    """"waiting", "queued", "running", "done", "failed" or "cancelled"."""

    attempts: int
    """How often the unit was started."""

    worker: Optional[str]
    """The worker that started it last."""

    iteration: int
    """Iterations done; an inversion sums them over its LoRAs."""

    iterations: int
    """Iterations in total."""

    loss: Optional[float]
    """The latest loss."""

    started: Optional[datetime]
    """When its latest attempt started."""

    ended: Optional[datetime]
    """When its latest attempt ended."""

    error: Optional[str]
    """Why its last failed attempt failed."""


@dataclass(frozen=True)
class JobLora:
    """A LoRA of a job."""

    id: str
    """Its id."""

    name: Optional[str]
    """Its name when the job was accepted."""

    unit: int
    """The unit that inverts it."""

    best_loss: Optional[float]
    """The loss of its images; None until they exist."""

    set_aside: Optional[str]
    """Why it was left out; None unless it was."""


@dataclass(frozen=True)
class LossPoint:
    """One point of a loss curve."""

    unit: int
    """The unit's number."""

    kind: str
    """"invert" or "distill"."""

    iteration: int
    """The iteration."""

    loss: float
    """The loss."""


@dataclass(frozen=True)
class LogLine:
    """A line of the job's log."""

    time: datetime
    """When it happened."""

    message: str
    """What happened."""


@dataclass(frozen=True)
class JobSettings:
    """The settings of a job."""

    inversion: Dict[str, Any]
    """How LoRAs are inverted."""

    distillation: Dict[str, Any]
    """How the meta-LoRA is trained."""

    together: int
    """The most LoRAs in one batch."""

    minimum_loras: int
    """How many LoRAs must remain after diverging ones are set aside."""

    activate: str
    """"never", "always" or "ifBetter"."""


@dataclass(frozen=True)
class ResultEvaluation:
    """How well a meta-LoRA does, and the active one on the same episodes. Accuracies are fractions of 1."""

    data_set: str
    """The data set's name."""

    part: str
    """The part of its classes."""

    ways: int
    """Classes of an episode."""

    shots: int
    """Support images a class."""

    queries: int
    """Query images a class."""

    episodes: int
    """How many."""

    accuracy: float
    """The mean over the episodes."""

    interval95: float
    """Half the width of its 95 % interval."""

    active: str
    """The id of the one that was active then."""

    active_accuracy: float
    """Its mean accuracy."""

    active_interval95: float
    """Half the width of that interval."""


@dataclass(frozen=True)
class ActivationOutcome:
    """Whether the result of a job became the active meta-LoRA, and why."""

    activated: bool
    """Whether it did."""

    reason: str
    """In words."""


@dataclass(frozen=True)
class JobImagesResponse:
    """The synthetic images that a job has made so far."""

    images: List[JobImage]
    """The images, by number."""

    next: Optional[int]
    """Pass as ``from`` to get the next page; None when there is none yet."""


@dataclass(frozen=True)
class JobImage:
    """A synthetic image. Numbers are fixed when the job is accepted, and images appear as units end."""

    number: int
    """Its number."""

    lora: str
    """The id of the LoRA it was inverted from."""

    lora_name: Optional[str]
    """The name of that LoRA."""

    label: int
    """The class it shows, as an index into the LoRA's head."""

    class_: str
    """The name of that class."""

    image: str
    """The path of the image."""

    mask: str
    """The path of its mask; kept patches are white."""


@dataclass(frozen=True)
class DataSetsResponse:
    """The data sets on this server."""

    data_sets: List[DataSetEntry]
    """By name."""


@dataclass(frozen=True)
class DataSetEntry:
    """One data set."""

    name: str
    """What ``validation.dataSet`` names it."""

    parts: List[str]
    """What ``validation.part`` may be."""
