"""Makes the fixtures of PEFT's variants beside those that are there: python3 tests/golden/make_peft_variants.py

Needs torch, transformers 5 and peft 0.21. Each fixture is what save_pretrained writes, and in expected.safetensors what the
tuned model computes of the pictures in the model's own expected.safetensors, in float32 on the CPU. Values are drawn from
a seed made of the fixture's name, so that a second run gives the same files.
"""

import copy
import sys
import tempfile
import zlib
from pathlib import Path

import torch
from peft import BOFTConfig, HRAConfig, IA3Config, LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import preprocess_loraga
from peft.tuners.lora.config import BdLoraConfig, KasaConfig, LoraGAConfig
from safetensors.torch import load_file, save_file
from transformers import CLIPVisionModelWithProjection, ViTForImageClassification

HERE = Path(__file__).resolve().parent
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
CLASSES = 5
ATTENTION = ["q_proj", "v_proj"]


class ClipClassifier(CLIPVisionModelWithProjection):
    """A linear head over CLIP's embeddings: what people tune who keep to few-shot classes."""

    def __init__(self, config):
        super().__init__(config)
        self.classifier = torch.nn.Linear(config.projection_dim, CLASSES)
        self.post_init()

    def forward(self, pixel_values):
        outputs = super().forward(pixel_values=pixel_values)
        outputs["logits"] = self.classifier(outputs.image_embeds)
        return outputs


def base(model_class=CLIPVisionModelWithProjection, model="clip", **kwargs):
    loaded = model_class.from_pretrained(HERE / model / "model", dtype=torch.float32, **kwargs).eval()
    loaded.name_or_path = f"{model}-tiny"
    return loaded


def pictures(model="clip"):
    return load_file(HERE / model / "model" / "expected.safetensors")["pixel_values"]


def tune(model):
    """Moves everything that is trained far enough to show, as an optimiser would."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                spread = parameter.std() if parameter.numel() > 1 and parameter.std() > 0 else torch.tensor(0.1)
                parameter.add_(torch.randn_like(parameter) * spread * 0.5)


def compute(model, pixels):
    with torch.no_grad():
        outputs = model(pixel_values=pixels)
    kept = ("last_hidden_state", "image_embeds", "logits")
    return {"pixel_values": pixels, **{name: outputs[name].contiguous() for name in kept if outputs.get(name) is not None}}


def write(name, tuned, fresh, model="clip", convert_from=None):
    directory = OUT / model / "adapters" / name
    expected = compute(tuned, pictures(model))
    extra = {"path_initial_model_for_weight_conversion": str(convert_from)} if convert_from else {}
    tuned.save_pretrained(str(directory), **extra)
    (directory / "README.md").unlink(missing_ok=True)
    save_file(expected, directory / "expected.safetensors")
    again = compute(PeftModel.from_pretrained(fresh, directory).eval(), pictures(model))
    errors = {key: ((again[key] - value).norm() / value.norm()).item() for key, value in expected.items()}
    print(f"{model}/{name}: read back by PEFT, relative error {max(errors.values()):.1e}")


def seed(name):
    torch.manual_seed(zlib.crc32(name.encode()))


def plain(name, config, make=base, model="clip"):
    seed(name)
    fresh = make()
    tuned = get_peft_model(copy.deepcopy(fresh), config).eval()
    tune(tuned)
    write(name, tuned, fresh, model)


def mutated(start, **settings):
    """Starts that take something out of the base weights: as they are stored, which tells no result, and converted to a plain LoRA."""
    name = start.split("_niter")[0]
    seed(name)
    fresh = base()
    config = LoraConfig(init_lora_weights=start, target_modules=ATTENTION, **settings)
    started = copy.deepcopy(fresh)
    if start == "lora_ga":
        estimate_gradients(started, config)
    tuned = get_peft_model(started, config).eval()
    with tempfile.TemporaryDirectory() as initial:
        tuned.peft_config["default"].init_lora_weights = True
        tuned.save_pretrained(initial)
        tuned.peft_config["default"].init_lora_weights = start
        tune(tuned)
        tuned.save_pretrained(str(OUT / "clip" / "adapters" / f"{name}_raw"))
        write(f"{name}_converted", tuned, base(), convert_from=initial)


def estimate_gradients(model, config):
    pixels = pictures()
    preprocess_loraga(model, config, lambda: model(pixel_values=pixels).image_embeds.square().sum().backward())


mutated("pissa", r=4, lora_alpha=8, use_rslora=True)
mutated("olora", r=4, lora_alpha=8, rank_pattern={"layers.1.self_attn.v_proj": 2}, alpha_pattern={"layers.0.self_attn.q_proj": 16})
mutated("lora_ga", r=4, lora_alpha=8, lora_ga_config=LoraGAConfig())
plain("kasa", LoraConfig(r=4, lora_alpha=8, target_modules=[*ATTENTION, "fc1"], kasa_config=KasaConfig()))
blocks = BdLoraConfig(target_modules_bd_a=["out_proj", "fc2"], target_modules_bd_b=["q_proj", "fc1"], nblocks=2, match_strict=False)
plain("bdlora", LoraConfig(r=4, lora_alpha=8, target_modules=[*ATTENTION, "out_proj", "fc1", "fc2"], use_bdlora=blocks))
plain("layers_to_transform", LoraConfig(r=4, lora_alpha=8, target_modules=ATTENTION, layers_to_transform=[0, 2], layers_pattern="layers"))
left_out = ["vision_model.encoder.layers.1.self_attn.q_proj"]
plain("exclude_modules", LoraConfig(r=4, lora_alpha=8, target_modules=ATTENTION, exclude_modules=left_out))
plain("lora_bias_b", LoraConfig(r=4, lora_alpha=8, target_modules=ATTENTION, lora_bias=True))
plain("hra_bias", HRAConfig(r=4, target_modules=ATTENTION, bias="hra_only"))
plain("boft_bias", BOFTConfig(boft_block_size=4, target_modules=ATTENTION, bias="boft_only"))
head = {"modules_to_save": ["classifier"]}
plain("lora_head", LoraConfig(r=4, lora_alpha=8, target_modules=ATTENTION, **head), lambda: base(ClipClassifier))
ia3 = IA3Config(target_modules=["k_proj", "v_proj", "fc2"], feedforward_modules=["fc2"], **head)
plain("ia3_head", ia3, lambda: base(ClipClassifier))
vit = LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value", "q_proj", "v_proj"], **head)
plain("lora_head", vit, lambda: base(ViTForImageClassification, "vit", num_labels=CLASSES), "vit")
