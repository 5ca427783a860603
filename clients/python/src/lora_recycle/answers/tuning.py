"""Answers about tuning jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional

from .jobs import LogLine, LossPoint, StageProgress, UnitResponse


@dataclass(frozen=True)
class TuneMethodsResponse:
    """The ways to tune."""

    methods: List[TuneMethod]
    """In the order of docs/tuners.md."""


@dataclass(frozen=True)
class TuneMethod:
    """A published way to tune a LoRA."""

    name: str
    """What ``method`` names it."""

    title: str
    """Its name in tables."""

    idea: str
    """What it does, in a sentence."""

    paper: str
    """Where it was published."""

    settings: Dict[str, Any]
    """All settings that it gives, which ``options`` may change."""


@dataclass(frozen=True)
class TuneJobsResponse:
    """Tuning jobs, latest first."""

    jobs: List[TuneJobSummary]
    """At most as many as requested."""

    next: Optional[str]
    """Pass as ``before`` to get the next page; None on the last page."""


@dataclass(frozen=True)
class TuneJobSummary:
    """A summary of a tuning job."""

    id: str
    """Its id."""

    state: str
    """"queued", "running", "cancelling", "cancelled", "succeeded" or "failed"."""

    stage: str
    """"waiting", "tuning", "publishing" or "ended"."""

    name: str
    """The LoRA's name in the market."""

    lora: Optional[str]
    """The LoRA's id in the market; None until the job has succeeded."""

    created: datetime
    """When the job was accepted."""

    started: Optional[datetime]
    """When work on it began."""

    ended: Optional[datetime]
    """When the job ended."""

    error: Optional[str]
    """Why the job failed."""


@dataclass(frozen=True)
class TuneJobResponse:
    """A tuning job."""

    job: TuneJobSummary
    """The summary."""

    progress: StageProgress
    """Steps of the current stage."""

    units: List[UnitResponse]
    """Its units of work: one."""

    classes: List[TunedClass]
    """What the LoRA learns to tell apart, in the order of its head."""

    losses: List[LossPoint]
    """A sample of the losses, at most 200."""

    evaluation: Optional[TuningEvaluation]
    """How well the LoRA does; None until it is tuned."""

    settings: TuneJobSettings
    """All settings of the job."""

    log: List[LogLine]
    """The last lines of its log."""


@dataclass(frozen=True)
class TunedClass:
    """A class that a LoRA is tuned on."""

    label: str
    """Its label."""

    images: int
    """How many images it has, those that are held out included."""


@dataclass(frozen=True)
class TuningEvaluation:
    """How well a LoRA tells its classes apart with its own head, as it is stored. Accuracies are fractions of 1."""

    train_images: int
    """How many images it was tuned on."""

    train_accuracy: float
    """Its accuracy on these."""

    held_out_images: int
    """How many images were held out."""

    held_out_accuracy: Optional[float]
    """Its accuracy on these; None where there are none."""

    final_loss: float
    """The mean loss of the last tenth of the steps."""

    lost: float
    """What the LoRA lacks of what was tuned, in the layer that lacks most, relative to its change."""

    seconds: float
    """What the last start of the job took."""


@dataclass(frozen=True)
class TuneJobSettings:
    """The settings of a tuning job."""

    task: Optional[str]
    """The stored task that its images were copied from; None where they were sent."""

    held_out: float
    """The share of each class's images that is kept from tuning."""

    tuning: Dict[str, Any]
    """How the LoRA is tuned."""
