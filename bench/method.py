"""Speed, memory and share of peak of the method's two steps beside plain PyTorch, in one run.

(a) inversion: one iteration of LoRA Inversion, 5 classes x 5 images, for several token prunings.
(b) distillation: one step of meta-training, one 5-way episode of 5 + 15 images a class, for several masks.

Each contestant is a process that stays alive; rounds alternate between them, so that a machine that slows down slows all of
them. All of them load the same random networks. Prints Markdown tables and, with --json FILE, writes every round.

    python3 bench/method.py --size tiny --check                          # CPU: is it the same step?
    python3 bench/method.py --size tiny                                  # CPU, small
    python3 bench/method.py --device cuda --dtype bfloat16 --compile     # GPU: ViT-B/16 at 224 pixels, ResNet-50
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/peers")
import files  # noqa: E402

# What the paper reports (LoRA Recycle, CVPR 2025), iterations a second on its own machine.
PAPER = {
    "inversion": {"none": 5.56, "11:.75": 5.81, "8:.75": 6.22, "6:.75": 7.15, "3:.3,6:.3,8:.3,11:.3": 6.13},
    "distillation": {"0": 1.76, "0.25": 2.34, "0.5": 3.63, "0.75": 6.83},
}
IMAGES = {"inversion": 5, "distillation": 20}


class Contestant:
    def __init__(self, name, command, **environment):
        self.name, self.rounds = name, {}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.answer("", "ready")

    def answer(self, line, expected=None):
        if line:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        text = self.process.stdout.readline().strip()
        if not text or expected not in (None, text):
            raise SystemExit(f"{self.name} did not answer {line!r}: {text!r}")
        return text

    def measure(self, configuration, seconds):
        self.rounds.setdefault(configuration, []).append([float(word) for word in self.answer(f"{configuration} {seconds}").split()])

    def check(self, configuration):
        with tempfile.NamedTemporaryFile() as file:
            return float(self.answer(f"check {configuration} {file.name}")), numpy.fromfile(file.name, numpy.float32)

    def follow(self, configuration):
        with tempfile.NamedTemporaryFile() as file:
            losses = [float(word) for word in self.answer(f"follow {configuration} {file.name}").split()]
            return numpy.array(losses), numpy.fromfile(file.name, numpy.float32)

    def seconds(self, configuration):
        return statistics.median(seconds for seconds, _ in self.rounds[configuration])

    def gigabytes(self, configuration):
        return max(memory for _, memory in self.rounds[configuration]) / 1e9

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def vit_layer(tokens, width, inner, kept=None, queries=None):
    """FLOP of one layer's forward pass for an image: products of 2 x m x n x k. After attention only `kept` tokens go on."""
    kept, queries = kept or tokens, queries or tokens
    projections = 2 * width * width * (queries + 2 * tokens)
    attention = 2 * 2 * queries * tokens * width
    rest = 2 * kept * width * width + 2 * 2 * kept * width * inner
    return projections + rest, attention


def resnet_flop(size, image):
    """FLOP of the prior's convolutions for an image, forward."""
    blocks, bottleneck = files.SIZES[size]["resnet"]
    side = image // 2
    flop, incoming, side = 2 * 3 * 49 * 64 * side * side, 64, side // 2
    for stage, count in enumerate(blocks):
        inner = 64 << stage
        outgoing = inner * 4 if bottleneck else inner
        for block in range(count):
            before, side = side, side // (2 if stage and not block else 1)
            if bottleneck:
                flop += 2 * (incoming * inner * before**2 + 9 * inner * inner * side**2 + inner * outgoing * side**2)
            else:
                flop += 2 * 9 * (incoming * inner + inner * outgoing) * side**2
            if not block and (stage or incoming != outgoing):
                flop += 2 * incoming * outgoing * side**2
            incoming = outgoing
    return flop


def inversion_flop(size, batch, pruning, whole):
    """FLOP of a step. Backward runs to the pixels and no weight has a gradient: it costs as much as forward for products with
    weights and for convolutions, twice as much for attention. `whole`: the last layer computes all tokens, not one."""
    width, heads, inner, layers, image, patch, projection = files.SIZES[size]["vit"]
    leaving = {} if pruning == "none" else dict((int(l), float(f)) for l, f in (part.split(":") for part in pruning.split(",")))
    tokens = (image // patch) ** 2 + 1
    linear, attention = 2 * (tokens - 1) * 3 * patch * patch * width + 2 * width * projection, 0
    for layer in range(layers):
        kept = tokens - int((tokens - 1) * leaving.get(layer, 0) + 1e-9)
        only = layer == layers - 1 and not whole
        products, attended = vit_layer(tokens, width, inner, 1 if only else kept, 1 if only else tokens)
        linear, attention, tokens = linear + products, attention + attended, kept
    return batch * (2 * linear + 3 * attention + 2 * resnet_flop(size, image))


def distillation_flop(size, batch, masked, whole):
    """FLOP of a step. Backward runs to the first layer's projections: gradients of weights are those of the LoRA alone. `whole`: the
    last layer computes all tokens, not one."""
    width, heads, inner, layers, image, patch, projection = files.SIZES[size]["vit"]
    patches = (image // patch) ** 2
    kept = patches - int(patches * masked + 1e-9)
    tokens = kept + 1
    products, attended = vit_layer(tokens, width, inner)
    thin = 2 * 2 * tokens * 2 * width * files.RANK  # two LoRAs a layer, two products each
    embedding, first = 2 * kept * 3 * patch * patch * width, 2 * 3 * tokens * width * width
    last, last_attended = (products, attended) if whole else vit_layer(tokens, width, inner, 1, 1)
    products, attended = (layers - 1) * products + last, (layers - 1) * attended + last_attended
    forward = embedding + products + layers * thin + attended + 2 * width * projection
    backward = products + 2 * layers * thin + 2 * attended - first + 2 * width * projection
    return batch * (forward + backward)


def table(kind, options, contestants, peak):
    ours, eager = contestants[0], contestants[1]
    batch = files.CLASSES * IMAGES[kind]
    on_gpu = options.device != "cpu"
    print(f"\n{kind}, batch {batch}, {options.size}, {options.dtype} on {options.device}\n")
    heads = ["pruning" if kind == "inversion" else "masked"]
    for contestant in contestants:
        heads += [f"{contestant.name}, it/s"] + ([f"{contestant.name}, GB", f"{contestant.name}, share of peak"] if on_gpu else [])
    heads += [f"ratio to {c.name}" for c in contestants[1:]] + ["ratio to the paper"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    rows = {}
    for configuration, paper in PAPER[kind].items():
        row = [configuration]
        for contestant in contestants:
            seconds = contestant.seconds(configuration)
            row.append(f"{1 / seconds:.2f}")
            if on_gpu:
                flop = inversion_flop(options.size, batch, configuration, contestant is not ours) if kind == "inversion" else distillation_flop(options.size, batch, float(configuration), contestant is not ours)
                row += [f"{contestant.gigabytes(configuration):.2f}", f"{flop / seconds / peak:.0%}"]
        for other in contestants[1:]:
            row.append(f"{statistics.median(b[0] / a[0] for a, b in zip(ours.rounds[configuration], other.rounds[configuration])):.2f}")
        row.append(f"{1 / ours.seconds(configuration) / paper:.1f}")
        print("| " + " | ".join(row) + " |", flush=True)
        rows[configuration] = {c.name: c.rounds[configuration] for c in contestants}
    return rows


def check(kind, contestants):
    """The same networks and images must give the same loss and gradient. Of the parts of a gradient (images, layers) one in ten may
    lie further apart: where a ReLU stands at its kink, rounding decides."""
    worst = 0
    for configuration in PAPER[kind]:
        (loss, gradient), (other, expected) = (contestant.check(configuration) for contestant in contestants[:2])
        parts = numpy.abs(gradient - expected).reshape(24 if kind == "distillation" else files.CLASSES * IMAGES[kind], -1).max(1) / numpy.abs(expected).max()
        most = float(numpy.quantile(parts, 0.9))
        worst = max(worst, most, abs(loss - other) / abs(other))
        print(f"{kind} {configuration}: loss {loss:.6f} and {other:.6f}, gradient apart by {most:.1e} of its largest value, at worst {parts.max():.1e}", flush=True)
    return worst


def compare_recordings(kind, command, options):
    """Ours as recorded CUDA graphs beside ours launched kernel by kernel: the same losses, and how much faster."""
    recorded, launched = Contestant("recorded", command), Contestant("launched", command, LORA_RECYCLE_CUDA_GRAPHS="0")
    for configuration in PAPER[kind]:
        (losses, values), (others, expected), (again, repeated) = recorded.follow(configuration), launched.follow(configuration), launched.follow(configuration)
        apart, anyway = numpy.abs(values - expected).mean(), numpy.abs(repeated - expected).mean()
        for _ in range(options.rounds):
            for contestant in (recorded, launched):
                contestant.measure(configuration, options.seconds)
        print(f"{kind} {configuration}: losses {losses[0]:.5f} ... {losses[-1]:.5f} recorded and {others[0]:.5f} ... {others[-1]:.5f} launched, "
              f"at most {numpy.abs(losses - others).max():.1e} apart (launched twice: {numpy.abs(again - others).max():.1e}); values {apart:.1e} apart on average "
              f"(launched twice: {anyway:.1e}); {recorded.seconds(configuration) * 1e3:.2f} ms and {launched.seconds(configuration) * 1e3:.2f} ms, "
              f"{recorded.gigabytes(configuration):.2f} GB and {launched.gigabytes(configuration):.2f} GB", flush=True)
    recorded.end()
    launched.end()


def measure_peak(options):
    peer = Contestant("peak", [options.python, f"{HERE}/peers/vit_forward.py", "--device", options.device, "--dtype", options.dtype, "--peak"])
    seconds = statistics.median(float(peer.answer("0 0.5")) for _ in range(5))
    peer.end()
    print(f"{options.dtype} peak (8192^3 product): {2 * 8192**3 / seconds / 1e12:.0f} TFLOP/s")
    return 2 * 8192**3 / seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", default="inversion,distillation")
    parser.add_argument("--size", default="vit-b-16", choices=files.SIZES)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--compile", action="store_true", help="a third contestant: torch.compile")
    parser.add_argument("--check", action="store_true", help="compare losses and gradients instead of speed")
    parser.add_argument("--recordings", action="store_true", help="compare our recorded CUDA graphs with our kernels launched one by one instead")
    parser.add_argument("--loras", type=int, default=1, help="with --recordings: how many LoRAs share an inversion's batch")
    parser.add_argument("--images", type=int, help="with --recordings: images a class in an inversion, 5 unless told")
    parser.add_argument("--configurations", help="only those, separated by semicolons")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--bench", default=f"{HERE}/LoraRecycle.Bench/bin/Release/net10.0/lora-recycle-bench")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json")
    options = parser.parse_args()

    peak = measure_peak(options) if options.device != "cpu" and not options.check and not options.recordings else None
    if options.configurations:
        for kind, known in PAPER.items():
            PAPER[kind] = {name: figure for name, figure in known.items() if name in options.configurations.split(";")}
    if options.images:
        IMAGES["inversion"] = options.images
    results, worst = {}, 0
    for kind in options.steps.split(","):
        with tempfile.TemporaryDirectory() as directory:
            files.make(directory, options.size, IMAGES[kind])
            common = ["--files", directory, "--device", options.device, "--dtype", options.dtype, "--threads", str(options.threads)]
            if options.recordings:
                compare_recordings(kind, [options.bench, kind, *common, "--loras", str(options.loras)], options)
                continue
            peer = [options.python, f"{HERE}/peers/{kind}_step.py", *common]
            contestants = [Contestant("this", [options.bench, kind, *common]), Contestant("PyTorch", peer)]
            if options.compile:
                contestants.append(Contestant("torch.compile", [*peer, "--compile"]))
            if options.check:
                worst = max(worst, check(kind, contestants))
            else:
                for configuration in PAPER[kind]:
                    for _ in range(options.rounds):
                        for contestant in contestants:
                            contestant.measure(configuration, options.seconds)
                results[kind] = table(kind, options, contestants, peak)
            for contestant in contestants:
                contestant.end()
    if options.check and worst > options.tolerance:
        raise SystemExit(f"They differ by {worst:.1e}, more than {options.tolerance:.0e}.")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"peak": peak, "rounds": results}, file)


if __name__ == "__main__":
    main()
