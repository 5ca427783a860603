"""Meta-LoRAs: what recycling makes, merged into the model that answers."""

from __future__ import annotations

import json

from . import answers
from .connection import Call, Connection, path_of


class MetaLoras:
    """``client.meta_loras``.

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> active = client.meta_loras.active().id
    >>> client.meta_loras.activate("none").revision is None  # the bare model
    True
    >>> client.meta_loras.activate(active).id == active
    True
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> answers.MetaLorasResponse:
        """Lists the meta-LoRAs, and says which is active."""
        return answers.build(answers.MetaLorasResponse, self._connection.read_json(Call("GET", "meta-loras")))

    def get(self, id: str) -> answers.MetaLoraResponse:
        """Gets one meta-LoRA."""
        return answers.build(answers.MetaLoraResponse, self._connection.read_json(Call("GET", path_of("meta-loras", id))))

    def active(self) -> answers.ActiveMetaLoraResponse:
        """Says which one answers requests that name none."""
        return answers.build(
            answers.ActiveMetaLoraResponse, self._connection.read_json(Call("GET", "meta-loras/active"))
        )

    def activate(self, id: str) -> answers.ActiveMetaLoraResponse:
        """Makes another one active, or "none" for the bare model. Requests in progress finish with what they started with."""
        # Active is active, however often it is said.
        call = Call("PUT", "meta-loras/active", body=json.dumps({"id": id}).encode(), is_safe=True)
        return answers.build(answers.ActiveMetaLoraResponse, self._connection.read_json(call))

    def download(self, id: str) -> bytes:
        """Gets the files of one as a zip archive: a PEFT directory with its calibration."""
        return self._connection.read_bytes(path_of("meta-loras", id, "archive"))

    def delete(self, id: str) -> None:
        """Removes one that a job made and that nothing uses."""
        self._connection.do(Call("DELETE", path_of("meta-loras", id)))
