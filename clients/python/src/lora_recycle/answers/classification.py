"""Answers of classification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional


@dataclass(frozen=True)
class ClassifyResponse:
    """The answer to one episode."""

    predictions: List[QueryPrediction]
    """One prediction for each query, in the order of the queries."""

    model: AnsweringModel
    """The model that answered."""

    timing: ClassifyTiming
    """How long the request took."""

    cache: CacheUse
    """How many images were in the cache."""

    calibration: str
    """What calibrated the probabilities: "fitted" for the stored calibration of the model with its meta-LoRA;
    "support-set" for the support images of this request, when there is no stored calibration; "none" when a class
    also has too few images for that: the probabilities are then far too confident."""

    reject: Optional[RejectionUse]
    """How queries were rejected; absent unless the request asked for rejection."""

    embeddings: Optional[EpisodeEmbeddings]
    """The embeddings of the images; absent unless the request asked for them."""


@dataclass(frozen=True)
class QueryPrediction:
    """The decision for one query."""

    query: int
    """The query's place in the request, from 0."""

    label: Optional[str]
    """The most probable class; None for a rejected query, which belongs to no class."""

    probability: float
    """The probability of the most probable class, given that the query belongs to one of the classes: about nine in
    ten answers with 0.9 are right."""

    scores: List[QueryScore]
    """Every class, most probable first; ties in ordinal order of their labels."""

    novelty: Optional[float]
    """How unlike every class the query is; above the threshold it is rejected. Absent unless the request asked for
    rejection."""


@dataclass(frozen=True)
class QueryScore:
    """How well a query fits one class."""

    label: str
    """The class."""

    probability: float
    """The softmax, over the classes, of minus the root of the distance over a temperature. The probabilities of a
    query sum to 1."""

    distance: float
    """The squared Euclidean distance between the query's embedding and the class's mean embedding."""


@dataclass(frozen=True)
class AnsweringModel:
    """The model that answered."""

    vfm: str
    """The foundation model."""

    meta_lora: str
    """The id of the meta-LoRA merged into the model; "none" for the bare model."""

    meta_lora_revision: Optional[str]
    """SHA-256 over the meta-LoRA's files; None for the bare model."""


@dataclass(frozen=True)
class ClassifyTiming:
    """Wall-clock times in milliseconds."""

    decode_ms: float
    """Time until the last image was decoded."""

    embed_ms: float
    """Time from then until the last embedding was ready, including the wait in the queue."""

    total_ms: float
    """Time from the request's first header to the answer, including the time the body took to arrive."""


@dataclass(frozen=True)
class CacheUse:
    """Hits and misses add up to the number of images in the request."""

    hits: int
    """Images whose embedding was cached, or that appear twice in the request."""

    misses: int
    """Images that were decoded and embedded."""


@dataclass(frozen=True)
class RejectionUse:
    """How queries were rejected."""

    false_rejection_rate: float
    """The share of known queries that may be rejected, as requested."""

    threshold: float
    """The novelty above which a query is rejected, calibrated on the support images."""


@dataclass(frozen=True)
class EpisodeEmbeddings:
    """The embeddings of an episode's images, as used for the distances."""

    support: List[ClassEmbeddings]
    """Embeddings of the support images, by class, in the order of the request."""

    queries: List[List[float]]
    """Embeddings of the queries, in the order of the request."""


@dataclass(frozen=True)
class ClassEmbeddings:
    """The embeddings of one class's support images; their mean is its prototype."""

    label: str
    """The class."""

    images: List[List[float]]
    """One embedding for each image, in the order of the request."""
