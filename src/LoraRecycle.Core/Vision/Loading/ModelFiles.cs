using System.Security.Cryptography;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>All that a model directory holds, read once.</summary>
/// <param name="Id">The directory's name.</param>
/// <param name="Transformer">On the device that was asked for; the caller's.</param>
/// <param name="Preprocessor">The preprocessing of its images.</param>
/// <param name="Hash">SHA-256, in hex, over configuration, preprocessing and weights.</param>
internal sealed record ModelFiles(string Id, VisionTransformer Transformer, ImagePreprocessor Preprocessor, string Hash)
{
    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="device">Where the weights shall be.</param>
    /// <param name="dtype">In what precision.</param>
    /// <exception cref="ModelException">The directory cannot be used.</exception>
    public static ModelFiles Read(string directory, Device device, ScalarType dtype)
    {
        using var source = ModelDirectory.Open(directory);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (preprocessor, preprocessing) = ReadPreprocessor(source);
        hash.AppendData(File.ReadAllBytes(source.ConfigPath));
        hash.AppendData(File.ReadAllBytes(preprocessing));
        var transformer = source.Load(device, dtype, InputSize(preprocessor, directory), hash);
        return new ModelFiles(HubCache.NameOf(directory), transformer, preprocessor, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static (ImagePreprocessor Preprocessor, string Path) ReadPreprocessor(ModelDirectory source)
    {
        try
        {
            var path = source.PreprocessorConfigPath
                ?? throw new ModelException(
                    $"Expected the model's preprocessing in {PreprocessorConfig.FileName} or {PreprocessorConfig.ProcessorFileName} of "
                        + $"{source.Path}, found neither. Get the file from where the model was published."
                );
            return (new ImagePreprocessor(PreprocessorConfig.Read(path, source.ModelType)), path);
        }
        catch (InvalidDataException wrong)
        {
            throw new ModelException(wrong.Message, wrong);
        }
    }

    /// <summary>The size that preprocessing makes of every picture, which may differ from the one the model was trained at.</summary>
    private static int InputSize(ImagePreprocessor preprocessor, string directory)
    {
        var (wide, tall) = (preprocessor.OutputSize(512, 1024), preprocessor.OutputSize(1024, 512));
        return wide == tall && wide.Height == wide.Width
            ? wide.Height
            : throw new ModelException(
                $"{directory}: expected preprocessing that makes every image square; an image of 1024 x 512 comes out at {wide.Width} x "
                    + $"{wide.Height}. Set crop_size or a square size in preprocessor_config.json."
            );
    }
}
