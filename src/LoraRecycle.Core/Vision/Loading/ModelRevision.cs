using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>Names all that decides an embedding.</summary>
internal static class ModelRevision
{
    /// <param name="files">SHA-256, in hex, over the model's configuration, preprocessing and weights.</param>
    /// <param name="adapterRevision">Of its adapter, or null.</param>
    /// <param name="precision">In what it computes.</param>
    /// <returns>SHA-256 in hex.</returns>
    public static string Of(string files, string? adapterRevision, ScalarType precision) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{files}/{adapterRevision}/{precision}")));
}
