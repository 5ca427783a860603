"""One step of meta-training on synthetic images, plainly in PyTorch: a contestant of bench/method.py. A configuration is the
share of patches that is masked. One 5-way episode of 5 + 15 images a class, mirrored at random; only the LoRA is trained."""
import torch
import torch.nn.functional as F

import contestant
import files
import networks

SHOTS = 5


def main():
    options = contestant.options()
    device, dtype = options.device, getattr(torch, options.dtype)
    model = networks.Vision(options.files, device, dtype).wear(options.files, device)
    parameters = [p for p in model.parameters() if p.requires_grad]
    stored = files.read(f"{options.files}/images.safetensors")
    channel = lambda values: torch.tensor(values, device=device).view(1, 3, 1, 1)
    samples = torch.from_numpy(stored["bytes"]).to(device).float() / 255
    images = (samples - channel(files.MEAN)) / channel(files.STD)
    saliency = torch.from_numpy(stored["saliency"]).to(device)
    each = len(images) // files.CLASSES
    targets = torch.from_numpy(stored["opinions"]).to(device)

    def loss_of(seen, positions, wanted):
        embeddings = model(seen.to(dtype), positions=positions).float().view(files.CLASSES, each, -1)
        prototypes, queries = embeddings[:, :SHOTS].mean(1), embeddings[:, SHOTS:].flatten(0, 1)
        logits = -torch.cdist(queries.unsqueeze(0), prototypes.unsqueeze(0))[0].square()
        return -(wanted * logits.log_softmax(1)).sum(1).mean()

    if options.compile:
        loss_of = torch.compile(loss_of)

    def positions_of(masked, scores):
        patches = scores.shape[1]
        return None if masked == 0 else scores.topk(patches - int(patches * masked + 1e-9), 1).indices.sort(1).values

    def prepare(configuration):
        masked, side = float(configuration), int(saliency.shape[1] ** 0.5)
        start = [p.detach().clone() for p in parameters]
        optimiser = contestant.adam(parameters, device, lr=1e-3)

        def step():
            optimiser.zero_grad(set_to_none=True)
            order = torch.rand(files.CLASSES, each, device=device).argsort(1) + torch.arange(files.CLASSES, device=device).unsqueeze(1) * each
            mirrored = torch.rand(len(images), 1, device=device) < 0.5
            chosen = images[order.flatten()]
            seen = torch.where(mirrored.view(-1, 1, 1, 1), chosen.flip(3), chosen)
            scores = saliency[order.flatten()]
            scores = torch.where(mirrored, scores.view(-1, side, side).flip(2).flatten(1), scores)
            loss_of(seen, positions_of(masked, scores), targets[order[:, SHOTS:].flatten()]).backward()
            optimiser.step()

        with torch.no_grad():
            for parameter, value in zip(parameters, start):
                parameter.copy_(value)
        return step

    def check(configuration, path):
        model.zero_grad()
        loss = loss_of(images, positions_of(float(configuration), saliency), targets.view(files.CLASSES, each, -1)[:, SHOTS:].flatten(0, 1))
        loss.backward()
        torch.cat([p.grad.float().cpu().flatten() for p in parameters]).numpy().tofile(path)
        return repr(loss.item())

    contestant.serve(device, prepare, check)


if __name__ == "__main__":
    main()
