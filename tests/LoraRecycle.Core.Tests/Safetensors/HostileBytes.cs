using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace LoraRecycle.Core.Tests.Safetensors;

/// <summary>Generators of files that nobody wrote on purpose.</summary>
internal static class HostileBytes
{
    /// <summary>The same cases in every run; a failure is shown shrunk.</summary>
    public static Config Seeded(int cases) => Config.QuickThrowOnFailure
        .WithMaxTest(cases)
        .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20250610, 77), FSharpOption<int>.None)));

    /// <summary>Any bytes, some of them behind a length that makes the rest the header.</summary>
    public static Gen<byte[]> Random { get; } = Gen.OneOf(
        Bytes(300),
        Bytes(300).Select(rest => (byte[])[.. BitConverter.GetBytes((ulong)rest.Length), .. rest]),
        Bytes(300).Select(rest => (byte[])[.. BitConverter.GetBytes((ulong)rest.Length + 1), (byte)'{', .. rest]),
        HeaderText.Select(text => FileBytes.Of(text, new byte[8])));

    /// <summary>A real safetensors file with a few bytes changed, a piece cut out, or a piece doubled.</summary>
    public static Gen<byte[]> Mutated(byte[] original)
    {
        // Most of what can go wrong sits in the header, so most of the changes go there.
        var headerEnd = 8 + (int)BitConverter.ToUInt64(original);
        return Mutated(original, Gen.Frequency((8, Gen.Choose(0, headerEnd - 1)), (1, Gen.Choose(0, original.Length - 1))));
    }

    /// <summary>A real text file with the same kinds of damage.</summary>
    public static Gen<byte[]> MutatedText(byte[] original) => Mutated(original, Gen.Choose(0, original.Length - 1));

    private static Gen<byte[]> Mutated(byte[] original, Gen<int> place)
    {
        var change = place.Zip(Gen.OneOf(Gen.Choose(0, 255), Gen.Elements("0123456789[]{},:\"-"u8.ToArray()).Select(b => (int)b)));
        return Gen.OneOf(
            change
                .NonEmptyListOf()
                .Select(changes =>
                {
                    var copy = original.ToArray();
                    foreach (var (at, value) in changes.Take(4))
                        copy[at] = (byte)value;
                    return copy;
                }),
            place
                .Zip(Gen.Choose(1, 64))
                .Select(cut => (byte[])[.. original[..cut.Item1], .. original[Math.Min(original.Length, cut.Item1 + cut.Item2)..]]),
            place
                .Zip(Gen.Choose(1, 64))
                .Select(twice => (byte[])[.. original[..Math.Min(original.Length, twice.Item1 + twice.Item2)], .. original[twice.Item1..]])
        );
    }

    /// <summary>Text made of the pieces that headers are made of.</summary>
    private static Gen<string> HeaderText =>
        Gen.Elements(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"w\"",
                "\"v\"",
                "\"dtype\"",
                "\"shape\"",
                "\"data_offsets\"",
                "\"__metadata__\"",
                "\"F32\"",
                "\"BOOL\"",
                "0",
                "8",
                "2",
                "-1",
                "1e9",
                "18446744073709551615",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[",
                "],\"data_offsets\":[0,8]}}",
                "null",
                "true",
                " "
            )
            .ListOf()
            .Select(pieces => "{" + string.Concat(pieces));

    private static Gen<byte[]> Bytes(int most) => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Resize(most);
}
