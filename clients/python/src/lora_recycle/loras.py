"""The market: pre-tuned LoRAs to be recycled."""

from __future__ import annotations

import os
from typing import Iterator, Mapping, Optional, Union

from . import answers
from .connection import Call, Connection, path_of, query_of
from .form import FileSource, Form

# What a PEFT directory has beside these, such as README.md, is not the LoRA.
_PARTS = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "head.safetensors",
    "classes.json",
    "lora.safetensors",
)


class Loras:
    """``client.loras``.

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> first = next(client.loras.list(origin="shipped"))
    >>> first.family
    'lora'
    >>> [layer.layer for layer in client.loras.get(first.id).spectrum.layers][:2]
    ['layers.0.q', 'layers.0.v']
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def upload(
        self,
        lora: Union[str, "os.PathLike[str]", Mapping[str, FileSource]],
        name: Optional[str] = None,
    ) -> answers.LoraResponse:
        """Adds a LoRA to the market, read from disk while it is sent.

        :param lora: A PEFT directory, a zip archive of one, or the single file that the paper's code writes; or its files
            by their names, such as ``{"adapter_model.safetensors": ..., "adapter_config.json": ...}``.
        :param name: A name to show.
        :returns: The LoRA, also if the market had it already.
        """
        form = Form().field("name", name)
        for part, file in (lora if isinstance(lora, Mapping) else _files(lora)).items():
            form.file(part, file)
        return answers.build(answers.LoraResponse, self._connection.read_json(Call("POST", "loras", form=form)))

    def list(
        self,
        name: Optional[str] = None,
        family: Optional[str] = None,
        rank: Optional[int] = None,
        origin: Optional[str] = None,
        limit: int = 100,
    ) -> Iterator[answers.LoraResponse]:
        """Lists the LoRAs, the shipped ones first, then in the order in which they were added.

        :param name: A pattern: ``*`` matches any characters, ``?`` matches one.
        :param family: The adapter's family, such as "lora".
        :param rank: The largest rank of its layers.
        :param origin: "uploaded" or "shipped".
        :param limit: How many to get with one request, 1 to 1000.
        """
        for one in self._connection.pages(
            lambda after: "loras"
            + query_of(limit=limit, after=after, name=name, family=family, rank=rank, origin=origin),
            "loras",
        ):
            yield answers.build(answers.LoraResponse, one)

    def get(self, id: str) -> answers.LoraInspection:
        """Gets a LoRA and its effect on each layer of the model; the first time that takes seconds."""
        return answers.build(answers.LoraInspection, self._connection.read_json(Call("GET", path_of("loras", id))))

    def draw(self, id: str) -> str:
        """Draws a LoRA's effect on each layer of the model, as SVG."""
        return self._connection.read_bytes(path_of("loras", id, "spectrum.svg")).decode()

    def delete(self, id: str) -> None:
        """Removes an uploaded LoRA that no job uses."""
        self._connection.do(Call("DELETE", path_of("loras", id)))


def _files(path: Union[str, "os.PathLike[str]"]) -> Mapping[str, FileSource]:
    if not os.path.isdir(path):
        is_zip = os.fspath(path).lower().endswith(".zip")
        return {"lora.zip" if is_zip else "lora.safetensors": path}
    files = {part: os.path.join(path, part) for part in _PARTS}
    found = {part: file for part, file in files.items() if os.path.exists(file)}
    if not found:
        raise FileNotFoundError(f"Expected a PEFT directory, with {' and '.join(_PARTS[:2])}; found none in '{path}'.")
    return found
