"""From the service's JSON to answers."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Dict, Type, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def json_name(name: str) -> str:
    """The name of a field as the service writes it: of ``meta_lora``, ``metaLora``."""
    first, *others = name.rstrip("_").split("_")
    return first + "".join(other.capitalize() for other in others)


def build(kind: Type[T], value: Dict[str, Any]) -> T:
    """Makes an answer of its JSON. What a newer service adds is passed over."""
    return _build(kind, value)


def _build(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(kind) is Union:  # Optional
        return _build(get_args(kind)[0], value)
    if get_origin(kind) is list:
        return [_build(get_args(kind)[0], one) for one in value]
    if kind is datetime:
        return _time(value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        given = [one.name for one in fields(kind) if "header" not in one.metadata]
        return kind(**{name: _build(hints[name], value.get(json_name(name))) for name in given})  # type: ignore[operator]
    return value


def _time(text: str) -> datetime:
    # Before Python 3.11 a fraction of a second has six digits or none, and Z is no offset.
    text = text.replace("Z", "+00:00")
    return datetime.fromisoformat(re.sub(r"\.(\d+)", lambda digits: "." + digits[1][:6].ljust(6, "0"), text))
