using LoraRecycle.Core.Adapters.Families;
using LoraRecycle.Core.Adapters.Families.Fourier;
using LoraRecycle.Core.Adapters.Families.Ia3;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Adapters.Families.Lycoris;
using LoraRecycle.Core.Adapters.Families.Orthogonal;
using LoraRecycle.Core.Adapters.Families.Papers.BlockLora;
using LoraRecycle.Core.Adapters.Families.Papers.Cores;
using LoraRecycle.Core.Adapters.Families.Papers.Lofit;
using LoraRecycle.Core.Adapters.Families.Papers.Mixture;
using LoraRecycle.Core.Adapters.Families.RandomBases;
using LoraRecycle.Core.Adapters.Families.VbLora;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Naming;
using LoraRecycle.Core.Safetensors;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Catalog;

/// <summary>Loads adapters of every known family. The one place that lists the families.</summary>
public sealed class AdapterCatalog
{
    /// <summary>Every family that this project reads.</summary>
    public static AdapterCatalog Default { get; } =
        new([
            new LoraFamily(),
            new LoraRecycleFamily(),
            new VeraFamily(),
            new RandLoraFamily(),
            new LohaFamily(),
            new LokrFamily(),
            new Ia3Family(),
            new OftFamily(),
            new BoftFamily(),
            new HraFamily(),
            new FourierFamily(),
            new VbLoraFamily(),
            new LoraXsFamily(),
            new LoraSbFamily(),
            new NloraFamily(),
            new SloraFamily(),
            new LamdaFamily(),
            new SoraFamily(),
            new LolduFamily(),
            new BlockLoraFamily(),
            new LofitFamily(),
            new MixLoraFamily(),
        ]);

    public AdapterCatalog(IReadOnlyList<IAdapterFamily> families) => Families = families;

    public IReadOnlyList<IAdapterFamily> Families { get; }

    /// <summary>Loads an adapter for a model.</summary>
    /// <param name="path">A PEFT directory, a safetensors file, or a directory with one such file that a family recognises.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="device">Where its tensors shall be; without it, host memory.</param>
    /// <returns>The adapter, which the caller owns; every tensor of its files has found its place.</returns>
    /// <exception cref="AdapterException">There is none, it is damaged or of an unknown family, or it was made for another
    /// model.</exception>
    public Adapter Load(string path, IReadOnlyList<AdaptableLayer> layers, torch.Device? device = null)
    {
        var candidates = AdapterFiles.Open(path, device ?? torch.CPU);
        try
        {
            var (files, family) = Choose(path, candidates);
            return Read(files, family, layers);
        }
        catch (SafetensorsException exception)
        {
            throw new AdapterException(exception.Message, exception);
        }
        finally
        {
            foreach (var files in candidates)
                files.Dispose();
        }
    }

    private (AdapterFiles Files, IAdapterFamily Family) Choose(string path, IReadOnlyList<AdapterFiles> candidates)
    {
        // The last one that does: some of the papers' files call themselves a LoRA, which they are not only.
        var recognised = candidates
            .Select(files => (Files: files, Family: Families.LastOrDefault(family => family.Recognises(files))))
            .Where(match => match.Family is not null)
            .ToArray();
        return recognised switch
        {
            [var (files, family)] => (files, family!),
            [] => throw new AdapterException(Unrecognised(path, candidates)),
            _ => throw new AdapterException(
                $"{Quote(path)} holds {recognised.Length} adapters; name one: "
                    + $"{AdapterException.Shown(recognised.Select(match => Path.GetFileName(match.Files.Path)))}."
            ),
        };
    }

    private string Unrecognised(string path, IReadOnlyList<AdapterFiles> candidates)
    {
        var supported = $"supported are {string.Join(", ", Families.Select(family => family.Name))}.";
        return candidates switch
        {
            [] => $"{Quote(path)} has no adapter: neither {AdapterConfig.FileName} nor a safetensors file.{AdaptersBelow(path)}",
            [{ Config: { } config }] =>
                $"{Quote(path)} is an adapter of family {Quote(config.Family is { Length: > 0 } family ? family : config.PeftType)}, "
                    + $"which is not supported; {supported}",
            _ =>
                $"{Quote(path)} is of no known adapter family; found tensors "
                    + $"{AdapterException.Shown(candidates.SelectMany(files => files.Tensors.Keys))}; {supported}",
        };
    }

    /// <summary>PEFT saves an adapter that has a name into a folder of that name, and training its states into one for each.</summary>
    private static string AdaptersBelow(string path)
    {
        var below = Directory.EnumerateDirectories(path).Where(folder => File.Exists(Path.Combine(folder, AdapterConfig.FileName)))
            .Order(StringComparer.Ordinal).ToArray();
        return below.Length == 0 ? "" : $" There are adapters in {AdapterException.Shown(below)}; name one of these folders.";
    }

    private static Adapter Read(AdapterFiles files, IAdapterFamily family, IReadOnlyList<AdaptableLayer> layers)
    {
        var names = LayerNames.For([.. files.Tensors.Keys], layers);
        var adapter = names.ToOwn(family.Read(files, names.Layers));
        try
        {
            RefuseUnused(files, family);
            HeadFiles.ReadInto(adapter, files);
            adapter.PassedOver = files.PassedOver;
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private static void RefuseUnused(AdapterFiles files, IAdapterFamily family)
    {
        if (!files.Remaining.Any())
            return;
        throw new AdapterException(
            $"{Quote(files.Path)} has tensors that the family {family.Name} with these settings does not use: "
                + $"{AdapterException.Shown(files.Remaining)}."
        );
    }
}
