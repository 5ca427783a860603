"""A client of LoRA Recycle Service.

>>> import lora_recycle
>>> client = lora_recycle.Client()
>>> answer = client.classify(
...     {"cup": ["samples/cup/image_0046.jpg"], "chair": ["samples/chair/image_0051.jpg"]},
...     ["samples/cup/image_0047.jpg"],
... )
>>> answer.predictions[0].label
'cup'
"""

from . import answers
from .client import Client
from .form import FileSource, Support
from .problem import ProblemError

__all__ = ["Client", "FileSource", "ProblemError", "Support", "answers"]
