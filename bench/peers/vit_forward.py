"""The same vision transformer written plainly in PyTorch: a contestant of bench/forward.py.

Weights come from a Hugging Face directory in CLIP's layout, or are random (ViT-B/16, 224 pixels). Attention is
torch's own scaled_dot_product_attention where this torch has it.
"""
import argparse
import json
import struct
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = (p(x).view(batch, tokens, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = torch.softmax(q @ k.transpose(-2, -1) * (width // self.heads) ** -0.5, dim=-1) @ v
        return self.out_proj(y.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))


class Layer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.self_attn, self.mlp = Attention(width, heads), Mlp(width, inner)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class Vision(nn.Module):
    def __init__(self, width, heads, inner, layers, image, patch, projection):
        super().__init__()
        self.image = image
        self.class_embedding = nn.Parameter(torch.randn(width) * 0.02)
        self.patch_embedding = nn.Conv2d(3, width, patch, patch, bias=False)
        self.position_embedding = nn.Parameter(torch.randn((image // patch) ** 2 + 1, width) * 0.02)
        self.pre_layrnorm, self.post_layernorm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.layers = nn.ModuleList(Layer(width, heads, inner) for _ in range(layers))
        self.visual_projection = nn.Linear(width, projection, bias=False)

    def forward(self, pixels):
        x = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, -1), x], 1) + self.position_embedding
        x = self.pre_layrnorm(x)
        for layer in self.layers:
            x = layer(x)
        return self.visual_projection(self.post_layernorm(x[:, 0]))


def load(directory):
    config = json.load(open(f"{directory}/config.json"))
    model = Vision(config["hidden_size"], config["num_attention_heads"], config["intermediate_size"],
                   config["num_hidden_layers"], config["image_size"], config["patch_size"], config["projection_dim"])
    data = open(f"{directory}/model.safetensors", "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    types = {"F16": numpy.float16, "F32": numpy.float32}
    state = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"]).astype(numpy.float32)
        name = name.replace("vision_model.", "").replace("encoder.", "").replace("embeddings.", "")
        name = name.replace("position_embedding.weight", "position_embedding")
        state[name] = torch.from_numpy(values)
    model.load_state_dict(state)
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--peak", action="store_true", help="measure an 8192 x 8192 x 8192 product instead; batch is ignored")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    dtype = getattr(torch, options.dtype)
    cuda = options.device.startswith("cuda")
    inputs = {}
    if options.peak:
        left, right = (torch.randn(8192, 8192, device=options.device, dtype=dtype) for _ in range(2))
        run = lambda _: left @ right
    else:
        model = load(options.model) if options.model else Vision(768, 12, 3072, 12, 224, 16, 512)
        model = model.to(options.device, dtype).eval()
        run = torch.compile(model) if options.compile else model

    def synchronize():
        if cuda:
            torch.cuda.synchronize()

    print("ready", flush=True)
    with torch.inference_mode():
        for line in sys.stdin:
            batch, seconds = int(line.split()[0]), float(line.split()[1])
            if batch not in inputs:
                size = 1 if options.peak else model.image
                inputs[batch] = torch.randn(batch, 3, size, size, device=options.device, dtype=dtype)
                for _ in range(3):
                    run(inputs[batch])
            synchronize()
            start, batches = time.perf_counter(), 0
            while time.perf_counter() - start < seconds:
                for _ in range(10):
                    run(inputs[batch])
                batches += 10
                synchronize()
            print(repr((time.perf_counter() - start) / batches), flush=True)


if __name__ == "__main__":
    main()
