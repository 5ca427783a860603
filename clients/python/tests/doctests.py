"""Runs the examples of modules and documents: ``doctests.py lora_recycle.client README.md ...``, from the folder with samples/."""

import doctest
import importlib
import sys

failed = tried = 0
for name in sys.argv[1:]:
    if name.endswith(".md"):
        result = doctest.testfile(name, module_relative=False)
    else:
        result = doctest.testmod(importlib.import_module(name))
    if result.attempted == 0:
        sys.exit(f"{name} has no example.")
    failed, tried = failed + result.failed, tried + result.attempted
print(f"{tried} tried, {failed} failed")
sys.exit(1 if failed else 0)
