using System.Globalization;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>A whole number in a query string or a header. As text, so that what is wrong about one is told as a problem.</summary>
internal static class QueryNumber
{
    /// <param name="text">What came, or null.</param>
    /// <param name="otherwise">What it is when nothing came.</param>
    /// <param name="least">The smallest that may be.</param>
    /// <param name="most">The largest that may be.</param>
    /// <param name="field">Its name.</param>
    /// <param name="problem">What a wrong one is answered with.</param>
    /// <exception cref="ProblemException">It is no whole number, or not within the bounds.</exception>
    public static int Read(string? text, int otherwise, int least, int most, string field, ProblemKind problem) => text is null ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new ProblemException(problem, $"Expected a number from {least} to {most}; found something else.", field);
}
