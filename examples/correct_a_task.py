"""A stored task that learns from corrections: asks, is corrected, and asks again.

    python examples/correct_a_task.py EXAMPLES PHOTOGRAPH=LABEL ...

EXAMPLES has a folder for each class with a few of its photographs. Each PHOTOGRAPH is classified; where that is not LABEL,
which may be a new class, the photograph becomes one of LABEL's examples, and all are asked again.
"""

import sys
from pathlib import Path

import lora_recycle

if len(sys.argv) < 3 or not all("=" in one for one in sys.argv[2:]):
    sys.exit(__doc__)
examples = {folder.name: sorted(folder.glob("*.*")) for folder in sorted(Path(sys.argv[1]).iterdir()) if folder.is_dir()}
truths = dict(one.rsplit("=", 1) for one in sys.argv[2:])

client = lora_recycle.Client()
stored = client.tasks.create(examples, name="learns from corrections")


def ask(when: str) -> dict:
    predictions = client.tasks.classify(stored.task.id, list(truths)).predictions
    right = sum(one.label == truth for one, truth in zip(predictions, truths.values()))
    print(f"{when}: {right} of {len(truths)} right")
    return dict(zip(truths, (one.label for one in predictions)))


for path, label in ask("before").items():
    if label != truths[path]:
        # With the version, so that nobody else's correction is overlooked: if there was one, the service says task-changed.
        stored = client.tasks.change(stored.task.id, support={truths[path]: [path]}, if_match=stored.etag)
        print(f"{path}: not {label}, but {truths[path]}")
ask("after")
client.tasks.delete(stored.task.id)
