using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>A CLIP transformer of 32 x 32 pixels, so small that whatever is done with it is done at once.</summary>
internal static class TinyModel
{
    /// <summary>Writes its Hugging Face directory.</summary>
    public static void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in new[] { "config.json", "model.safetensors" })
            File.Copy(Repository.PathOf("tests", "golden", "clip", "model", file), Path.Combine(directory, file));
        File.WriteAllText(
            Path.Combine(directory, "preprocessor_config.json"),
            """{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}""");
    }
}
