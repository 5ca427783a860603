namespace LoraRecycle.Client.Contracts;

/// <summary>The photographs that come with the server.</summary>
/// <param name="Classes">The photographs by class; empty when the server has none.</param>
public sealed record SamplesResponse(IReadOnlyList<SampleClass> Classes);

/// <summary>Photographs of one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Images">The names of its photographs, served at <c>/samples/{label}/{name}</c>.</param>
public sealed record SampleClass(string Label, IReadOnlyList<string> Images);
