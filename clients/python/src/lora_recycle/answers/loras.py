"""Answers about LoRAs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import List, Optional


@dataclass(frozen=True)
class LorasResponse:
    """The market of LoRAs on this server, or one page of it."""

    loras: List[LoraResponse]
    """The LoRAs, in the order in which they were added."""

    next: Optional[str]
    """Pass as ``after`` to get the next page; None on the last page."""


@dataclass(frozen=True)
class LoraResponse:
    """One LoRA."""

    id: str
    """SHA-256 over its files, so the same LoRA always has the same id."""

    name: Optional[str]
    """Its name; None when it has none."""

    origin: str
    """"uploaded", or "shipped" for a LoRA that comes with the server and cannot be deleted."""

    model: str
    """The model it was checked against."""

    family: str
    """The adapter's family, such as "lora"."""

    rank: Optional[int]
    """The largest rank of a layer in its settings; None when the family has no rank."""

    targets: List[str]
    """The layers it changes in each block, among q, k, v, out, fc1, fc2."""

    parameters: Optional[int]
    """Its number of parameters; None for a shipped LoRA."""

    class_count: Optional[int]
    """The number of classes of its head; None without a head."""

    classes: List[str]
    """The names of the classes, in the head's order; empty when not known, and in lists."""

    bytes: int
    """The size of its files."""

    added: datetime
    """When it was uploaded, or tuned."""

    in_use: bool
    """Whether a job uses it; it cannot be deleted meanwhile."""


@dataclass(frozen=True)
class LoraInspection:
    """One LoRA, and its effect on the model's weights."""

    lora: LoraResponse
    """The LoRA."""

    spectrum: Optional[LoraSpectrum]
    """Its effect on each layer; None for a LoRA that was made for another model."""


@dataclass(frozen=True)
class LoraSpectrum:
    """The singular values of a LoRA's deltas beside those of the base weights."""

    directions: int
    """How many of the largest singular directions of each merged weight were compared with those of the base weight."""

    intruder_cosine: float
    """A direction whose absolute cosine with every left singular vector of the base is below this is an intruder
    (arXiv 2410.21228)."""

    layers: List[LayerSpectrum]
    """The adapted layers, in the model's order."""


@dataclass(frozen=True)
class LayerSpectrum:
    """What an adapter does to one layer's weight, in singular values."""

    layer: str
    """The layer's canonical name: ``layers.0.q``."""

    norm: float
    """The Frobenius norm of the delta, the adapted weight less the base's."""

    relative_norm: float
    """The same as a fraction of the base weight's norm."""

    effective_rank: float
    """The exponential of the entropy of the delta's singular values; 0 for a delta of zeros."""

    singular_values: List[float]
    """The delta's largest, in descending order, as far as they are more than rounding."""

    base_singular_values: List[float]
    """The base weight's largest, in descending order."""

    intruder_dimensions: List[IntruderDimension]
    """The merged weight's directions that are near-orthogonal to all of the base's (arXiv 2410.21228)."""


@dataclass(frozen=True)
class IntruderDimension:
    """A left singular vector of the merged weight that the base has nothing like."""

    direction: int
    """Which of the merged weight's, from 0, the largest singular value first."""

    singular_value: float
    """Its singular value."""

    cosine: float
    """The largest absolute cosine that it has with a left singular vector of the base."""
