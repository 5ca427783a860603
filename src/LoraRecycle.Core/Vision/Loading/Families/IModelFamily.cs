using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>A family of vision transformers as Hugging Face names and configures it.</summary>
public interface IModelFamily
{
    /// <summary>The <c>model_type</c> values of config.json that this family reads.</summary>
    IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The shape, from config.json. <paramref name="hasTensor"/> asks the checkpoint for a tensor by its canonical name.</summary>
    VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor);

    /// <summary>Each gives the name in the checkpoint, without any outer prefix, of a canonical path such as <c>layers.0.q.weight</c>; the
    /// first that fits counts.</summary>
    IReadOnlyList<Func<string, string>> Layouts { get; }

    /// <summary>What may stand before the names when the vision model is part of a larger one; the first that fits counts.</summary>
    IReadOnlyList<string> Prefixes { get; }
}
