"""What the contestants of bench/method.py have in common: they stay alive and answer lines on standard input.

"CONFIGURATION SECONDS" is answered with seconds a step and bytes of device memory at most; "check CONFIGURATION FILE" with
the loss, after the gradient went to the file as raw float32.
"""
import argparse
import sys
import time

import torch


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--compile", action="store_true")
    parsed = parser.parse_args()
    if parsed.threads:
        torch.set_num_threads(parsed.threads)
    torch.manual_seed(0)
    return parsed


def adam(parameters, device, **settings):
    fused = torch.device(device).type == "cuda"
    return torch.optim.Adam(parameters, **settings, **(dict(fused=True) if fused else {}))


def serve(device, prepare, check):
    """prepare(configuration) gives a function that takes one step."""
    cuda, current, step = torch.device(device).type == "cuda", None, None
    synchronize = torch.cuda.synchronize if cuda else lambda: None
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "check":
            print(check(words[1], words[2]), flush=True)
            continue
        configuration, seconds = words[0], float(words[1])
        if configuration != current:
            step = None
            if cuda:
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            current, step = configuration, prepare(configuration)
            for _ in range(3):
                step()
        synchronize()
        start, steps = time.perf_counter(), 0
        while steps == 0 or time.perf_counter() - start < seconds:
            for _ in range(5 if cuda else 1):
                step()
                steps += 1
            synchronize()
        print(repr((time.perf_counter() - start) / steps), torch.cuda.max_memory_allocated() if cuda else 0, flush=True)
