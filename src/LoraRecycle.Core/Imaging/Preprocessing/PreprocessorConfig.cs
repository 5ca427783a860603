namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>What a model wants done to a picture before it sees it; the steps in the order they are taken.</summary>
public sealed record PreprocessorConfig
{
    /// <summary>The file that says how pictures are prepared.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>The file that newer versions of transformers write instead, with the same within.</summary>
    public const string ProcessorFileName = "processor_config.json";

    /// <summary>Whether pictures are resized at all.</summary>
    public bool DoResize { get; init; } = true;

    public required ResizeTarget Size { get; init; }

    public Resampling Resample { get; init; } = Resampling.Bicubic;

    /// <summary>Whether what was resized is rounded to 8 bit again; DINOv3's processor resizes floating-point pixels.</summary>
    public bool RoundsResized { get; init; } = true;

    /// <summary>Whether the middle is cut out, padded with black where the picture is smaller than <see cref="CropSize"/>.</summary>
    public bool DoCenterCrop { get; init; }

    public (int Height, int Width) CropSize { get; init; } = (224, 224);

    /// <summary>Whether samples of 0 to 255 are multiplied by <see cref="RescaleFactor"/>.</summary>
    public bool DoRescale { get; init; } = true;

    public double RescaleFactor { get; init; } = 1.0 / 255;

    /// <summary>Whether <see cref="ImageMean"/> is subtracted and the result divided by <see cref="ImageStd"/>.</summary>
    public bool DoNormalize { get; init; } = true;

    /// <summary>One value a channel: red, green, blue.</summary>
    public required IReadOnlyList<double> ImageMean { get; init; }

    /// <summary>One value a channel: red, green, blue.</summary>
    public required IReadOnlyList<double> ImageStd { get; init; }

    /// <summary>What the processor of transformers does when its configuration says nothing.</summary>
    public static PreprocessorConfig DefaultOf(ImageProcessorKind kind) => kind switch
    {
        ImageProcessorKind.Clip or ImageProcessorKind.Bit => new PreprocessorConfig
        {
            Size = ResizeTarget.ShortestEdge(224),
            DoCenterCrop = true,
            ImageMean = [0.48145466, 0.4578275, 0.40821073],
            ImageStd = [0.26862954, 0.26130258, 0.27577711],
        },
        ImageProcessorKind.Vit or ImageProcessorKind.Siglip => new PreprocessorConfig
        {
            Size = ResizeTarget.Exact(224, 224),
            Resample = kind == ImageProcessorKind.Vit ? Resampling.Bilinear : Resampling.Bicubic,
            ImageMean = [0.5, 0.5, 0.5],
            ImageStd = [0.5, 0.5, 0.5],
        },
        ImageProcessorKind.Deit => new PreprocessorConfig
        {
            Size = ResizeTarget.Exact(256, 256),
            DoCenterCrop = true,
            ImageMean = [0.5, 0.5, 0.5],
            ImageStd = [0.5, 0.5, 0.5],
        },
        ImageProcessorKind.DinoV3 => new PreprocessorConfig
        {
            Size = ResizeTarget.Exact(224, 224),
            Resample = Resampling.Bilinear,
            RoundsResized = false,
            ImageMean = [0.485, 0.456, 0.406],
            ImageStd = [0.229, 0.224, 0.225],
        },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The file of a model's directory that says how pictures are prepared; of both, that of the newer form.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="InvalidDataException">A file that may be it is no JSON.</exception>
    public static string? PathIn(string directory)
    {
        var (own, processor) = (Path.Combine(directory, FileName), Path.Combine(directory, ProcessorFileName));
        // The same name has long been that of a file which says other things.
        if (File.Exists(processor) && PreprocessorConfigFile.IsWithin(File.ReadAllBytes(processor), processor)) return processor;
        return File.Exists(own) ? own : null;
    }

    /// <summary>Reads a <c>preprocessor_config.json</c>, or the same within a <c>processor_config.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="modelType"><c>model_type</c> of the model's <c>config.json</c>: decides the defaults where the file does not name its
    /// processor.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON, or a value in it is wrong or not supported; the message names the
    /// key.</exception>
    public static PreprocessorConfig Read(string path, string? modelType = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"Expected the preprocessing of a model in {path}; found no such file. Download it with the model.",
                path
            );
        return PreprocessorConfigFile.Parse(File.ReadAllBytes(path), path, modelType);
    }
}
