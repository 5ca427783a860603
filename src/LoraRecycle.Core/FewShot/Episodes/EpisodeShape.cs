using LoraRecycle.Core.DataSets;

namespace LoraRecycle.Core.FewShot.Episodes;

/// <summary>An N-way K-shot episode: how many classes, support images a class and query images a class.</summary>
public sealed record EpisodeShape
{
    public EpisodeShape(int ways, int shots, int queries)
    {
        if (ways < 2)
            throw new DataSetException($"An episode needs at least 2 ways; got {ways}.");
        if (shots < 1)
            throw new DataSetException($"An episode needs at least 1 shot; got {shots}.");
        if (queries < 1)
            throw new DataSetException($"An episode needs at least 1 query per class; got {queries}.");
        (Ways, Shots, Queries) = (ways, shots, queries);
    }

    public int Ways { get; }

    public int Shots { get; }

    public int Queries { get; }
}
