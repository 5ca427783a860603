using System.Security.Cryptography;
using System.Text;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Imaging;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Models;

/// <summary>
/// A foundation model, with or without an adapter merged into it, ready to turn pictures into embeddings. To be used by
/// one thread at a time.
/// </summary>
public sealed class EmbeddingModel : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _plan;

    private EmbeddingModel(string id, string revision, VisionTransformerConfig config, nn.Module<Tensor, Tensor> plan, ImagePreprocessor preprocessor, Device device)
    {
        (Id, Revision, Config, _plan, Preprocessor, Device) = (id, revision, config, plan, preprocessor, device);
    }

    /// <summary>The directory's name.</summary>
    public string Id { get; }

    /// <summary>SHA-256, in hex, over all that decides an embedding: weights, preprocessing, adapter, precision.</summary>
    public string Revision { get; }

    public VisionTransformerConfig Config { get; }

    public int EmbeddingLength => Config.EmbeddingLength;

    public Device Device { get; }

    public ImagePreprocessor Preprocessor { get; }

    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="adapterPath">An adapter to merge, or null for the bare model.</param>
    /// <param name="dtype">In what precision to compute; by default float32 in host memory and bfloat16 on a GPU.</param>
    /// <exception cref="ModelException">The directory cannot be used.</exception>
    /// <exception cref="AdapterException">The adapter does not fit the model.</exception>
    public static EmbeddingModel Load(string directory, Device device, string? adapterPath = null, ScalarType? dtype = null)
    {
        var precision = dtype ?? (device.type == TorchSharp.DeviceType.CPU ? ScalarType.Float32 : ScalarType.BFloat16);
        using var source = ModelDirectory.Open(directory);
        var preprocessor = ReadPreprocessor(source);
        using var model = source.Load(CPU, imageSize: InputSize(preprocessor, directory));
        using var adapter = adapterPath is null ? null : AdapterCatalog.Default.Load(adapterPath, model.AdaptableLayers);
        model.Wear(adapter);
        return new EmbeddingModel(
            IdOf(directory), RevisionOf(source, adapter, precision), model.Config, Ready(new EmbeddingPlan(model, device, precision)), preprocessor, device);
    }

    /// <summary>Embeds decoded pictures in one batch.</summary>
    /// <returns>One vector of <see cref="EmbeddingLength"/> an image.</returns>
    public float[][] Embed(IReadOnlyList<DecodedImage> images)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var embeddings = Embed(Preprocessor.Preprocess(images, Device)).cpu();
        var values = embeddings.data<float>().ToArray();
        return [.. Enumerable.Range(0, images.Count).Select(index => values.AsSpan(index * EmbeddingLength, EmbeddingLength).ToArray())];
    }

    /// <param name="pixelValues">[batch, 3, height, width], normalised.</param>
    /// <returns>[batch, embedding], float32, on the model's device; owned by the caller.</returns>
    public Tensor Embed(Tensor pixelValues) => _plan.call(pixelValues);

    public void Dispose() => _plan.Dispose();

    internal static string IdOf(string directory) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));

    private static nn.Module<Tensor, Tensor> Ready(EmbeddingPlan plan)
    {
#if !TORCHSHARP
        if (plan.Device.type == TorchSharp.DeviceType.CUDA) return new GraphedPlan(plan);
#endif
        return plan;
    }

    internal static ImagePreprocessor ReadPreprocessor(ModelDirectory source)
    {
        if (!File.Exists(source.PreprocessorConfigPath))
            throw new ModelException($"Expected the model's preprocessing in {source.PreprocessorConfigPath}, found no such file. Take it from where the model was published.");
        try
        {
            return new ImagePreprocessor(PreprocessorConfig.Read(source.PreprocessorConfigPath, source.ModelType));
        }
        catch (InvalidDataException wrong)
        {
            throw new ModelException(wrong.Message, wrong);
        }
    }

    /// <summary>The size that preprocessing makes of every picture, which may differ from the one the model was trained at.</summary>
    internal static int InputSize(ImagePreprocessor preprocessor, string directory)
    {
        var (wide, tall) = (preprocessor.OutputSize(512, 1024), preprocessor.OutputSize(1024, 512));
        return wide == tall && wide.Height == wide.Width
            ? wide.Height
            : throw new ModelException(
                $"{directory}: expected preprocessing that makes every picture square; a picture of 1024 x 512 comes out at {wide.Width} x {wide.Height}. Set crop_size or a square size in preprocessor_config.json.");
    }

    internal static string RevisionOf(ModelDirectory source, Adapter? adapter, ScalarType precision)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in source.WeightFiles.Order(StringComparer.Ordinal).Append(source.PreprocessorConfigPath))
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }
        hash.AppendData(Encoding.UTF8.GetBytes($"{adapter?.Revision}/{precision}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
