"""The client."""

from __future__ import annotations

import os
from typing import Iterable, Optional

from . import answers
from .connection import Call, Connection
from .form import FileSource, Form, Support
from .loras import Loras
from .meta_loras import MetaLoras
from .recycling import Recycling
from .server import Server
from .tasks import Tasks
from .tuning import Tuning


class Client:
    """A client of one service. It keeps no connection open, and several threads may use it.

    Every method raises :class:`~lora_recycle.ProblemError` when the service refuses the request, and :class:`OSError`
    when it cannot be reached.

    >>> from lora_recycle import Client
    >>> client = Client()  # at LORA_RECYCLE_URL, else http://127.0.0.1:8080
    >>> client.server.ready().status
    'Healthy'
    """

    def __init__(
        self,
        url: Optional[str] = None,
        key: Optional[str] = None,
        retry_for: float = 60.0,
        timeout: float = 300.0,
    ) -> None:
        """
        :param url: The service's address, with the path in front of it if a proxy adds one; by default the environment's
            ``LORA_RECYCLE_URL``, else ``http://127.0.0.1:8080``.
        :param key: The token of an API key; by default the environment's ``LORA_RECYCLE_KEY``.
        :param retry_for: Seconds that a call waits in all when the service says ``Retry-After``, and that a job's events
            are looked for while the service is away; 0 for never.
        :param timeout: The longest silence of the service during a call, in seconds.
        """
        address = url or os.environ.get("LORA_RECYCLE_URL") or "http://127.0.0.1:8080"
        token = key if key is not None else os.environ.get("LORA_RECYCLE_KEY")
        self._connection = Connection(address, token, retry_for, timeout)
        self.tasks = Tasks(self._connection)
        """Support sets that the service keeps."""
        self.loras = Loras(self._connection)
        """The market of LoRAs to recycle."""
        self.meta_loras = MetaLoras(self._connection)
        """The adapters that recycling makes, and which of them is active."""
        self.recycle = Recycling(self._connection)
        """Recycling jobs."""
        self.tune = Tuning(self._connection)
        """Tuning jobs."""
        self.server = Server(self._connection)
        """The service itself: models, limits, health, errors."""

    def classify(
        self,
        support: Support,
        queries: Iterable[FileSource],
        meta_lora: Optional[str] = None,
        reject: Optional[float] = None,
        embeddings: bool = False,
    ) -> answers.ClassifyResponse:
        """Classifies images by a few labelled examples of each class, without training.

        >>> import lora_recycle
        >>> client = lora_recycle.Client()
        >>> with open("samples/cup/image_0047.jpg", "rb") as query:
        ...     answer = client.classify(
        ...         {"cup": ["samples/cup/image_0046.jpg"], "chair": ["samples/chair/image_0051.jpg"]}, [query]
        ...     )
        >>> best = answer.predictions[0]
        >>> best.label, best.probability > 0.5
        ('cup', True)

        :param support: The examples by class, of at least 2 classes: paths, bytes or files opened for reading bytes.
        :param queries: The images to classify, at least 1.
        :param meta_lora: The id of a meta-LoRA; "none" for the bare model; None for the active one.
        :param reject: The share of known queries that may be rejected by mistake, above 0 and at most 0.5; a rejected query
            gets the label None. None for no rejection.
        :param embeddings: Whether the answer has the embeddings of all images.
        :returns: A prediction for each query, in their order.
        """
        form = Form().support(support).files("query", queries).field("metaLora", meta_lora).field("reject", reject)
        if embeddings:
            form.field("embeddings", "true")
        # The answer depends on nothing but the request, so asking twice does no harm.
        call = Call("POST", "classify", form=form, is_safe=True)
        return answers.build(answers.ClassifyResponse, self._connection.read_json(call))
