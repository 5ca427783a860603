"""Sorts a folder of photographs into folders, by a few examples of each.

    python examples/sort_photographs.py EXAMPLES PHOTOGRAPHS SORTED [--move] [--sure 0.7]

EXAMPLES has a folder for each class with a few of its photographs, named as the class. What is less probable than --sure
goes to SORTED/unsure. LORA_RECYCLE_URL and LORA_RECYCLE_KEY say where the service is.
"""

import argparse
import shutil
from pathlib import Path

import lora_recycle

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}
AT_ONCE = 50


def pictures(folder: Path) -> list:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)


arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("examples", type=Path)
arguments.add_argument("photographs", type=Path)
arguments.add_argument("sorted", type=Path)
arguments.add_argument("--move", action="store_true", help="move the photographs, and do not copy them")
arguments.add_argument("--sure", type=float, default=0.7, help="the least probability, 0.7 by default")
options = arguments.parse_args()

client = lora_recycle.Client()
classes = {folder.name: pictures(folder) for folder in sorted(options.examples.iterdir()) if folder.is_dir()}
photographs = pictures(options.photographs)
put = shutil.move if options.move else shutil.copy2

# The service keeps the examples for as long as this runs, so that each request sends photographs alone.
task = client.tasks.create(classes).task
try:
    for first in range(0, len(photographs), AT_ONCE):
        batch = photographs[first : first + AT_ONCE]
        for path, prediction in zip(batch, client.tasks.classify(task.id, batch).predictions):
            folder = prediction.label if prediction.probability >= options.sure else "unsure"
            (options.sorted / folder).mkdir(parents=True, exist_ok=True)
            put(str(path), str(options.sorted / folder / path.name))
            print(f"{path.name}: {folder} ({prediction.label} {prediction.probability:.0%})")
finally:
    client.tasks.delete(task.id)
