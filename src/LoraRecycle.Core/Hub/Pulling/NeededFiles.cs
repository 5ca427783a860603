using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Hub.Protocol;
using LoraRecycle.Core.Imaging.Preprocessing;

namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>
/// Which files of a repository this program reads; nothing else is fetched. Weights come as safetensors alone: the other formats are
/// pickles, and reading one runs whatever code it holds.
/// </summary>
/// <param name="IsAdapter">Whether it is an adapter, and no model.</param>
/// <param name="Files">Their names, in the repository's root; without the shards that an index lists.</param>
/// <param name="Index">Of these, the index of a model in several files; null where it is in one.</param>
internal sealed record NeededFiles(bool IsAdapter, IReadOnlyList<string> Files, string? Index)
{
    private const string Config = "config.json";
    private const string Weights = "model.safetensors";
    private const string WeightsIndex = "model.safetensors.index.json";
    private const string Calibration = "calibration.json";
    private const int MostAdapterFiles = 16;

    private static readonly string[] Pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    /// <param name="reference">The repository, for messages.</param>
    /// <param name="paths">All its files.</param>
    /// <param name="asAdapter">Whether to take it for an adapter, even if it looks like a model.</param>
    /// <exception cref="HubContentException">It has nothing that can be used.</exception>
    public static NeededFiles Of(HubReference reference, IReadOnlyList<string> paths, bool asAdapter)
    {
        var there = paths.ToHashSet(StringComparer.Ordinal);
        var isModel = there.Contains(Config) && (there.Contains(Weights) || there.Contains(WeightsIndex));
        var isPeft = there.Contains(AdapterConfig.FileName) && there.Contains(AdapterFiles.TensorsName);
        if (isModel && !asAdapter) return Model(reference, there);
        if (isPeft) return Adapter(AdapterFiles.Names, there);

        // The papers' own adapters are a file without settings.
        if (asAdapter && paths.Where(IsTensors).Order(StringComparer.Ordinal).ToArray() is [_, ..] files)
            return files.Length <= MostAdapterFiles
                ? Adapter(files, there)
                : throw new HubContentException(
                    $"{reference} has {files.Length} safetensors files; expected an adapter of at most {MostAdapterFiles}."
                );
        throw new HubContentException(Unusable(reference, paths, asAdapter));
    }

    private static NeededFiles Model(HubReference reference, HashSet<string> there)
    {
        string[] preparing = [PreprocessorConfig.FileName, PreprocessorConfig.ProcessorFileName];
        if (!preparing.Any(there.Contains))
            throw new HubContentException(
                $"{reference} has neither {preparing[0]} nor {preparing[1]}, so it does not say how pictures are prepared: expected a "
                    + "vision transformer with one of the two."
            );
        var weights = there.Contains(Weights) ? Weights : WeightsIndex;
        return new(
            IsAdapter: false,
            [.. preparing.Append(Config).Append(weights).Append(Calibration).Where(there.Contains)],
            weights == WeightsIndex ? weights : null
        );
    }

    private static NeededFiles Adapter(IEnumerable<string> files, HashSet<string> there) =>
        new(IsAdapter: true, [.. files.Append(Calibration).Where(there.Contains)], Index: null);

    private static bool IsTensors(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) && SafeName.Is(path);

    private static string Unusable(HubReference reference, IReadOnlyList<string> paths, bool asAdapter)
    {
        var expected = asAdapter
            ? $"{AdapterConfig.FileName} and {AdapterFiles.TensorsName}"
            : $"{Config} and {Weights} of a model, or {AdapterConfig.FileName} and {AdapterFiles.TensorsName} of an adapter";
        var pickles = paths.Where(path => Pickles.Any(path.EndsWith) && SafeName.Is(path)).Order(StringComparer.Ordinal).ToArray();
        return pickles.Length > 0
            ? $"{reference} has its weights as {AdapterException.Shown(pickles)} alone. That is a pickle, which can run any code when it "
                + "is read, so it is never fetched. Use a revision or a repository with safetensors: "
                + "https://huggingface.co/spaces/safetensors/convert opens a pull request with them, which --revision refs/pr/N fetches."
            : $"{reference} has nothing to use: expected {expected}; found "
                + $"{(paths.Count == 0 ? "no files" : AdapterException.Shown(paths.Where(SafeName.Is)))}.";
    }
}
