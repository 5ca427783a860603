using System.Security.Cryptography;
using System.Text;

namespace LoraRecycle.Core.DataSets;

/// <summary>
/// Which images of a class are kept from tuning. It depends on the seed and the images' names alone, so that a LoRA can
/// be tested again later, and two LoRAs of one class hold out the same images.
/// </summary>
/// <param name="Fraction">The share of each class's images; at least one image is always left to tune on.</param>
/// <param name="Seed">What chooses them.</param>
public sealed record HeldOutSplit(double Fraction = 0.2, long Seed = 0)
{
    /// <returns>The images to tune on and those held out, each in the order given.</returns>
    /// <exception cref="DataSetException">The fraction is not in [0, 1).</exception>
    public (IReadOnlyList<string> Train, IReadOnlyList<string> HeldOut) Of(IReadOnlyList<string> images)
    {
        if (Fraction is not (>= 0 and < 1))
            throw new DataSetException(
                FormattableString.Invariant($"Expected a held-out fraction of at least 0 and less than 1; got {Fraction}.")
            );
        var heldOut = images.OrderBy(Key, StringComparer.Ordinal).Take((int)(images.Count * Fraction)).ToHashSet(StringComparer.Ordinal);
        return ([.. images.Where(image => !heldOut.Contains(image))], [.. images.Where(heldOut.Contains)]);
    }

    private string Key(string image) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Seed}/{image}"))));
}
