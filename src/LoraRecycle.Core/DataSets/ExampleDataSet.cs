namespace LoraRecycle.Core.DataSets;

/// <summary>Labelled images that somebody handed over, in no class folders: a label may be any text, and an image is known by whatever name
/// it was given.</summary>
/// <param name="name">What records call it.</param>
/// <param name="classes">Labels, each once, with the names of their images.</param>
/// <param name="read">The encoded bytes of a name.</param>
public sealed class ExampleDataSet(string name, IReadOnlyList<ImageClass> classes, Func<string, byte[]> read) : ImageDataSet(name, classes)
{
    public override byte[] Read(string image) => read(image);
}
