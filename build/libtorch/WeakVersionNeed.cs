#nullable disable
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace LoraRecycle.Build;

/// <summary>
/// Copies an ELF library and makes one of its version needs weak, so that a loader accepts a system that lacks the version.
/// TorchSharp's native library was linked with GCC 13 and asks for GLIBCXX_3.4.32, which the libstdc++ of Debian 12 and
/// Ubuntu 22.04 lacks; the one symbol that carries it is used by no relocation, so nothing is missed at run time.
/// MSBuild compiles this file when a build needs it, against .NET Standard 2.0.
/// </summary>
public sealed class WeakVersionNeed : ITask
{
    private const ushort Weak = 2;                     // VER_FLG_WEAK
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const int SectionHeaderSize = 64;

    public IBuildEngine BuildEngine { get; set; }

    public ITaskHost HostObject { get; set; }

    /// <summary>The library as it was published.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the changed copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>The version's name, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    public bool Execute()
    {
        try
        {
            var library = File.ReadAllBytes(Source);
            MakeWeak(library, Version);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
            // A new file in the place of the old one: a program that runs has that one mapped.
            var unfinished = Destination + ".new";
            File.WriteAllBytes(unfinished, library);
            File.Delete(Destination);
            File.Move(unfinished, Destination);
            return true;
        }
        catch (Exception exception)
            when (exception is IOException || exception is UnauthorizedAccessException || exception is InvalidDataException)
        {
            var message = "Expected to weaken " + Version + " in " + Source + ": " + exception.Message;
            BuildEngine.LogErrorEvent(new BuildErrorEventArgs(null, null, Source, 0, 0, 0, 0, message, null, nameof(WeakVersionNeed)));
            return false;
        }
    }

    /// <param name="library">A 64-bit little-endian ELF file; changed in place.</param>
    /// <param name="version">The version's name.</param>
    /// <returns>Whether the library asks for that version; it stays as it is where it does not.</returns>
    /// <exception cref="InvalidDataException">It is no such file, or is cut short.</exception>
    public static bool MakeWeak(byte[] library, string version)
    {
        if (
            library.Length < 64
            || library[0] != 0x7f
            || library[1] != 'E'
            || library[2] != 'L'
            || library[3] != 'F'
            || library[4] != 2
            || library[5] != 1
        )
            throw new InvalidDataException("this is not a 64-bit little-endian ELF file.");
        try
        {
            var (sections, count) = (Offset(library, 0x28), BitConverter.ToUInt16(library, 0x3c));
            var found = false;
            for (var i = 0; i < count; i++)
            {
                var header = checked(sections + (i * SectionHeaderSize));
                if (BitConverter.ToUInt32(library, header + 4) != VersionNeedSection)
                    continue;
                var names = Offset(
                    library,
                    checked(sections + (int)BitConverter.ToUInt32(library, header + 0x28) * SectionHeaderSize) + 0x18
                );
                found |= MakeWeak(
                    library,
                    Offset(library, header + 0x18),
                    (int)BitConverter.ToUInt32(library, header + 0x2c),
                    names,
                    version
                );
            }
            return found;
        }
        catch (Exception exception)
            when (exception is ArgumentException || exception is IndexOutOfRangeException || exception is OverflowException)
        {
            throw new InvalidDataException("its section headers point outside of the file.", exception);
        }
    }

    /// <summary>Walks the files that a library needs (Verneed), and the versions it needs of each (Vernaux).</summary>
    private static bool MakeWeak(byte[] library, int need, int needs, int names, string version)
    {
        var found = false;
        for (var file = 0; file < needs; file++)
        {
            var entry = checked(need + (int)BitConverter.ToUInt32(library, need + 8));
            for (var i = BitConverter.ToUInt16(library, need + 2); i > 0; i--)
            {
                if (NameAt(library, checked(names + (int)BitConverter.ToUInt32(library, entry + 8))) == version)
                {
                    library[entry + 4] |= (byte)Weak;
                    found = true;
                }
                entry = checked(entry + (int)BitConverter.ToUInt32(library, entry + 12));
            }
            need = checked(need + (int)BitConverter.ToUInt32(library, need + 12));
        }
        return found;
    }

    private static int Offset(byte[] library, int at) => checked((int)BitConverter.ToUInt64(library, at));

    private static string NameAt(byte[] library, int start)
    {
        var end = Array.IndexOf(library, (byte)0, start);
        if (end < 0) throw new InvalidDataException("a version's name has no end.");
        return Encoding.ASCII.GetString(library, start, end - start);
    }
}
