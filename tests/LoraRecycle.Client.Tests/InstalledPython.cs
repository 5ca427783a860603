using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>The client for Python as <c>pip install ./clients/python</c> leaves it, in a virtual environment of its own.</summary>
internal sealed class InstalledPython : IDisposable
{
    /// <summary>Where Debian's <c>python3-setuptools-whl</c> and <c>python3-wheel-whl</c> put what pip builds with.</summary>
    private const string Wheels = "/usr/share/python-wheels";

    private readonly TemporaryDirectory _folder = new();

    private InstalledPython()
    {
    }

    /// <summary>The virtual environment.</summary>
    public string Environment => Path.Combine(_folder.Path, "venv");

    /// <summary>Installs it without an index. Where Python, its virtual environments or the wheels are missing, the test is skipped and
    /// says which.</summary>
    public static async Task<InstalledPython> InstallAsync()
    {
        Python.Require();
        foreach (var wheel in new[] { "setuptools", "wheel" })
            Assert.SkipUnless(
                Directory.Exists(Wheels) && Directory.EnumerateFiles(Wheels, $"{wheel}-*.whl").Any(),
                $"There is no {wheel}-*.whl in {Wheels}; install Debian's python3-{wheel}-whl to test what pip makes of the client."
            );
        var made = new InstalledPython();
        try
        {
            await made.MakeEnvironmentAsync();
            // What pip's build leaves beside the sources must not stay in the checkout, nor go from there into the package.
            Copy(Repository.PathOf("clients", "python"), Path.Combine(made._folder.Path, "clients", "python"));
            await RunAsync(
                "env", $"--chdir={made._folder.Path}", "PIP_NO_INDEX=1", $"PIP_FIND_LINKS={Wheels}",
                Path.Combine(made.Environment, "bin", "pip"), "install", "./clients/python"
            );
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program with the installed client and no other, and tells what it printed.</summary>
    public Task<string> RunAsync(string program) =>
        RunAsync("env", "--unset=PYTHONPATH", Path.Combine(Environment, "bin", "python"), "-c", program);

    public void Dispose() => _folder.Dispose();

    /// <summary>Debian's own Python first, with which its wheels work; a newer one may lack what they need.</summary>
    private async Task MakeEnvironmentAsync()
    {
        var problems = "";
        foreach (var python in Python.All.OrderByDescending(one => one.StartsWith("/usr/bin/", StringComparison.Ordinal)))
        {
            var (code, output, error) = await CommandLineProcess.RunAsync(python, "-m", "venv", "--clear", Environment);
            if (code == 0)
                return;
            problems += $"{python}: {output}{error}\n";
        }
        Assert.Skip($"No python3 makes a virtual environment; install Debian's python3-venv to test what pip makes.\n{problems}");
    }

    private static async Task<string> RunAsync(string file, params string[] arguments)
    {
        var (code, output, error) = await CommandLineProcess.RunAsync(file, arguments);
        Assert.True(code == 0, $"{file} {string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from).Where(folder => !IsLeftover(Path.GetFileName(folder))))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    private static bool IsLeftover(string name) =>
        name is "build" or "__pycache__" || name.EndsWith(".egg-info", StringComparison.Ordinal);
}
