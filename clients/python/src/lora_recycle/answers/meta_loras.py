"""Answers about meta-LoRAs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class MetaLorasResponse:
    """The meta-LoRAs on this server."""

    active: str
    """The id of the active one, which answers requests that name none; "none" for the bare model."""

    meta_loras: List[MetaLoraResponse]
    """All meta-LoRAs, by id."""


@dataclass(frozen=True)
class MetaLoraResponse:
    """One meta-LoRA."""

    id: str
    """The name of its folder, used as its id in requests and answers."""

    status: str
    """"ready", or "unusable" when it is damaged or was made for another model."""

    active: bool
    """Whether it is the active one."""

    loaded: bool
    """Whether it is merged and in memory, so that requests need not wait for it."""

    shipped: bool
    """Whether it comes with the server, in a folder that is read-only, and cannot be deleted; false for one that a job made."""

    family: Optional[str]
    """The adapter's family, such as "lora"; None unless it is ready."""

    rank: Optional[int]
    """The largest rank of its layers; None unless it is ready."""

    targets: List[str]
    """The layers it changes in each block, among q, k, v, out, fc1, fc2."""

    parameters: Optional[int]
    """The number of trained parameters; None unless it is ready."""

    revision: Optional[str]
    """SHA-256 over its files: equal revisions give equal answers; None unless it is ready."""

    bytes: int
    """The size of its files."""

    written: datetime
    """When its files were last written."""

    problem: Optional[str]
    """Why it cannot be used; None when it is ready."""

    run: Optional[Dict[str, Any]]
    """How it was made: the single values and settings of its run.json; None without one."""

    calibration: Optional[str]
    """"fitted" when it has its own calibration; "support-set" when it has none: the support images of a request
    then calibrate the probabilities, given two of each class. None unless it and the model are ready."""

    calibration_problem: Optional[str]
    """Why its calibration is ignored; None when nothing is wrong."""


@dataclass(frozen=True)
class ActiveMetaLoraResponse:
    """The active meta-LoRA, which answers requests that name none."""

    id: str
    """Its id; "none" for the bare model."""

    revision: Optional[str]
    """SHA-256 over its files; None for the bare model."""
