using System.Text;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Tests.Safetensors;

public sealed class SafetensorsHeaderTests
{
    private const string Good = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    [Fact]
    public void A_header_is_read_with_names_shapes_and_places()
    {
        var header = Parse(
            """{"__metadata__":{"format":"pt"},"w":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""",
            16
        );

        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Equal(["b", "w"], header.Entries.Keys.Order());
        var weight = header.Entries["w"];
        Assert.Equal((SafetensorsDType.F16, 4L, 12L, "[2, 3]"), (weight.DType, weight.Offset, weight.Length, weight.ShapeText));
        Assert.Empty(header.Entries["b"].Shape);
    }

    [Fact]
    public void A_header_padded_with_spaces_is_read() => Assert.Single(Parse($$"""{"w":{{Good}}}      """, 8).Entries);

    [Fact]
    public void Tensors_without_elements_share_a_place() =>
        Assert.Equal(
            3,
            Parse(
                """{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"c":{"dtype":"I64","shape":[3,0],"data_offsets":[4,4]}}""",
                4
            ).Entries.Count
        );

    [Theory]
    [InlineData("", "does not start with '{'")]
    [InlineData("[]", "does not start with '{'")]
    [InlineData(" {}", "does not start with '{'")]
    [InlineData("{\"w\":", "not valid JSON")]
    [InlineData("{\"w\":" + Good + "} x", "not valid JSON")]
    [InlineData("{\"w\":" + Good + ",\"w\":" + Good + "}", "'w' twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", "'__metadata__' twice")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "'a' twice")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", "'a', which is not a string")]
    [InlineData("{\"__metadata__\":[]}", "must be an object")]
    [InlineData("{\"w\":7}", "tensor 'w' must be described")]
    [InlineData("{\"w\":{}}", "tensor 'w' lacks")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}}", "tensor 'w' lacks")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "tensor 'w' lacks")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", "more than 2 numbers")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "repeated field 'dtype'")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"stride\":[1]}}", "unknown or repeated field 'stride'")]
    [InlineData("{\"w\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype 'F99'; supported are")]
    [InlineData("{\"w\":{\"dtype\":\"7\",\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype '7'; supported are")]
    [InlineData("{\"w\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype that is not a string")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "shape with something other than integers")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", "shape with something other than integers")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":\"2\",\"data_offsets\":[0,8]}}", "shape that is not an array")]
    [InlineData(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
        "shape with something other than integers"
    )]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}", "not valid JSON")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", "larger than any file can be")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,8]}}", "larger than any file can be")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "takes 12 bytes, but its data_offsets give it 8")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "ends at byte 0, before its start")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "only 8 bytes follow the header")]
    [InlineData(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[9223372036854775807,9223372036854775807]}}",
        "only 8 bytes follow the header"
    )]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "every byte must belong to a tensor")]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "there is a hole before it")]
    [InlineData(
        "{\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "overlaps the tensor before it"
    )]
    public void A_header_that_breaks_a_rule_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<SafetensorsException>(() => Parse(json, 8)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_shape_of_very_many_dimensions_is_refused()
    {
        var shape = string.Join(',', Enumerable.Repeat("1", 100_000));
        var exception = Assert.Throws<SafetensorsException>(
            () => Parse($$$"""{"w":{"dtype":"U8","shape":[{{{shape}}}],"data_offsets":[0,1]}}""", 1));
        Assert.Contains("'w' has a shape of more than 32 numbers", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<SafetensorsException>(() => Parse("{\"w\":" + new string('[', 1_000_000), 8));

    [Theory]
    [InlineData("ff")]
    [InlineData("5c7564383030")] // an escaped half of a surrogate pair
    public void A_name_that_is_not_valid_text_is_refused(string nameInHex)
    {
        byte[] json = [.. "{\""u8, .. Convert.FromHexString(nameInHex), .. Encoding.UTF8.GetBytes($"\":{Good}}}")];
        var exception = Assert.Throws<SafetensorsException>(() => SafetensorsHeader.Parse(json, 8));
        Assert.Contains("not valid UTF-8", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_shows_a_hostile_name_short_and_without_control_characters()
    {
        var name = "\\u001b[2J\\n" + new string('x', 5_000);
        var message = Assert.Throws<SafetensorsException>(() => Parse($$"""{"{{name}}":7}""", 0)).Message;
        Assert.InRange(message.Length, 1, 500);
        Assert.DoesNotContain(message, char.IsControl);
    }

    private static SafetensorsHeader Parse(string json, long dataLength) =>
        SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json), dataLength);
}
