"""Answers about stored tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import List, Optional


@dataclass(frozen=True)
class TasksResponse:
    """A page of stored tasks, in the order in which they were stored."""

    tasks: List[TaskSummary]
    """The tasks."""

    next: Optional[str]
    """Pass as ``after`` to get the next page; None on the last page."""


@dataclass(frozen=True)
class TaskSummary:
    """A stored task, without its contents."""

    id: str
    """Its id."""

    name: Optional[str]
    """Its name; None when it has none."""

    meta_lora: str
    """The meta-LoRA it uses: "default" (whichever is active), "none", or an id."""

    reject: Optional[float]
    """The share of known queries that may be rejected; None for no rejection."""

    classes: int
    """The number of classes."""

    images: int
    """The number of images."""

    bytes: int
    """The size of its images."""

    created: datetime
    """When it was stored."""

    updated: datetime
    """When it was last changed."""


@dataclass(frozen=True)
class TaskResponse:
    """A stored task."""

    task: TaskSummary
    """The summary."""

    classes: List[TaskClass]
    """Its classes."""

    embedded: TaskEmbedding
    """The meta-LoRA its embeddings were made with."""

    etag: Optional[str] = field(default=None, metadata={"header": "ETag"})
    """The version that this is, for ``if_match``."""


@dataclass(frozen=True)
class TaskClass:
    """A class of a stored task."""

    label: str
    """Its label."""

    images: List[TaskImage]
    """Its images, in the order in which they were added."""


@dataclass(frozen=True)
class TaskImage:
    """An image of a stored task."""

    id: int
    """Its id, as used in ``dropImages``; never reused within the task."""

    sha256: str
    """SHA-256 of the file that was sent."""

    bytes: int
    """The size of the file."""


@dataclass(frozen=True)
class TaskEmbedding:
    """The meta-LoRA that the embeddings of a stored task were made with."""

    meta_lora: str
    """The id of the meta-LoRA; "none" for the bare model."""

    meta_lora_revision: Optional[str]
    """SHA-256 over its files; None for the bare model."""

    current: bool
    """Whether the task still uses that meta-LoRA. If not, the next use of the task recomputes the embeddings; until
    then, it answers with these."""
