"""One step of LoRA Inversion, plainly in PyTorch: a contestant of bench/method.py. A configuration is a token pruning such
as 8:.75 or none."""
import random

import torch
import torch.nn.functional as F

import contestant
import files
import networks

ALPHA_PRIOR, JITTER = 0.01, 8


def parse(pruning):
    return {} if pruning == "none" else {int(layer): float(fraction) for layer, fraction in (part.split(":") for part in pruning.split(","))}


def main():
    options = contestant.options()
    device, dtype = options.device, getattr(torch, options.dtype)
    model = networks.Vision(options.files, device, dtype).wear(options.files, device).requires_grad_(False)
    prior = networks.Prior(options.files, device, dtype)
    head = {name: torch.from_numpy(value).to(device) for name, value in files.read(f"{options.files}/lora/head.safetensors").items()}
    noise = torch.from_numpy(files.read(f"{options.files}/images.safetensors")["pixels"]).to(device)
    labels = torch.arange(files.CLASSES, device=device).repeat_interleave(len(noise) // files.CLASSES)
    channel = lambda values: torch.tensor(values, device=device).view(1, 3, 1, 1)
    mean, std, prior_mean, prior_std = (channel(v) for v in (files.MEAN, files.STD, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    low, high = -mean / std, (1 - mean) / std

    def loss_of(seen, pruning):
        logits = F.linear(model(seen.to(dtype), pruning).float(), head["weight"], head["bias"])
        return F.cross_entropy(logits, labels) + ALPHA_PRIOR * prior((seen * std + mean - prior_mean) / prior_std)

    if options.compile:
        loss_of = torch.compile(loss_of)

    def prepare(configuration):
        pruning, side = parse(configuration), noise.shape[-1]
        pixels = noise.clone().requires_grad_()
        best, lowest = noise.clone(), torch.full((), float("inf"), device=device)
        optimiser = contestant.adam([pixels], device, lr=0.25, betas=(0.5, 0.99))

        def step():
            optimiser.zero_grad(set_to_none=True)
            shift = [random.randint(-(side // JITTER), side // JITTER) for _ in range(2)]
            seen = torch.roll(pixels, shift, (2, 3))
            loss = loss_of(seen.flip(3) if random.random() < 0.5 else seen, pruning)
            loss.backward()
            with torch.no_grad():
                better = loss < lowest
                best.copy_(torch.where(better, pixels, best))
                lowest.copy_(torch.minimum(loss, lowest))
            optimiser.step()
            with torch.no_grad():
                pixels.copy_(torch.minimum(torch.maximum(pixels, low), high))

        return step

    def check(configuration, path):
        pixels = noise.clone().requires_grad_()
        loss = loss_of(pixels, parse(configuration))
        loss.backward()
        pixels.grad.float().cpu().numpy().tofile(path)
        return repr(loss.item())

    contestant.serve(device, prepare, check)


if __name__ == "__main__":
    main()
