namespace LoraRecycle.Cli.Hosting;

/// <summary>What the process says about itself when it ends; every verb's help lists these.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command ran, and its answer is no: a verification above the tolerance.</summary>
    public const int Negative = 1;

    /// <summary>What was asked for cannot be: a wrong option, a missing file, a picture that is none.</summary>
    public const int BadInput = 2;

    /// <summary>What was asked for can be, but not on this machine as it is: no libtorch, a port in use, no server.</summary>
    public const int Environment = 3;

    /// <summary>A fault of the program.</summary>
    public const int Fault = 4;

    /// <summary>Interrupted, as shells report it.</summary>
    public const int Interrupted = 130;

    public const string Summary =
        "0 success, 1 negative result, 2 bad input, 3 something is missing on this machine, 4 internal error, 130 interrupted";
}
