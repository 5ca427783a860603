"""The networks of the method, plainly in PyTorch: a CLIP vision tower that wears LoRAs and loses tokens, a ResNet whose
batch norms are listened to. Weights come from the files that the other side loads too."""
import json

import torch
import torch.nn.functional as F
from torch import nn

import files

LAYER = "vision_model.encoder.layers.{}."


def attention(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v)
    return torch.softmax(q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5, dim=-1) @ v


class Lora(nn.Module):
    """A frozen layer and two thin ones beside it; their parameters are float32, their products of the layer's type."""

    def __init__(self, base, a, b):
        super().__init__()
        self.base, self.a, self.b = base, nn.Parameter(a), nn.Parameter(b)

    def forward(self, x):
        return self.base(x) + F.linear(F.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype)) * (files.ALPHA / files.RANK)


class Layer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x, kept=None):
        batch, tokens, width = x.shape
        normed = self.norm1(x)
        q, k, v = (p(normed).view(batch, tokens, self.heads, -1).transpose(1, 2) for p in (self.q, self.k, self.v))
        y = attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width)
        if kept is not None:
            with torch.no_grad():
                scores = (q[:, :, :1] @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1, dtype=torch.float32).mean((1, 2))[:, 1:]
                rows = F.pad(scores.topk(kept, 1).indices.sort(1).values + 1, (1, 0))
            index = rows.unsqueeze(2).expand(-1, -1, width)
            x, y = x.gather(1, index), y.gather(1, index)
        x = x + self.out(y)
        y = self.fc1(self.norm2(x))
        return x + self.fc2(y * torch.sigmoid(1.702 * y))


class Vision(nn.Module):
    def __init__(self, directory, device, dtype):
        super().__init__()
        config = json.load(open(f"{directory}/model/config.json"))
        width, self.patch, self.image = config["hidden_size"], config["patch_size"], config["image_size"]
        tensors = {name: torch.from_numpy(value) for name, value in files.read(f"{directory}/model/model.safetensors").items()}
        take = lambda name: nn.Parameter(tensors[name])
        self.class_token = take("vision_model.embeddings.class_embedding")
        self.patches = take("vision_model.embeddings.patch_embedding.weight")
        self.position = take("vision_model.embeddings.position_embedding.weight")
        self.pre, self.post = nn.LayerNorm(width), nn.LayerNorm(width)
        for norm, name in ((self.pre, "pre_layrnorm"), (self.post, "post_layernorm")):
            norm.load_state_dict({part: tensors[f"vision_model.{name}.{part}"] for part in ("weight", "bias")})
        self.layers = nn.ModuleList(Layer(width, config["num_attention_heads"], config["intermediate_size"]) for _ in range(config["num_hidden_layers"]))
        names = dict(norm1="layer_norm1", norm2="layer_norm2", fc1="mlp.fc1", fc2="mlp.fc2", **{p: f"self_attn.{p}_proj" for p in ("q", "k", "v", "out")})
        for i, layer in enumerate(self.layers):
            for name, source in names.items():
                getattr(layer, name).load_state_dict({part: tensors[f"{LAYER.format(i)}{source}.{part}"] for part in ("weight", "bias")})
        self.projection = take("visual_projection.weight")
        self.to(device, dtype).requires_grad_(False)

    def wear(self, directory, device):
        """Puts the LoRA on; its parameters want gradients."""
        lora = {name: torch.from_numpy(value).to(device) for name, value in files.read(f"{directory}/lora/adapter_model.safetensors").items()}
        for i, layer in enumerate(self.layers):
            for part in ("q", "v"):
                name = f"base_model.model.{LAYER.format(i)}self_attn.{part}_proj.lora_"
                setattr(layer, part, Lora(getattr(layer, part), lora[f"{name}A.weight"], lora[f"{name}B.weight"]))
        return self

    def forward(self, pixels, pruning=None, positions=None):
        """pruning: {layer: fraction that leaves}; positions: [batch, kept], the patches that enter."""
        x = F.conv2d(pixels, self.patches, stride=self.patch).flatten(2).transpose(1, 2) if positions is None else self.sparse(pixels, positions)
        place = self.position[1:] if positions is None else self.position[1:][positions]
        first = (self.class_token + self.position[0]).expand(x.shape[0], 1, -1)
        x = self.pre(torch.cat([first, x + place], 1))
        for i, layer in enumerate(self.layers):
            leaving = (pruning or {}).get(i)
            x = layer(x, None if leaving is None else x.shape[1] - 1 - int((x.shape[1] - 1) * leaving + 1e-9))
        return F.linear(self.post(x[:, 0]), self.projection)

    def sparse(self, pixels, positions):
        patches = F.unfold(pixels, self.patch, stride=self.patch).transpose(1, 2)
        chosen = patches.gather(1, positions.unsqueeze(2).expand(-1, -1, patches.shape[2]))
        return F.linear(chosen, self.patches.flatten(1))


class Block(nn.Module):
    def __init__(self, incoming, inner, stride, bottleneck):
        super().__init__()
        outgoing = inner * 4 if bottleneck else inner
        shapes = [(incoming, inner, 1, 1), (inner, inner, 3, stride), (inner, outgoing, 1, 1)] if bottleneck else [(incoming, inner, 3, stride), (inner, inner, 3, 1)]
        self.count = len(shapes)
        for i, (a, b, kernel, step) in enumerate(shapes, 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b))
        self.downsample = None
        if stride != 1 or incoming != outgoing:
            self.downsample = nn.Sequential(nn.Conv2d(incoming, outgoing, 1, stride, bias=False), nn.BatchNorm2d(outgoing))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = F.relu(y, inplace=True) if i < self.count else y
        return F.relu(y + (x if self.downsample is None else self.downsample(x)), inplace=True)


class Prior(nn.Module):
    """R_BN: what each batch norm sees, against what it saw in training; statistics in float32 whatever the network's type."""

    def __init__(self, directory, device, dtype):
        super().__init__()
        tensors = {name: torch.from_numpy(value) for name, value in files.read(f"{directory}/prior/model.safetensors").items()}
        bottleneck = "layer1.0.conv3.weight" in tensors
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        incoming = 64
        for stage in range(4):
            blocks = []
            while f"layer{stage + 1}.{len(blocks)}.conv1.weight" in tensors:
                blocks.append(Block(incoming, 64 << stage, 2 if stage and not blocks else 1, bottleneck))
                incoming = (64 << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.load_state_dict(tensors, strict=False)
        self.to(device).requires_grad_(False).eval()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                module.to(dtype)
            if isinstance(module, nn.BatchNorm2d):
                module.register_forward_pre_hook(self.listen)
        if torch.device(device).type == "cuda":
            self.to(memory_format=torch.channels_last)
        self.dtype, self.heard = dtype, []

    def listen(self, norm, inputs):
        variance, mean = torch.var_mean(inputs[0].float(), (0, 2, 3), unbiased=False)
        self.heard.append((mean - norm.running_mean).norm() + (variance - norm.running_var).norm())

    def forward(self, pixels):
        self.heard = []
        x = pixels.to(self.dtype)
        if x.is_cuda:
            x = x.contiguous(memory_format=torch.channels_last)
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x)), inplace=True), 3, 2, 1)
        self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return sum(self.heard)
