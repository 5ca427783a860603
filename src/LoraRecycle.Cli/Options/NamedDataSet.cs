using System.CommandLine;
using LoraRecycle.Core.DataSets;

namespace LoraRecycle.Cli.Options;

/// <summary>Opens a data set that a user names, and says aloud what of it is left out.</summary>
internal static class NamedDataSet
{
    /// <exception cref="DataSetException">It cannot be used.</exception>
    public static ImageDataSet Open(ParseResult parsed, string path)
    {
        var data = ImageDataSet.Open(path);
        if (data.Notice is { } notice) parsed.InvocationConfiguration.Error.WriteLine(notice);
        return data;
    }
}
