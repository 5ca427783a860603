namespace TorchSharp.Interop;

/// <summary>What to do about libtorch's most frequent complaints, which only say what is wrong.</summary>
internal static class Advice
{
    private const string NoCuda =
        "No CUDA device can be used: use device 'cpu', or build against a CUDA libtorch (LIBTORCH=<dir>) on a machine with a GPU.";

    // From these words on libtorch explains its own build for pages.
    private static readonly string[] Digressions = [". This could be because the operator doesn't exist", ". PyTorch splits its backend into two"];

    private static readonly (string Complaint, string Remedy)[] Remedies =
    [
        ("'CUDA' backend", NoCuda),
        ("not linked with support for cuda", NoCuda),
        ("without ATen_cuda library", NoCuda),
        ("No CUDA GPUs are available", NoCuda),
        ("Found no NVIDIA driver", NoCuda),
        ("on the same device", "Move the tensors to one device with to(device)."),
        ("expected scalar type", "Convert one of the tensors with to(ScalarType)."),
        ("same dtype", "Convert one of the tensors with to(ScalarType)."),
        ("not implemented for '", "Convert the tensor first, for example with to(ScalarType.Float32)."),
        ("cannot be multiplied", "Transpose or reshape one of the shapes above so that the inner sizes agree."),
        ("must match the size of tensor", "Sizes must be equal or 1, counted from the last: reshape or unsqueeze one of the shapes above."),
        ("does not require grad and does not have a grad_fn", "Set requires_grad on an input, outside of no_grad() and inference_mode()."),
        ("a leaf Variable that requires grad", "Change it under no_grad()."),
    ];

    /// <summary>The message, without its digressions and with a remedy where one is known.</summary>
    public static string AddTo(string message)
    {
        foreach (var digression in Digressions)
            if (message.IndexOf(digression, StringComparison.Ordinal) is >= 0 and var start)
                message = message[..start];
        foreach (var (complaint, remedy) in Remedies)
            if (message.Contains(complaint, StringComparison.Ordinal))
                return $"{message.TrimEnd(' ', '\n', '.', '!')}. {remedy}";
        return message;
    }
}
