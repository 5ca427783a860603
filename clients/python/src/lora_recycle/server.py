"""The service itself."""

from __future__ import annotations

from . import answers
from .connection import Call, Connection, path_of


class Server:
    """``client.server``.

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> client.server.limits().images_per_request
    2000
    >>> photograph = client.server.samples().classes[0]
    >>> client.server.sample(photograph.label, photograph.images[0])[:2]  # JPEG
    b'\\xff\\xd8'
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def models(self) -> answers.ModelsResponse:
        """Lists the foundation models, with their devices and loaded meta-LoRAs."""
        return answers.build(answers.ModelsResponse, self._connection.read_json(Call("GET", "models")))

    def limits(self) -> answers.LimitsResponse:
        """Gets the limits of one request."""
        return answers.build(answers.LimitsResponse, self._connection.read_json(Call("GET", "limits")))

    def samples(self) -> answers.SamplesResponse:
        """Lists the photographs that come with the service, by class."""
        return answers.build(answers.SamplesResponse, self._connection.read_json(Call("GET", "samples")))

    def sample(self, label: str, name: str) -> bytes:
        """Gets a photograph that comes with the service, as JPEG."""
        return self._connection.read_bytes(path_of("samples", label, name))

    def live(self) -> answers.HealthResponse:
        """Checks that the process answers."""
        return answers.build(answers.HealthResponse, self._connection.read_json(Call("GET", "healthz/live")))

    def ready(self) -> answers.HealthResponse:
        """Checks that the model is loaded and its devices work. "Unhealthy" is an answer, and no error."""
        return answers.build(answers.HealthResponse, self._connection.read_json(Call("GET", "healthz/ready", also=503)))

    def errors(self) -> answers.ServerErrorsResponse:
        """Lists the last errors of the service's process, latest first."""
        return answers.build(answers.ServerErrorsResponse, self._connection.read_json(Call("GET", "errors")))

    def metrics(self) -> str:
        """Gets the service's metrics, in Prometheus's text format."""
        return self._connection.read_bytes("metrics").decode()
