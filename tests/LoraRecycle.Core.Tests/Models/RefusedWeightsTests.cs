using System.Text;
using System.Text.Json.Nodes;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.ResNet;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>Tensors that are there and are no weights: of another type, or with values that no weight has.</summary>
public sealed class RefusedWeightsTests
{
    private const string Query = "vision_model.encoder.layers.1.self_attn.q_proj.weight";

    [Theory]
    [InlineData(ScalarType.Int8, "I8")]
    [InlineData(ScalarType.Byte, "U8")]
    [InlineData(ScalarType.Int16, "I16")]
    [InlineData(ScalarType.Int32, "I32")]
    [InlineData(ScalarType.Int64, "I64")]
    [InlineData(ScalarType.Bool, "BOOL")]
    public void Weights_that_are_no_floating_point_numbers_are_named_with_their_type(ScalarType type, string named)
    {
        using var model = new ChangedModel("clip", tensors => tensors[Query] = tensors[Query].mul(50).to(type));
        var message = Refused(model);
        Assert.Contains($"'{Query}' has type {named}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("quantization_config", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vision_model.encoder.layers.0.self_attn.k_proj.bias")]
    [InlineData("vision_model.embeddings.position_embedding.weight")]
    [InlineData("vision_model.post_layernorm.weight")]
    [InlineData("visual_projection.weight")]
    public void So_are_those_that_are_no_matrices_of_a_layer(string name)
    {
        using var model = new ChangedModel("clip", tensors => tensors[name] = tensors[name].to(ScalarType.Int32));
        Assert.Contains($"'{name}' has type I32", Refused(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quantization_config", "bitsandbytes")]
    [InlineData("vision_config", "bitsandbytes")]
    public void A_quantised_model_is_told_what_made_it_so(string place, string method)
    {
        using var model = new ChangedModel(
            "clip",
            tensors => tensors[Query] = tensors[Query].to(ScalarType.Int8),
            config =>
            {
                var quantization = new JsonObject { ["quant_method"] = method, ["load_in_8bit"] = true };
                if (place == "quantization_config") config[place] = quantization;
                else
                {
                    var vision = JsonNode.Parse(config.ToJsonString())!.AsObject();
                    vision["quantization_config"] = quantization;
                    config[place] = vision;
                }
            }
        );
        var message = Refused(model);
        Assert.Contains($"'{Query}' has type I8", message, StringComparison.Ordinal);
        Assert.Contains($"quantization_config ({method})", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_weights_of_another_shape_are_named_by_their_type_and_missing_ones_by_the_configuration()
    {
        static void Quantized(JsonObject config) => config["quantization_config"] = new JsonObject { ["quant_method"] = "gptq" };
        using var packed = new ChangedModel("clip", tensors => tensors[Query] = zeros([2048, 1], ScalarType.Byte), Quantized);
        Assert.Contains("has type U8", Refused(packed), StringComparison.Ordinal);
        using var missing = new ChangedModel("clip", tensors =>
        {
            tensors[Query.Replace(".weight", ".qweight", StringComparison.Ordinal)] = zeros([8, 64], ScalarType.Int32);
            tensors.Remove(Query);
        }, Quantized);
        Assert.Contains("quantization_config (gptq)", Refused(missing), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F8_E4M3")]
    [InlineData("F8_E5M2")]
    [InlineData("U32")]
    public void Types_that_torch_is_not_given_are_named_like_the_others(string type)
    {
        using var model = new ChangedModel("clip");
        var bytes = type == "U32" ? 4 : 1;
        WithTypeOf(model, Query, type, 64 * 64 * bytes);
        Assert.Contains($"'{Query}' has type {type}", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_that_are_no_weights_may_be_of_any_type()
    {
        using var model = new ChangedModel("clip", tensors =>
        {
            tensors["vision_model.embeddings.position_ids"] = arange(17, ScalarType.Int64).unsqueeze(0);
            tensors["text_model.embeddings.position_ids"] = zeros([1, 77], ScalarType.Int32);
            tensors["text_model.broken.weight"] = full([2, 2], float.NaN);
        });
        FoundationModel.Load(model.Folder, CPU).Dispose();
        WithTypeOf(model, "text_model.embeddings.position_ids", "U32", 77 * 4);
        FoundationModel.Load(model.Folder, CPU).Dispose();
    }

    [Theory]
    [InlineData(Query, double.NaN, ScalarType.Float32)]
    [InlineData(Query, double.PositiveInfinity, ScalarType.Float16)]
    [InlineData(Query, double.NegativeInfinity, ScalarType.BFloat16)]
    [InlineData(Query, double.NaN, ScalarType.BFloat16)]
    [InlineData(Query, 1e300, ScalarType.Float64)]
    [InlineData("vision_model.embeddings.class_embedding", double.NaN, ScalarType.Float16)]
    [InlineData("vision_model.encoder.layers.2.mlp.fc2.bias", double.PositiveInfinity, ScalarType.Float32)]
    [InlineData("visual_projection.weight", double.NaN, ScalarType.Float32)]
    public void Values_that_are_not_finite_are_named_by_their_tensor(string name, double value, ScalarType type)
    {
        using var model = new ChangedModel("clip", tensors =>
        {
            tensors[name] = tensors[name].to(type);
            tensors[name].view(-1)[3].fill_(value);
        });
        Assert.Contains($"'{name}' has values that are NaN or infinite", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Large_weights_whose_sum_is_not_finite_are_finite_all_the_same()
    {
        using var model = new ChangedModel("clip", tensors => tensors[Query].narrow(0, 0, 4).fill_(3e38f));
        FoundationModel.Load(model.Folder, CPU).Dispose();
    }

    [Theory]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Bool)]
    public void A_prior_that_was_quantised_is_refused_by_its_tensor(ScalarType type)
    {
        using var folder = new ScratchFolder();
        using var scope = NewDisposeScope();
        using var source = SafetensorsCheckpoint.Open(LoraRecycle.Tests.Repository.PathOf("models", "resnet18-96"));
        SafetensorsWriter.Write(
            folder.PathOf("model.safetensors"),
            source.Entries.Keys.Select(name => (name, name == "layer2.0.conv1.weight" ? source.Read(name).to(type) : source.Read(name)))
        );
        var message = Assert.Throws<ModelException>(() => BatchNormPrior.Load(folder.Path, CPU)).Message;
        Assert.Contains("'layer2.0.conv1.weight' has type", message, StringComparison.Ordinal);
    }

    private static string Refused(ChangedModel model)
    {
        var message = Assert.Throws<ModelException>(() => FoundationModel.Load(model.Folder, CPU).Dispose()).Message;
        Assert.Equal(message, Assert.Throws<ModelException>(() => FrozenModel.Load(model.Folder, CPU).Dispose()).Message);
        return message;
    }

    /// <summary>Writes the file anew with a tensor of zeros of a type that no tensor in memory has.</summary>
    private static void WithTypeOf(ChangedModel model, string name, string type, int length)
    {
        var path = model.PathOf("model.safetensors");
        var (header, data) = (new JsonObject(), new List<byte>());
        using (var file = SafetensorsFile.Open(path))
            foreach (var (key, entry) in file.Entries)
            {
                using var tensor = file.Read(key);
                var bytes = key == name ? new byte[length] : tensor.bytes.ToArray();
                header[key] = new JsonObject
                {
                    ["dtype"] = key == name ? type : entry.DType.ToString(),
                    ["shape"] = new JsonArray([.. entry.Shape.Select(size => (JsonNode)size)]),
                    ["data_offsets"] = new JsonArray(data.Count, data.Count + bytes.Length),
                };
                data.AddRange(bytes);
            }
        File.WriteAllBytes(path, FileBytes.Of(header.ToJsonString(), [.. data]));
        Assert.Contains(type, Encoding.UTF8.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
    }
}
