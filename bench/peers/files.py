"""Safetensors files, read and written with numpy alone, and the random networks that both sides of a benchmark load.

A directory of them: model/ (CLIP's vision tower as Hugging Face writes it), prior/ (a ResNet as torchvision names it),
lora/ (rank 4 on q and v as PEFT writes it, with its head), images.safetensors (normalised noise to start from; 8 bit
patterns with the attention that each patch gets and a teacher's opinions).
"""
import json
import os
import struct

import numpy

TYPES = {"F16": numpy.float16, "F32": numpy.float32, "U8": numpy.uint8, "I64": numpy.int64}
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

# width, heads, inner width, layers, image, patch, projection; blocks a stage, bottleneck
SIZES = {
    "vit-b-16": dict(vit=(768, 12, 3072, 12, 224, 16, 512), resnet=([3, 4, 6, 3], True)),
    "vit-s-12-96": dict(vit=(384, 6, 1536, 12, 96, 12, 384), resnet=([2, 2, 2, 2], False)),
    "tiny": dict(vit=(48, 4, 96, 12, 64, 8, 32), resnet=([1, 1, 1, 1], True)),
}
CLASSES, RANK, ALPHA = 5, 4, 8


def read(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = numpy.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return tensors


def write(path, tensors):
    names = {numpy.dtype(value): key for key, value in TYPES.items()}
    header, offset = {}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(numpy.ascontiguousarray(value).tobytes())


def make(directory, size, images):
    """Writes the networks of a size, and as many images for each of the classes."""
    random = numpy.random.default_rng(0)
    normal = lambda *shape, scale=0.02: (random.standard_normal(shape, numpy.float32) * scale).astype(numpy.float32)
    for part in ("model", "prior", "lora"):
        os.makedirs(f"{directory}/{part}", exist_ok=True)
    vit, (blocks, bottleneck) = SIZES[size]["vit"], SIZES[size]["resnet"]
    write(f"{directory}/model/model.safetensors", transformer(normal, *vit))
    width, heads, inner, layers, image, patch, projection = vit
    dump(f"{directory}/model/config.json", dict(
        model_type="clip_vision_model", hidden_size=width, num_attention_heads=heads, intermediate_size=inner, num_hidden_layers=layers,
        image_size=image, patch_size=patch, projection_dim=projection, hidden_act="quick_gelu", layer_norm_eps=1e-5, num_channels=3))
    dump(f"{directory}/model/preprocessor_config.json", dict(
        image_processor_type="CLIPImageProcessor", do_resize=True, size=dict(shortest_edge=image), do_center_crop=True,
        crop_size=dict(height=image, width=image), do_normalize=True, image_mean=MEAN, image_std=STD, do_rescale=True,
        rescale_factor=1 / 255, do_convert_rgb=True, resample=3))
    write(f"{directory}/prior/model.safetensors", residual(random, normal, blocks, bottleneck))
    lora = {}
    for layer in range(layers):
        for target in ("q_proj", "v_proj"):
            name = f"base_model.model.vision_model.encoder.layers.{layer}.self_attn.{target}.lora_"
            lora[f"{name}A.weight"], lora[f"{name}B.weight"] = normal(RANK, width), normal(width, RANK)
    write(f"{directory}/lora/adapter_model.safetensors", lora)
    dump(f"{directory}/lora/adapter_config.json", dict(peft_type="LORA", r=RANK, lora_alpha=ALPHA, target_modules=["q_proj", "v_proj"], bias="none"))
    write(f"{directory}/lora/head.safetensors", dict(weight=normal(CLASSES, projection, scale=1.0), bias=normal(CLASSES)))
    dump(f"{directory}/lora/classes.json", [f"class {label}" for label in range(CLASSES)])
    blocky = random.integers(0, 256, (CLASSES * images, 3, 4, 4), numpy.uint8).repeat(image // 4, 2).repeat(image // 4, 3)
    opinions = random.random((CLASSES * images, CLASSES), numpy.float32)
    write(f"{directory}/images.safetensors", dict(opinions=opinions / opinions.sum(1, keepdims=True),
        pixels=normal(CLASSES * images, 3, image, image, scale=0.5), bytes=blocky,
        saliency=random.random((CLASSES * images, (image // patch) ** 2), numpy.float32)))


def transformer(normal, width, heads, inner, layers, image, patch, projection):
    one, zero = numpy.ones(width, numpy.float32), numpy.zeros(width, numpy.float32)
    tensors = {
        "vision_model.embeddings.class_embedding": normal(width),
        "vision_model.embeddings.patch_embedding.weight": normal(width, 3, patch, patch),
        "vision_model.embeddings.position_embedding.weight": normal((image // patch) ** 2 + 1, width),
        "vision_model.pre_layrnorm.weight": one, "vision_model.pre_layrnorm.bias": zero,
        "vision_model.post_layernorm.weight": one, "vision_model.post_layernorm.bias": zero,
        "visual_projection.weight": normal(projection, width, scale=0.1),
    }
    for layer in range(layers):
        at = f"vision_model.encoder.layers.{layer}."
        for norm in ("layer_norm1", "layer_norm2"):
            tensors[f"{at}{norm}.weight"], tensors[f"{at}{norm}.bias"] = one, zero
        for name, rows, columns in (*((f"self_attn.{p}_proj", width, width) for p in ("q", "k", "v", "out")), ("mlp.fc1", inner, width), ("mlp.fc2", width, inner)):
            tensors[f"{at}{name}.weight"], tensors[f"{at}{name}.bias"] = normal(rows, columns), normal(rows)
    return tensors


def residual(random, normal, blocks, bottleneck):
    tensors = {}

    def convolution(name, norm, incoming, outgoing, kernel, weight=1.0):
        tensors[f"{name}.weight"] = normal(outgoing, incoming, kernel, kernel, scale=(2 / (incoming * kernel * kernel)) ** 0.5)
        tensors[f"{norm}.weight"] = numpy.full(outgoing, weight, numpy.float32)
        tensors[f"{norm}.bias"], tensors[f"{norm}.running_mean"] = normal(outgoing, scale=0.1), normal(outgoing, scale=0.1)
        tensors[f"{norm}.running_var"] = random.uniform(0.5, 1.5, outgoing).astype(numpy.float32)

    convolution("conv1", "bn1", 3, 64, 7)
    incoming = 64
    for stage, count in enumerate(blocks):
        inner = 64 << stage
        outgoing = inner * 4 if bottleneck else inner
        for block in range(count):
            at = f"layer{stage + 1}.{block}."
            shapes = [(incoming, inner, 1), (inner, inner, 3), (inner, outgoing, 1)] if bottleneck else [(incoming, inner, 3), (inner, outgoing, 3)]
            for i, shape in enumerate(shapes, 1):
                convolution(f"{at}conv{i}", f"{at}bn{i}", *shape, weight=0.3 if i == len(shapes) else 1.0)
            if block == 0 and (stage > 0 or incoming != outgoing):
                convolution(f"{at}downsample.0", f"{at}downsample.1", incoming, outgoing, 1)
            incoming = outgoing
    return tensors


def dump(path, value):
    with open(path, "w") as file:
        json.dump(value, file)
