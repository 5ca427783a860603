using System.Text.Json;

namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>Checks what a <c>preprocessor_config.json</c> says, and fills in what it does not.</summary>
internal sealed class PreprocessorConfigReader(string source)
{
    /// <summary>Larger than any model's input; a typing error beyond it would ask for gigabytes.</summary>
    private const int MaxEdge = 8192;

    public PreprocessorConfig Read(PreprocessorConfigFile file, string? modelType)
    {
        var kind = KindOf(file, modelType);
        var defaults = PreprocessorConfig.DefaultOf(kind);
        if (file.DoPad == true)
            throw Wrong("do_pad", "false or nothing", "true, which is not supported");
        return new PreprocessorConfig
        {
            DoResize = file.DoResize ?? defaults.DoResize,
            Size = IsGiven(file.Size) ? ReadSize(file.Size!.Value, kind) : defaults.Size,
            Resample = ReadResample(file.Resample) ?? defaults.Resample,
            RoundsResized = defaults.RoundsResized,
            DoCenterCrop = file.DoCenterCrop ?? defaults.DoCenterCrop,
            CropSize = IsGiven(file.CropSize) ? ReadCropSize(file.CropSize!.Value) : defaults.CropSize,
            DoRescale = file.DoRescale ?? defaults.DoRescale,
            RescaleFactor = ReadFactor(file.RescaleFactor) ?? defaults.RescaleFactor,
            DoNormalize = file.DoNormalize ?? defaults.DoNormalize,
            ImageMean = IsGiven(file.ImageMean) ? ReadChannels(file.ImageMean!.Value, "image_mean") : defaults.ImageMean,
            ImageStd = IsGiven(file.ImageStd) ? ReadDeviations(file.ImageStd!.Value) : defaults.ImageStd,
        };
    }

    public InvalidDataException Wrong(string key, string expected, string came, Exception? inner = null) =>
        new(
            $"Expected {key} of {source} to be {expected}; found {came}. Correct the file, or use the one published with the model.",
            inner
        );

    private ImageProcessorKind KindOf(PreprocessorConfigFile file, string? modelType)
    {
        var name = file.ImageProcessorType ?? file.FeatureExtractorType;
        if (name is not null)
            return ImageProcessorNames.OfProcessor(name) ?? throw Wrong("image_processor_type", $"one of {ImageProcessorNames.List}", name);
        return (modelType is null ? null : ImageProcessorNames.OfModel(modelType))
            ?? throw Wrong(
                "image_processor_type",
                $"one of {ImageProcessorNames.List}",
                $"nothing, and the model type {modelType ?? "is unknown"} does not imply one either"
            );
    }

    private ResizeTarget ReadSize(JsonElement size, ImageProcessorKind kind)
    {
        const string Expected = """a number, [n, n], {"shortest_edge": n} or {"height": n, "width": n}""";
        if (size.ValueKind == JsonValueKind.Number)
        {
            // Of old a plain number: the shorter edge for the processors that crop afterwards, a square for the others.
            var edge = ReadEdge(size, "size");
            return kind is ImageProcessorKind.Clip or ImageProcessorKind.Bit
                ? ResizeTarget.ShortestEdge(edge)
                : ResizeTarget.Exact(edge, edge);
        }
        if (ReadSquare(size) is { } side)
            return ResizeTarget.Exact(side, side);
        if (HasKeys(size, "shortest_edge"))
            return ResizeTarget.ShortestEdge(ReadEdge(size.GetProperty("shortest_edge"), "size.shortest_edge"));
        if (HasKeys(size, "height", "width"))
            return ResizeTarget.Exact(
                ReadEdge(size.GetProperty("height"), "size.height"),
                ReadEdge(size.GetProperty("width"), "size.width")
            );
        throw Wrong("size", Expected, size.GetRawText());
    }

    private (int Height, int Width) ReadCropSize(JsonElement size)
    {
        if (size.ValueKind == JsonValueKind.Number)
        {
            var edge = ReadEdge(size, "crop_size");
            return (edge, edge);
        }
        if (ReadSquare(size) is { } side)
            return (side, side);
        return HasKeys(size, "height", "width")
            ? (ReadEdge(size.GetProperty("height"), "crop_size.height"), ReadEdge(size.GetProperty("width"), "crop_size.width"))
            : throw Wrong("crop_size", """a number, [n, n] or {"height": n, "width": n}""", size.GetRawText());
    }

    /// <summary>Two equal edges in a list. Of two that differ, versions of transformers disagree which is the height.</summary>
    private static int? ReadSquare(JsonElement size) =>
        size.ValueKind == JsonValueKind.Array
        && size.EnumerateArray().ToArray() is [{ ValueKind: JsonValueKind.Number } first, { ValueKind: JsonValueKind.Number } second]
        && first.TryGetInt32(out var height)
        && second.TryGetInt32(out var width)
        && height == width
        && height is >= 1 and <= MaxEdge
            ? height
            : null;

    private Resampling? ReadResample(int? filter) =>
        filter is null || Enum.IsDefined((Resampling)filter)
            ? (Resampling?)filter
            : throw Wrong("resample", "2 (bilinear) or 3 (bicubic)", $"{filter}, a filter that is not supported");

    private double? ReadFactor(double? factor) =>
        factor is null or (> 0 and < double.PositiveInfinity) ? factor : throw Wrong("rescale_factor", "a positive number", $"{factor}");

    private int ReadEdge(JsonElement edge, string key) =>
        edge.ValueKind == JsonValueKind.Number && edge.TryGetInt32(out var pixels) && pixels is >= 1 and <= MaxEdge
            ? pixels
            : throw Wrong(key, $"a whole number of pixels from 1 to {MaxEdge}", edge.GetRawText());

    private double[] ReadDeviations(JsonElement value)
    {
        var deviations = ReadChannels(value, "image_std");
        return deviations.All(deviation => deviation > 0)
            ? deviations
            : throw Wrong("image_std", "positive numbers, because pixels are divided by them", value.GetRawText());
    }

    private double[] ReadChannels(JsonElement value, string key)
    {
        if (value.ValueKind == JsonValueKind.Number && IsFinite(value))
            return [value.GetDouble(), value.GetDouble(), value.GetDouble()];
        return
            value.ValueKind == JsonValueKind.Array
            && value.GetArrayLength() == DecodedImage.Channels
            && value.EnumerateArray().All(IsFinite)
            ? [.. value.EnumerateArray().Select(channel => channel.GetDouble())]
            : throw Wrong(key, "three numbers: red, green, blue", value.GetRawText());
    }

    private static bool IsGiven(JsonElement? value) => value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    private static bool IsFinite(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number);

    /// <summary>Whether a value is an object with these keys and no other that is set: {"shortest_edge", "longest_edge"} means something
    /// else.</summary>
    private static bool HasKeys(JsonElement value, params ReadOnlySpan<string> keys)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return false;
        var set = value
            .EnumerateObject()
            .Where(property => property.Value.ValueKind != JsonValueKind.Null)
            .Select(property => property.Name)
            .ToHashSet();
        return set.SetEquals(keys.ToArray());
    }
}
