using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Cli.Demo;

/// <summary>An episode of the sample photographs, and what each query really shows.</summary>
internal sealed record DemoEpisode(ClassifyRequest Request, IReadOnlyList<(string Photograph, string Shows)> Queries)
{
    public static DemoEpisode Draw(ImageDataSet samples, EpisodeShape shape, long seed)
    {
        var episode = new EpisodeSampler(samples.Classes, shape, seed).Draw(0);
        var support = new List<SupportImages>();
        var queries = new List<(string, string)>();
        var pictures = new List<string>();
        foreach (var drawn in episode.Classes)
        {
            var shown = samples.Classes[drawn.Class];
            support.Add(new SupportImages(shown.Name, [.. drawn.Support.Select(image => Base64(shown.Images[image]))]));
            foreach (var image in drawn.Queries)
            {
                queries.Add((shown.Images[image], shown.Name));
                pictures.Add(Base64(shown.Images[image]));
            }
        }
        return new DemoEpisode(new ClassifyRequest(support, pictures, DemoAnswer.Bare), queries);

        string Base64(string image) => Convert.ToBase64String(samples.Read(image));
    }
}
