using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>All LoRAs on this server: the shipped ones and the uploaded ones, each once.</summary>
internal sealed class LoraMarket(ShippedLoras shipped, UploadedLoras uploaded)
{
    /// <summary>The shipped ones first, then the uploaded ones in the order in which they came.</summary>
    public IReadOnlyList<Lora> All() =>
        [
            .. shipped
                .All()
                .Concat(uploaded.All())
                .DistinctBy(lora => lora.Id)
                .OrderBy(lora => lora.Facts.Sequence)
                .ThenBy(lora => lora.Facts.Added)
                .ThenBy(lora => lora.Id, StringComparer.Ordinal),
        ];

    public Lora? Find(string id) => shipped.All().FirstOrDefault(lora => lora.Id == id) ?? uploaded.Find(id);

    /// <summary>Where the files of one are that somebody holds.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public string DirectoryOf(string id) =>
        Find(id)?.Directory
        ?? throw new DirectoryNotFoundException($"LoRA {id} is not on this server. Do all processes share this data directory?");

    /// <summary>What the path of one leads to.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public Lora AtPath(string id) =>
        Find(id)
        ?? throw new ProblemException(
            LoraProblems.NotFound,
            "Expected the id of a LoRA on this server, 64 hexadecimal digits; GET /loras lists them."
        );

    /// <exception cref="ProblemException">It is a shipped one, or in use.</exception>
    public async Task DeleteAsync(Lora lora, CancellationToken cancellation)
    {
        if (lora.Origin == LoraOrigin.Shipped)
            throw new ProblemException(
                LoraProblems.Shipped,
                "Expected an uploaded LoRA; this one comes with the server, and the shipped market is read-only."
            );
        if (!await uploaded.DeleteAsync(lora, cancellation))
            throw new ProblemException(
                LoraProblems.InUse,
                "A job uses this LoRA. Delete the LoRA when the job has ended, or cancel the job first."
            );
    }
}
