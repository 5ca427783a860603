namespace LoraRecycle.Cli.Demo;

/// <summary>What a server answered to one episode: bare, and with its active meta-LoRA where it has one.</summary>
internal sealed record DemoReport(string Model, int Ways, int Shots, DemoAnswer Bare, DemoAnswer? MetaLora)
{
    public IReadOnlyList<DemoAnswer> Answers => MetaLora is null ? [Bare] : [Bare, MetaLora];
}

/// <summary>One answer, held against what the photographs show.</summary>
/// <param name="MetaLora">The id of the meta-LoRA that answered; none for the bare model.</param>
/// <param name="Revision">Its revision; null for the bare model.</param>
/// <param name="Correct">How many queries are right.</param>
/// <param name="Accuracy">The same as a fraction of 1.</param>
/// <param name="TotalMs">What the server took, by its own clock.</param>
/// <param name="Predictions">One for each query.</param>
internal sealed record DemoAnswer(
    string MetaLora,
    string? Revision,
    int Correct,
    double Accuracy,
    double TotalMs,
    IReadOnlyList<DemoRow> Predictions
)
{
    public const string Bare = "none";

    public static DemoAnswer Of(DemoEpisode episode, ClassifyAnswer answer)
    {
        DemoRow[] rows =
        [
            .. answer.Predictions.Select(p => new DemoRow(
                episode.Queries[p.Query].Photograph, episode.Queries[p.Query].Shows, p.Label, p.Probability)),
        ];
        var correct = rows.Count(row => row.IsRight);
        return new DemoAnswer(
            answer.Model.MetaLora,
            answer.Model.MetaLoraRevision,
            correct,
            (double)correct / rows.Length,
            answer.Timing.TotalMs,
            rows
        );
    }
}

internal sealed record DemoRow(string Photograph, string Shows, string Label, double Probability)
{
    public bool IsRight => Label == Shows;
}
