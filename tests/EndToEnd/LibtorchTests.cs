using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>A libtorch of the user's choice, and what is said of one that does not fit.</summary>
public sealed class LibtorchTests : IDisposable
{
    private const int LacksSomething = 3;

    private static readonly string Packaged = Path.Combine(Path.GetDirectoryName(CommandLineProcess.Program)!, "libtorch");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("libtorch-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_program_computes_with_the_libtorch_that_is_named_and_says_so()
    {
        // Files of their own, as another installation has: the system's loader takes files that are linked for the same library.
        foreach (var file in Directory.GetFiles(Packaged))
            Provide(file, Path.GetFileName(file));
        File.WriteAllText(Path.Combine(_folder.FullName, "build-version"), "2.10.0+cpu");

        var (code, output, error) = await BenchAsync();

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains($"libtorch 2.10.0 of {_folder.FullName}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_libtorch_is_refused()
    {
        var (code, _, error) = await BenchAsync();
        Assert.Equal((LacksSomething, true), (code, error.Contains("found no lib/libtorch_cpu.so", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_libtorch_older_than_torchsharp_needs_is_refused_before_it_is_loaded()
    {
        Provide(Path.Combine(Packaged, "libc10.so"), "libtorch_cpu.so");
        File.WriteAllText(Path.Combine(_folder.FullName, "version.py"), "__version__ = '2.5.1+cu124'");
        var (code, _, error) = await BenchAsync();
        Assert.Equal(
            (LacksSomething, true),
            (code, error.Contains("expected libtorch 2.10 or newer, found 2.5.1", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task A_libtorch_whose_functions_are_missing_is_an_error_and_no_crash()
    {
        foreach (var name in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" }) Provide(Path.Combine(Packaged, "libc10.so"), name);
        var (code, _, error) = await BenchAsync();
        Assert.Equal(LacksSomething, code);
        Assert.Contains("does not load", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private void Provide(string file, string name)
    {
        var library = Directory.CreateDirectory(Path.Combine(_folder.FullName, "lib"));
        File.Copy(file, Path.Combine(library.FullName, name));
    }

    private Task<(int ExitCode, string Output, string Error)> BenchAsync() => CommandLineProcess.RunAsync(
        "env", $"LIBTORCH={_folder.FullName}", CommandLineProcess.Program, "bench",
        "--model", Repository.PathOf("models", "vit-s-12-96"), "--batches", "1", "--seconds", "0.01", "--json");
}
