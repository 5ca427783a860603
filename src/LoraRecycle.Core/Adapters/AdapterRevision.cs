using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace LoraRecycle.Core.Adapters;

/// <summary>What identifies an adapter's content. Equal revisions have equal effects.</summary>
public static class AdapterRevision
{
    /// <summary>Of an adapter in files: SHA-256 over those of its files, so that each can be hashed while it is written.</summary>
    /// <param name="hashes">SHA-256 of each file, in the order of <c>AdapterFiles.Names</c>; files that are not there are left out.</param>
    /// <returns>In hex. The market names LoRAs by it, so it must never change.</returns>
    public static string FromFiles(IEnumerable<byte[]> hashes)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var ofFile in hashes) hash.AppendData(ofFile);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of an adapter that no file holds yet: SHA-256 over its values. Its files, once written, have a revision of their own.
    /// </summary>
    /// <param name="values">In an order that is always the same.</param>
    /// <returns>In hex.</returns>
    internal static string FromValues(IEnumerable<(string Name, torch.Tensor Value)> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in values)
        {
            using var scope = torch.NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {string.Join(',', value.shape)};"));
            hash.AppendData(value.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
