"""Images a second of the serving forward pass beside PyTorch and ONNX Runtime, in one run.

Each contestant is a process that stays alive; rounds alternate between them, so that a machine that slows down slows
all of them. Prints a table and, with --json FILE, writes every round.

    python3 bench/peers/export_onnx.py --model models/vit-s-12-96 --out artifacts/vit.onnx
    python3 bench/forward.py --model models/vit-s-12-96 --threads 2 --ours bfloat16 --onnx artifacts/vit.onnx   # CPU
    python3 bench/forward.py --device cuda --dtype bfloat16 --batches 1,8,64,256 --peak   # GPU, ViT-B/16, random weights
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VIT_B16_FLOP = 35.1e9


class Contestant:
    def __init__(self, name, command):
        self.name, self.times = name, {}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{name} did not start: {' '.join(command)}")

    def measure(self, batch, seconds):
        self.process.stdin.write(f"{batch} {seconds}\n")
        self.process.stdin.flush()
        self.times.setdefault(batch, []).append(float(self.process.stdout.readline()))

    def images_per_second(self, batch):
        return batch / statistics.median(self.times[batch])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--ours", help="another dtype for this project alone; peers keep --dtype")
    parser.add_argument("--onnx", help="a file of peers/export_onnx.py: ONNX Runtime is a contestant too")
    parser.add_argument("--onnx-bench", default=f"{HERE}/OnnxRuntime/bin/Release/net10.0/onnxruntime-bench")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--batches", default="1,8,32")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--compile", action="store_true", help="a third contestant: torch.compile")
    parser.add_argument("--peak", action="store_true", help="also the card's bf16 peak, measured by a large product")
    parser.add_argument("--bench", default=f"{HERE}/LoraRecycle.Bench/bin/Release/net10.0/lora-recycle-bench")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json")
    options = parser.parse_args()

    common = ["--device", options.device, "--threads", str(options.threads)]
    if options.model:
        common += ["--model", options.model]
    peer = [options.python, f"{HERE}/peers/vit_forward.py", *common, "--dtype", options.dtype]
    ours = [options.bench, "forward", *common, "--dtype", options.ours or options.dtype]
    contestants = [Contestant("this", ours), Contestant("PyTorch", peer)]
    if options.onnx:
        contestants.append(Contestant("ONNX Runtime", [options.onnx_bench, options.onnx, str(options.threads)]))
    if options.compile:
        contestants.append(Contestant("torch.compile", [*peer, "--compile"]))
    peak = Contestant("peak", [*peer, "--peak"]) if options.peak else None

    batches = [int(batch) for batch in options.batches.split(",")]
    for batch in batches:
        for _ in range(options.rounds):
            for contestant in contestants:
                contestant.measure(batch, options.seconds)
    if peak:
        for _ in range(options.rounds):
            peak.measure(0, options.seconds)
        tflops = 2 * 8192**3 / statistics.median(peak.times[0]) / 1e12
        print(f"bf16 peak (8192^3 product): {tflops:.0f} TFLOP/s")

    print("| batch | " + " | ".join(f"{c.name}, images/s" for c in contestants) + "".join(f" | ratio to {c.name}" for c in contestants[1:]) + " |" + (" share of peak |" if peak else ""))
    print("|---" * (2 * len(contestants) + bool(peak)) + "|")
    for batch in batches:
        speeds = [c.images_per_second(batch) for c in contestants]
        ratios = [statistics.median(b / a for a, b in zip(contestants[0].times[batch], c.times[batch])) for c in contestants[1:]]
        row = f"| {batch} | " + " | ".join([f"{speed:.1f}" for speed in speeds] + [f"{ratio:.2f}" for ratio in ratios]) + " |"
        if peak:
            row += f" {speeds[0] * VIT_B16_FLOP / tflops / 1e12:.0%} |"
        print(row)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({c.name: c.times for c in contestants}, file)


if __name__ == "__main__":
    main()
