"""Stored tasks: support sets that the service keeps, so that a request sends only its queries."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Dict, Iterable, Iterator, Optional

from . import answers
from .connection import Call, Connection, path_of, query_of
from .form import FileSource, Form, Support


class Tasks:
    """``client.tasks``.

    >>> import lora_recycle
    >>> client = lora_recycle.Client()
    >>> stored = client.tasks.create(
    ...     {"cup": ["samples/cup/image_0046.jpg"], "chair": ["samples/chair/image_0051.jpg"]}, name="kitchen"
    ... )
    >>> client.tasks.classify(stored.task.id, ["samples/cup/image_0047.jpg"]).predictions[0].label
    'cup'

    A correction is an image with its right label:

    >>> changed = client.tasks.change(stored.task.id, support={"cup": ["samples/cup/image_0047.jpg"]})
    >>> [(one.label, len(one.images)) for one in changed.classes]
    [('cup', 2), ('chair', 1)]
    >>> client.tasks.delete(stored.task.id)
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self,
        support: Support,
        name: Optional[str] = None,
        meta_lora: Optional[str] = None,
        reject: Optional[float] = None,
    ) -> answers.TaskResponse:
        """Stores a support set.

        :param support: The examples by class, of at least 2 classes.
        :param name: A name to show, at most 100 characters.
        :param meta_lora: The id of the meta-LoRA that the task stays with; "none" for the bare model; None to follow the
            active one.
        :param reject: The share of known queries that may be rejected, above 0 and at most 0.5; None for no rejection.
        """
        form = Form().support(support).field("name", name).field("metaLora", meta_lora).field("reject", reject)
        return self._task(Call("POST", "tasks", form=form))

    def list(self, limit: int = 100) -> Iterator[answers.TaskSummary]:
        """Lists the stored tasks in the order in which they were stored, ``limit`` with one request."""
        for one in self._connection.pages(lambda after: f"tasks{query_of(limit=limit, after=after)}", "tasks"):
            yield answers.build(answers.TaskSummary, one)

    def get(self, id: str) -> answers.TaskResponse:
        """Gets a stored task and its contents."""
        return self._task(Call("GET", path_of("tasks", id)))

    def image(self, id: str, image: int) -> bytes:
        """Gets an image of a stored task, as it was sent."""
        return self._connection.read_bytes(path_of("tasks", id, "images", image))

    def change(
        self,
        id: str,
        support: Optional[Support] = None,
        drop_classes: Iterable[str] = (),
        drop_images: Iterable[int] = (),
        name: Optional[str] = None,
        reject: Optional[float] = None,
        if_match: Optional[str] = None,
    ) -> answers.TaskResponse:
        """Changes a stored task, as a correction does; what is not given stays. It is then the same as a new task.

        :param support: Images to add, after the drops.
        :param drop_classes: Labels of classes to drop, with all their images.
        :param drop_images: Ids of images to drop; a class left without images is dropped as well.
        :param name: The task's new name; empty for no name.
        :param reject: The share of known queries that may be rejected; 0 for no rejection any more.
        :param if_match: The ``etag`` that the task must still have, or the call fails with ``task-changed``.
        """
        form = Form().support(support or {}).field("name", name)
        form.field("reject", "" if reject == 0 else reject)
        for label in drop_classes:
            form.field("dropClasses", label)
        for image in drop_images:
            form.field("dropImages", image)
        return self._task(Call("PATCH", path_of("tasks", id), form=form, headers=_condition(if_match)))

    def delete(self, id: str, if_match: Optional[str] = None) -> None:
        """Deletes a stored task and its images."""
        self._connection.do(Call("DELETE", path_of("tasks", id), headers=_condition(if_match)))

    def classify(self, id: str, queries: Iterable[FileSource]) -> answers.ClassifyResponse:
        """Classifies images with a stored task: the same answer as with the task's images in one request."""
        call = Call("POST", path_of("tasks", id, "classify"), form=Form().files("query", queries), is_safe=True)
        return answers.build(answers.ClassifyResponse, self._connection.read_json(call))

    def _task(self, call: Call) -> answers.TaskResponse:
        with self._connection.send(call) as response:
            task = answers.build(answers.TaskResponse, json.loads(response.read()))
            return replace(task, etag=response.getheader("ETag"))


def _condition(if_match: Optional[str]) -> Dict[str, str]:
    return {} if if_match is None else {"If-Match": if_match}
