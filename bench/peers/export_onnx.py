"""Writes the network of vit_forward.py as ONNX, for bench/OnnxRuntime.

    python3 bench/peers/export_onnx.py --model models/vit-s-12-96 --out artifacts/vit.onnx
"""
import argparse

import torch

from vit_forward import Vision, load

parser = argparse.ArgumentParser()
parser.add_argument("--model", help="a Hugging Face directory in CLIP's layout; without it ViT-B/16 at 224 pixels, random weights")
parser.add_argument("--out", required=True)
options = parser.parse_args()
torch.manual_seed(0)
model = (load(options.model) if options.model else Vision(768, 12, 3072, 12, 224, 16, 512)).eval()
torch.onnx.export(
    model, torch.randn(2, 3, model.image, model.image), options.out, opset_version=17,
    input_names=["pixels"], output_names=["embedding"], dynamic_axes={"pixels": {0: "batch"}, "embedding": {0: "batch"}})
