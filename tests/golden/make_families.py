"""Makes the fixtures of further families beside those that are there: python3 tests/golden/make_families.py [OUT]

Needs torch, transformers 5 and, for the adapters, peft 0.21; Pillow and torchvision for the processors. A CPU is enough.
A model's folder is what save_pretrained writes, with expected.safetensors: pixel_values and what the model computes of them
in float32. Weights are drawn from a seed made of the fixture's name. A family that this transformers cannot make is named
at the end, and the others are made all the same.
"""

import copy
import json
import shutil
import sys
import traceback
import zlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

HERE = Path(__file__).resolve().parent
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
SHAPE = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4)
KEPT = ("last_hidden_state", "pooler_output", "image_embeds")
PHOTOS = 4


def seed(name):
    torch.manual_seed(zlib.crc32(name.encode()))


def stir(model):
    """Moves every weight off its start, so that zeros, ones and equal layer scales hide no mistake."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.numel() == 0:
                continue
            if "token" in name or "position" in name or "probe" in name:
                parameter.copy_(torch.randn_like(parameter) * 0.5)
            elif "norm" in name and name.endswith("weight") or "lambda" in name:
                parameter.copy_(1 + 0.3 * torch.randn_like(parameter))
            elif parameter.dim() > 1:
                parameter.copy_(torch.randn_like(parameter) * 0.15)
            else:
                parameter.copy_(torch.randn_like(parameter) * 0.1)


def compute(model, pixels, drop=(), **kwargs):
    with torch.no_grad():
        outputs = model(pixel_values=pixels, **kwargs)
    found = {name: outputs[name] for name in KEPT if name not in drop and outputs.get(name) is not None}
    return {"pixel_values": pixels, **{name: value.float().contiguous().clone() for name, value in found.items()}}


def tidy(folder):
    for name in ("README.md", "generation_config.json"):
        (folder / name).unlink(missing_ok=True)


def write(name, make, edge, drop=(), outputs_of=lambda model: model, resampled=None):
    """resampled: an edge that the model was not made for, whose outputs are kept in a folder of their own beside the model's."""
    seed(name)
    model = make().float().eval()
    stir(model)
    folder = OUT / name / "model"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(str(folder))
    tidy(folder)
    again = type(model).from_pretrained(str(folder), dtype=torch.float32).eval()
    pixels = torch.randn(2, 3, edge, edge)
    expected = compute(outputs_of(model), pixels, drop)
    reread = compute(outputs_of(again), pixels, drop)
    error = max(((reread[key] - value).norm() / value.norm()).item() for key, value in expected.items())
    save_file(expected, folder / "expected.safetensors")
    if resampled:
        larger = torch.randn(1, 3, resampled, resampled)
        extra = {"interpolate_pos_encoding": True} if name.startswith(("deit", "siglip")) else {}
        save_file(compute(outputs_of(model), larger, drop, **extra), folder / "resampled.safetensors")
    print(f"{name}: {sorted(expected)}, read back with relative error {error:.1e}, "
          f"{sum(file.stat().st_size for file in folder.iterdir())} bytes")


def deit():
    from transformers import DeiTConfig, DeiTModel
    config = DeiTConfig(**SHAPE, intermediate_size=64, image_size=32, patch_size=8)
    write("deit", lambda: DeiTModel(config, add_pooling_layer=False), 32, drop=("pooler_output",), resampled=48)


def deit_classifier():
    from transformers import DeiTConfig, DeiTForImageClassification
    config = DeiTConfig(**SHAPE, intermediate_size=64, image_size=32, patch_size=8, num_labels=3)
    write("deit_classifier", lambda: DeiTForImageClassification(config), 32, ("pooler_output",), lambda model: model.deit)


def deit_teacher():
    from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher
    config = DeiTConfig(**SHAPE, intermediate_size=64, image_size=32, patch_size=8, num_labels=3)
    write("deit_teacher", lambda: DeiTForImageClassificationWithTeacher(config), 32, ("pooler_output",), lambda model: model.deit)


def vit_classifier():
    """DeiT without its distillation token is a plain vit."""
    from transformers import ViTConfig, ViTForImageClassification
    config = ViTConfig(**SHAPE, intermediate_size=64, image_size=32, patch_size=8, num_labels=3)
    write("vit_classifier", lambda: ViTForImageClassification(config), 32, ("pooler_output",), lambda model: model.vit)


def dinov2_with_registers():
    from transformers import Dinov2WithRegistersConfig, Dinov2WithRegistersModel
    config = Dinov2WithRegistersConfig(**SHAPE, mlp_ratio=2, image_size=56, patch_size=8, num_register_tokens=4)
    write("dinov2_with_registers", lambda: Dinov2WithRegistersModel(config), 56, resampled=32)


def siglip_whole():
    """As a downloaded SigLIP or SigLIP 2 of fixed resolution lies: both towers, and vision_config within."""
    from transformers import SiglipConfig, SiglipModel
    vision = dict(**SHAPE, intermediate_size=64, image_size=32, patch_size=8)
    text = dict(**SHAPE, intermediate_size=64, vocab_size=16, max_position_embeddings=8)
    config = SiglipConfig(text_config=text, vision_config=vision)
    write("siglip_whole", lambda: SiglipModel(config), 32, outputs_of=lambda model: model.vision_model, resampled=48)


def dinov3_vit(name="dinov3_vit", **settings):
    from transformers import DINOv3ViTConfig, DINOv3ViTModel
    config = DINOv3ViTConfig(**SHAPE, intermediate_size=64, image_size=32, patch_size=8, num_register_tokens=4, **settings)
    write(name, lambda: DINOv3ViTModel(config), 32, resampled=48)


def dinov3_vit_gated():
    dinov3_vit("dinov3_vit_gated", use_gated_mlp=True, hidden_act="silu", query_bias=False, value_bias=False, mlp_bias=False)


def tune(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.copy_(torch.randn_like(parameter) * 0.1)


def adapter(family, name, fresh, targets, drop=(), **settings):
    """Expected is what the model computes once PEFT has merged the adapter; a difference to the model beside it is printed."""
    from peft import LoraConfig, get_peft_model
    seed(f"{family}/{name}")
    pixels = load_file(HERE / family / "model" / "expected.safetensors")["pixel_values"]
    fresh.name_or_path = f"{family}-tiny"
    tuned = get_peft_model(copy.deepcopy(fresh), LoraConfig(r=4, lora_alpha=8, target_modules=targets, **settings)).eval()
    tune(tuned)
    folder = OUT / family / "adapters" / name
    shutil.rmtree(folder, ignore_errors=True)
    beside = compute(tuned, pixels, drop)
    tuned.save_pretrained(str(folder))
    tidy(folder)
    merged = compute(copy.deepcopy(tuned).merge_and_unload(), pixels, drop)
    save_file(merged, folder / "expected.safetensors")
    layers = sorted({key.split(".lora_")[0] for key in load_file(folder / "adapter_model.safetensors")})
    error = max(((beside[key] - value).norm() / value.norm()).item() for key, value in merged.items())
    print(f"{family}/{name}: {len(layers)} layers, beside against merged {error:.1e}")


def siglip_adapter():
    from transformers import SiglipVisionModel
    fresh = SiglipVisionModel.from_pretrained(str(HERE / "siglip" / "model"), dtype=torch.float32).eval()
    adapter("siglip", "lora_all_layers", fresh, ["q_proj", "out_proj", "fc1", "fc2"])
    adapter("siglip", "lora_feed_forward", fresh, ["fc1", "fc2"])


def clip_adapter():
    from transformers import CLIPVisionModelWithProjection
    fresh = CLIPVisionModelWithProjection.from_pretrained(str(HERE / "clip" / "model"), dtype=torch.float32).eval()
    adapter("clip", "lora_projection", fresh, ["q_proj", "visual_projection"])
    adapter("clip", "lora_lookahead", fresh, r"^(?!.*text_model).*\.(?P<part>q_proj|v_proj)", rank_pattern={r"(?<=\.)v_proj": 2})


def vit_adapter():
    from transformers import ViTModel
    fresh = ViTModel.from_pretrained(str(HERE / "vit" / "model"), dtype=torch.float32).eval()
    names = [name for name, module in fresh.named_modules() if isinstance(module, torch.nn.Linear)]
    adapter("vit", "lora_all_linear", fresh, names, drop=("pooler_output",))


def dinov3_adapter():
    from transformers import DINOv3ViTModel
    for family in ("dinov3_vit", "dinov3_vit_gated"):
        fresh = DINOv3ViTModel.from_pretrained(str(OUT / family / "model"), dtype=torch.float32).eval()
        if OUT != HERE:
            shutil.copytree(OUT / family / "model", HERE / family / "model", dirs_exist_ok=True)
        adapter(family, "lora_all_linear", fresh, "all-linear")


def processors():
    """What the processors make of photographs, at small sizes; each with the file that it saves."""
    import transformers
    from PIL import Image
    names = json.loads((HERE / "photos" / "order.json").read_text())[:PHOTOS]
    photos = [Image.open(HERE / "photos" / name).convert("RGB") for name in names]
    cases = {
        "deit": ("DeiTImageProcessor", dict(size={"height": 40, "width": 40}, crop_size={"height": 32, "width": 32})),
        "dinov3": ("DINOv3ViTImageProcessor", dict(size={"height": 48, "width": 48})),
        "siglip2": ("SiglipImageProcessor", dict(size={"height": 32, "width": 32}, resample=2)),
        "bit": ("BitImageProcessor", dict(size={"shortest_edge": 40}, crop_size={"height": 32, "width": 32})),
    }
    for case, (kind, settings) in cases.items():
        try:
            made = getattr(transformers, kind, None) or getattr(transformers, f"{kind}Fast")
            processor = made(**settings)
            folder = OUT / "processors" / case
            folder.mkdir(parents=True, exist_ok=True)
            processor.save_pretrained(str(folder))
            pixels = torch.cat([processor(images=photo, return_tensors="pt")["pixel_values"].float() for photo in photos])
            save_file({"pixel_values": pixels.contiguous()}, folder / "expected.safetensors")
            (folder / "photos.json").write_text(json.dumps(names))
            print(f"processors/{case}: {type(processor).__name__} {tuple(pixels.shape)}, {sorted(file.name for file in folder.iterdir())}")
        except Exception:
            failed.append(f"processors/{case}")
            traceback.print_exc()


failed = []
for family in (deit, deit_classifier, deit_teacher, vit_classifier, dinov2_with_registers, siglip_whole, dinov3_vit, dinov3_vit_gated,
               siglip_adapter, clip_adapter, vit_adapter, dinov3_adapter, processors):
    try:
        family()
    except Exception:
        failed.append(family.__name__)
        traceback.print_exc()
print("failed:", ", ".join(failed) or "nothing")
