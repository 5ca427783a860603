using LoraRecycle.Cli.Hosting;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Cli.Tests.Errors;

public class FailureTests
{
    [Fact]
    public void A_missing_library_is_the_environments_fault_however_deep_it_hides() =>
        Assert.Equal(
            new Failure(ExitCode.Environment, "install libtorch"),
            Failure.Of(new TypeInitializationException("torch", new DllNotFoundException("install\nlibtorch")), CancellationToken.None));

    [Fact]
    public void All_wrong_settings_are_told_at_once() =>
        Assert.Equal(
            new Failure(ExitCode.BadInput, "Serving:MaxBatch: too small; Cache:Bytes: negative"),
            Failure.Of(
                new OptionsValidationException("", typeof(object), ["Serving:MaxBatch: too small", "Cache:Bytes: negative"]),
                CancellationToken.None
            )
        );

    [Fact]
    public void Only_the_users_own_cancellation_is_an_interruption()
    {
        using var interrupted = new CancellationTokenSource();
        interrupted.Cancel();
        Assert.Equal(ExitCode.Interrupted, Failure.Of(new OperationCanceledException(), interrupted.Token).ExitCode);
        Assert.Equal(ExitCode.Fault, Failure.Of(new OperationCanceledException(), CancellationToken.None).ExitCode);
    }

    [Fact]
    public void What_libtorch_refuses_is_told_in_a_line_with_its_shapes()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var failure = Failure.Of(
            Assert.ThrowsAny<Exception>(() => TorchSharp.torch.zeros([2, 3]).mm(TorchSharp.torch.zeros([4, 5]))),
            CancellationToken.None
        );
        Assert.Equal(ExitCode.Fault, failure.ExitCode);
        Assert.Contains("(2x3 and 4x5) (--verbose", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_expected_is_a_fault_of_the_program_and_says_so()
    {
        var failure = Failure.Of(new InvalidOperationException("no"), CancellationToken.None);
        Assert.Equal(ExitCode.Fault, failure.ExitCode);
        Assert.Contains("unexpected InvalidOperationException", failure.Message, StringComparison.Ordinal);
    }
}
