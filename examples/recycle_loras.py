"""Recycles your own LoRAs into one meta-LoRA, and makes it the active one.

    python examples/recycle_loras.py NAME LORA ... [--iterations 400] [--distillation 200]

Each LORA is a PEFT directory with head.safetensors, or a zip archive of one. NAME will be the meta-LoRA's id.
"""

import argparse
import sys

import lora_recycle
from lora_recycle.answers import EvaluationEvent, ProgressEvent, StageEvent

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("name")
arguments.add_argument("loras", nargs="+", metavar="lora")
arguments.add_argument("--iterations", type=int, default=400, help="of the inversion of each LoRA")
arguments.add_argument("--distillation", type=int, default=200, help="iterations of the distillation")
options = arguments.parse_args()

client = lora_recycle.Client()
loras = [client.loras.upload(lora) for lora in options.loras]
print(f"uploaded {', '.join(lora.id[:12] for lora in loras)}")
job = client.recycle.start(
    loras=[lora.id for lora in loras],
    name=options.name,
    inversion={"iterations": options.iterations},
    distillation={"iterations": options.distillation},
)
for event in client.recycle.follow(job.id):
    if isinstance(event, ProgressEvent):
        print(f"  {event.kind} {event.iteration} of {event.iterations}, loss {event.loss}")
    elif isinstance(event, (StageEvent, EvaluationEvent)):
        print(event.message)

ended = client.recycle.get(job.id)
if ended.job.state != "succeeded":
    sys.exit(f"The job {ended.job.state}: {ended.job.error}")
for lora in ended.loras:
    print(f"{lora.id[:12]}: {lora.set_aside or f'inverted with a loss of {lora.best_loss:.3f}'}")
active = client.meta_loras.activate(ended.job.meta_lora)
print(f"active: {active.id}")
