namespace LoraRecycle.Tests;

/// <summary>
/// A CLIP transformer of 32 x 32 pixels and random weights, so small that whatever is done with it is done at once: for
/// tests in which it does not matter what the model knows.
/// </summary>
internal static class TinyModel
{
    public const string Name = "tiny";

    /// <summary>A folder of models, as a server is told it, with this one in it; it goes when the tests end.</summary>
    public static string Models { get; } = MakeModels();

    /// <summary>Its Hugging Face directory.</summary>
    public static string Directory { get; } = Path.Combine(Models, Name);

    /// <summary>Writes its Hugging Face directory somewhere else.</summary>
    public static void Write(string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        foreach (var file in new[] { "config.json", "model.safetensors" })
            File.Copy(Repository.PathOf("tests", "golden", "clip", "model", file), Path.Combine(directory, file));
        File.WriteAllText(
            Path.Combine(directory, "preprocessor_config.json"),
            """{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}""");
    }

    private static string MakeModels()
    {
        var models = System.IO.Directory.CreateTempSubdirectory("lora-recycle-tiny-models-").FullName;
        Write(Path.Combine(models, Name));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.Directory.Delete(models, recursive: true);
        return models;
    }
}
