"""Bodies of ``multipart/form-data``, which are sent as they are read."""

from __future__ import annotations

import os
import secrets
from typing import IO, Iterable, Iterator, List, Mapping, Optional, Tuple, Union
from urllib.parse import quote

FileSource = Union[str, "os.PathLike[str]", bytes, IO[bytes]]
"""The bytes of a file: a path, the bytes themselves, or a file opened for reading bytes."""

Support = Mapping[str, Iterable[FileSource]]
"""A few images of each class, by label."""

_CHUNK = 1 << 16


class Form:
    """A body that can be sent more than once, unless one of its files cannot seek."""

    def __init__(self) -> None:
        self._boundary = secrets.token_hex(16)
        self._parts: List[Tuple[bytes, _Part]] = []

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self._boundary}"

    @property
    def can_repeat(self) -> bool:
        return all(part.can_repeat for _, part in self._parts)

    def field(self, name: str, value: Optional[object]) -> Form:
        """Adds a field, unless it is None."""
        if value is not None:
            self._parts.append((self._head(name, "text/plain; charset=utf-8"), _Part(str(value).encode())))
        return self

    def file(self, name: str, source: FileSource) -> Form:
        self._parts.append((self._head(name, "application/octet-stream"), _Part(source)))
        return self

    def files(self, name: str, sources: Iterable[FileSource]) -> Form:
        if isinstance(sources, (str, bytes, os.PathLike)):
            raise TypeError(f"{name}: expected a list of files; found a single one. Put it into brackets.")
        for source in sources:
            self.file(name, source)
        return self

    def support(self, classes: Support) -> Form:
        for label, images in classes.items():
            self.files(f"support[{label}]", images)
        return self

    def length(self) -> Optional[int]:
        """Bytes of the body; None when a file does not tell."""
        total = len(self._end())
        for head, part in self._parts:
            size = part.length()
            if size is None:
                return None
            total += len(head) + size + 2
        return total

    def __iter__(self) -> Iterator[bytes]:
        for head, part in self._parts:
            yield head
            yield from part
            yield b"\r\n"
        yield self._end()

    def _head(self, name: str, content_type: str) -> bytes:
        # In the form of RFC 5987 any label can be written, quotes and line feeds as well.
        disposition = f"form-data; name*=UTF-8''{quote(name, safe='')}"
        return (
            f"--{self._boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {content_type}\r\n\r\n"
        ).encode()

    def _end(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()


class _Part:
    """A file that is opened when it is sent, so that a request of a thousand files has one of them open at a time."""

    def __init__(self, source: FileSource) -> None:
        self._source = source
        self._start = None
        if isinstance(source, (str, os.PathLike)):
            os.stat(source)  # a path that leads nowhere is an error before anything is sent
        elif not isinstance(source, bytes):
            self._start = source.tell() if source.seekable() else None

    @property
    def can_repeat(self) -> bool:
        return isinstance(self._source, (str, bytes, os.PathLike)) or self._start is not None

    def length(self) -> Optional[int]:
        source = self._source
        if isinstance(source, bytes):
            return len(source)
        if isinstance(source, (str, os.PathLike)):
            return os.stat(source).st_size
        if self._start is None:
            return None
        end = source.seek(0, os.SEEK_END)
        source.seek(self._start)
        return end - self._start

    def __iter__(self) -> Iterator[bytes]:
        source = self._source
        if isinstance(source, bytes):
            yield source
        elif isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                yield from _chunks(file)
        else:
            if self._start is not None:
                source.seek(self._start)
            yield from _chunks(source)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while True:
        chunk = file.read(_CHUNK)
        if not chunk:
            return
        yield chunk
