"""Writes photos/expected.safetensors: what Pillow and a plain PyTorch module make of the photographs beside it.

    python3 tests/golden/make_photos.py

pixel_values_64 and pixel_values_224 are of transformers' CLIPImageProcessor and stay as they are. pixel_values_96 and
image_embeds, at the size of the shipped model, are made here, with the steps of that processor written out; before
anything is written they are held against the pixels that transformers made.
"""
import json
import os
import sys
import tempfile

import numpy
import torch
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PHOTOS = os.path.join(HERE, "photos")
sys.path.insert(0, os.path.join(ROOT, "bench", "peers"))

import files
from networks import Vision


def pixel_values(names, edge):
    """The shorter side to edge with Pillow's bicubic, the middle square, CLIP's mean and deviation."""
    batch = []
    for name in names:
        image = Image.open(os.path.join(PHOTOS, name)).convert("RGB")
        width, height = image.size
        size = (edge, edge * height // width) if width <= height else (edge * width // height, edge)
        left, top = (size[0] - edge) // 2, (size[1] - edge) // 2
        square = numpy.asarray(image.resize(size, Image.BICUBIC), numpy.float32)[top:top + edge, left:left + edge] / 255
        batch.append(((square - numpy.float32(files.MEAN)) / numpy.float32(files.STD)).transpose(2, 0, 1))
    return numpy.ascontiguousarray(batch, numpy.float32)


def image_embeds(model, pixels):
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        os.symlink(model, os.path.join(folder, "model"))
        return Vision(folder, "cpu", torch.float32).eval()(torch.from_numpy(pixels)).numpy()


path = os.path.join(PHOTOS, "expected.safetensors")
expected = files.read(path)
names = json.load(open(os.path.join(PHOTOS, "order.json")))
for edge in (64, 224):
    error = numpy.abs(pixel_values(names, edge) - expected[f"pixel_values_{edge}"]).mean()
    assert error < 1e-4, f"not what transformers makes at {edge} pixels: {error}"
expected["pixel_values_96"] = pixel_values(names, 96)
expected["image_embeds"] = image_embeds(os.path.join(ROOT, "models", "vit-s-12-96"), expected["pixel_values_96"])
files.write(path, {name: expected[name] for name in sorted(expected)})
