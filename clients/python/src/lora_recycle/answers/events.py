"""Answers about what happens to a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .jobs import ResultEvaluation
from .tuning import TuningEvaluation


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job: one of its subclasses."""

    number: int
    """Its number, from 1 without gaps."""


@dataclass(frozen=True)
class StateEvent(JobEvent):
    """The job is in another state."""

    state: str
    """"queued", "running", "cancelling", "cancelled", "succeeded" or "failed"."""

    final: bool
    """Whether this is the last event."""

    meta_lora: Optional[str]
    """The id of the meta-LoRA that was made; None unless one was."""

    message: str
    """In words."""

    lora: Optional[str] = None
    """The id of the LoRA that was tuned; None unless one was."""


@dataclass(frozen=True)
class StageEvent(JobEvent):
    """The job is in another stage."""

    stage: str
    """"inverting", "distilling", "evaluating", "tuning" or "publishing"."""

    message: str
    """In words."""


@dataclass(frozen=True)
class UnitEvent(JobEvent):
    """Something became of a unit of work."""

    unit: int
    """Its number, from 0."""

    kind: str
    """"invert", "distill", "evaluate" or "tune"."""

    state: str
    """"queued", "running", "done", "failed" or "cancelled"."""

    attempt: int
    """Which start this is, from 1."""

    iteration: int
    """Iterations done, as last reported. A start after a worker's death goes on from its last checkpoint, which may be earlier."""

    message: str
    """In words."""


@dataclass(frozen=True)
class ProgressEvent(JobEvent):
    """A unit goes on."""

    unit: int
    """Its number, from 0."""

    kind: str
    """"invert", "distill", "evaluate" or "tune"."""

    iteration: int
    """Iterations done; an inversion sums them over its LoRAs, an evaluation counts images."""

    iterations: int
    """Iterations in total."""

    loss: Optional[float]
    """The latest loss; None where there is none."""


@dataclass(frozen=True)
class EvaluationEvent(JobEvent):
    """The result was evaluated."""

    evaluation: ResultEvaluation
    """Its accuracy, and that of the active meta-LoRA."""

    message: str
    """In words."""


@dataclass(frozen=True)
class TunedEvent(JobEvent):
    """A LoRA was tuned and tested."""

    tuning: TuningEvaluation
    """How it came out."""

    message: str
    """In words."""
