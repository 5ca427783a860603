namespace LoraRecycle.Torch.Tests.Numerics;

internal static class Close
{
    /// <summary>Fails unless shapes are equal and every |a - b| is at most <paramref name="tolerance"/> * (1 + |expected|).</summary>
    public static void Assert(NdArray expected, NdArray actual, double tolerance = 1e-9)
    {
        Xunit.Assert.Equal(expected.Shape, actual.Shape);
        for (var i = 0; i < expected.Values.Length; i++)
        {
            var (wanted, got) = (expected.Values[i], actual.Values[i]);
            if (wanted.Equals(got) || Math.Abs(wanted - got) <= tolerance * (1 + Math.Abs(wanted))) continue;
            Xunit.Assert.Fail($"Element {i} of [{string.Join(", ", expected.Shape)}]: expected {wanted:R}, got {got:R}.");
        }
    }
}
