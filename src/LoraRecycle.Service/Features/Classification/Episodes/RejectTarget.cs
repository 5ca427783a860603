using System.Globalization;
using LoraRecycle.Core.FewShot.Rejection;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>The member <c>reject</c>: the share of known queries that a request lets be rejected.</summary>
internal static class RejectTarget
{
    /// <exception cref="ProblemException">It is none.</exception>
    public static double Checked(double value) => value is > 0 and <= RejectionThreshold.LargestRate ? value : throw Invalid();

    /// <exception cref="ProblemException">It is none.</exception>
    public static double Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? Checked(value) : throw Invalid();

    private static ProblemException Invalid() =>
        new(
            Problems.InvalidReject,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Expected the share of known queries that may be rejected, above 0 and at most {RejectionThreshold.LargestRate}, such "
                    + $"as 0.05; leave it out for no rejection."
            ),
            RequestMemberNames.Reject
        );
}
