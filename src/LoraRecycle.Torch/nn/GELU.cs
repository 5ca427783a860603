namespace TorchSharp.Modules;

/// <summary>The Gaussian error linear unit: names the two formulas of it.</summary>
public static class GELU
{
    public enum Approximate
    {
        none,
        tanh,
    }

    internal static string NameOf(Approximate approximate) => approximate == Approximate.tanh ? "tanh" : "none";
}
