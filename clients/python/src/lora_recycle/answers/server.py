"""Answers about the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Dict, List, Optional


@dataclass(frozen=True)
class ModelsResponse:
    """The foundation models on this host."""

    models: List[HostedModel]
    """The models."""


@dataclass(frozen=True)
class HostedModel:
    """One foundation model."""

    id: str
    """The name of its directory; answers give it as ``vfm``."""

    default: bool
    """Whether this model serves requests."""

    status: str
    """"ready", "loading", "failed", or "available" for a model on disk that does not serve."""

    embedding_length: Optional[int]
    """Length of an embedding; None unless the model is ready."""

    revision: Optional[str]
    """SHA-256 over everything that determines the bare model's embeddings; None unless the model is ready."""

    precision: Optional[str]
    """The precision of its computation, "float32" or "bfloat16"; None unless the model is ready."""

    devices: List[HostedDevice]
    """The devices it runs on; empty for a model that does not serve, and after a start until libtorch is loaded."""

    loaded_meta_loras: List[str]
    """The ids of the meta-LoRAs that are merged and in memory on every device, most recently used first; the bare
    model is not counted."""

    calibration: Optional[str]
    """What calibrates the bare model's probabilities: "fitted" for its own calibration; "support-set" when it has
    none: the support images of a request then calibrate them, given two of each class. None unless the model is
    ready."""

    calibration_problem: Optional[str]
    """Why its calibration is ignored; None when nothing is wrong."""


@dataclass(frozen=True)
class HostedDevice:
    """One of the devices that serve."""

    name: str
    """``cpu`` or ``cuda:0``; ``cpu#2`` for the second model on a device that is listed twice."""

    status: str
    """"ready", "loading", "failing", "hanging", or "lost" when the model could not be loaded on it."""

    loaded_meta_loras: List[str]
    """The ids of the meta-LoRAs in its memory, most recently used first."""


@dataclass(frozen=True)
class SamplesResponse:
    """The photographs that come with the server."""

    classes: List[SampleClass]
    """The photographs by class; empty when the server has none."""


@dataclass(frozen=True)
class SampleClass:
    """Photographs of one class."""

    label: str
    """The class."""

    images: List[str]
    """The names of its photographs, served at ``/samples/{label}/{name}``."""


@dataclass(frozen=True)
class LimitsResponse:
    """The limits of one request."""

    request_bytes: int
    """Bytes of the body, both as sent and after decompression."""

    image_bytes: int
    """Bytes of one encoded image."""

    pixels_per_image: int
    """Pixels of one image."""

    images_per_request: int
    """Number of images, support and queries together."""

    ways: int
    """Number of classes."""

    label_length: int
    """Characters of a label."""


@dataclass(frozen=True)
class HealthResponse:
    """The state of the server."""

    status: str
    """"Healthy", "Degraded" or "Unhealthy"."""

    checks: Dict[str, str]
    """The result of each check: the model, and each device by name."""


@dataclass(frozen=True)
class ServerErrorsResponse:
    """The last errors of this process."""

    since: datetime
    """When recording began: the start of the process."""

    errors: List[ServerError]
    """At most 50 errors, latest first."""


@dataclass(frozen=True)
class ServerError:
    """An error of the server."""

    time: datetime
    """When it happened; for repeats in a row, the latest time."""

    times: int
    """How often it happened in a row."""

    message: str
    """Its line in the log, shortened when long."""

    exception: Optional[str]
    """The type of the exception behind it, or None. Only the log has the exception's message."""

    request: Optional[str]
    """The method and route of the request; None for background work."""

    request_id: Optional[str]
    """The id of that request, to find it in the log."""
