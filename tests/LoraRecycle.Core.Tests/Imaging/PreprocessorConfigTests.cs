using System.Text;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class PreprocessorConfigTests
{
    private static PreprocessorConfig Parse(string json, string? modelType = null) =>
        PreprocessorConfigFile.Parse(Encoding.UTF8.GetBytes(json), "preprocessor_config.json", modelType);

    [Fact]
    public void The_shipped_models_file_is_read_whole()
    {
        var config = PreprocessorConfig.Read(Repository.PathOf("models", "vit-s-12-96", "preprocessor_config.json"));

        Assert.Equal((96, 144), config.Size.For(200, 300));
        Assert.Equal((96, 96), config.CropSize);
        Assert.True(config is { DoResize: true, DoCenterCrop: true, DoRescale: true, DoNormalize: true, Resample: Resampling.Bicubic });
        Assert.Equal(1.0 / 255, config.RescaleFactor, 1e-12);
        Assert.Equal([0.48145466, 0.4578275, 0.40821073], config.ImageMean);
        Assert.Equal([0.26862954, 0.26130258, 0.27577711], config.ImageStd);
    }

    // transformers' own defaults: which processors keep the aspect and crop, with which filter and mean.
    [Theory]
    [InlineData("CLIPImageProcessor", 224, 448, true, Resampling.Bicubic, 0.48145466)]
    [InlineData("CLIPImageProcessorFast", 224, 448, true, Resampling.Bicubic, 0.48145466)]
    [InlineData("CLIPFeatureExtractor", 224, 448, true, Resampling.Bicubic, 0.48145466)]
    [InlineData("BitImageProcessor", 224, 448, true, Resampling.Bicubic, 0.48145466)]
    [InlineData("ViTImageProcessor", 224, 224, false, Resampling.Bilinear, 0.5)]
    [InlineData("SiglipImageProcessor", 224, 224, false, Resampling.Bicubic, 0.5)]
    [InlineData("DeiTImageProcessor", 256, 256, true, Resampling.Bicubic, 0.5)]
    [InlineData("DeiTFeatureExtractor", 256, 256, true, Resampling.Bicubic, 0.5)]
    [InlineData("DINOv3ViTImageProcessorFast", 224, 224, false, Resampling.Bilinear, 0.485)]
    public void What_the_file_leaves_out_is_the_processors_default(
        string type,
        int height,
        int width,
        bool crops,
        Resampling filter,
        double mean
    )
    {
        var config = Parse($$"""{"image_processor_type": "{{type}}"}""");

        Assert.Equal((height, width), config.Size.For(100, 200));
        Assert.Equal((crops, filter, mean), (config.DoCenterCrop, config.Resample, config.ImageMean[0]));
        Assert.Equal((224, 224), config.CropSize);
    }

    [Theory]
    [InlineData("clip", true)]
    [InlineData("clip_vision_model", true)]
    [InlineData("dinov2", true)]
    [InlineData("dinov2_with_registers", true)]
    [InlineData("deit", true)]
    [InlineData("dinov3_vit", false)]
    [InlineData("vit", false)]
    [InlineData("siglip_vision_model", false)]
    public void A_file_that_names_no_processor_takes_that_of_the_model_type(string modelType, bool crops) =>
        Assert.Equal(crops, Parse("{}", modelType).DoCenterCrop);

    [Theory]
    [InlineData("CLIPFeatureExtractor", "96", 96, 192)]
    [InlineData("ViTFeatureExtractor", "96", 96, 96)]
    [InlineData("DeiTFeatureExtractor", "96", 96, 96)]
    [InlineData("ViTImageProcessor", "[96, 96]", 96, 96)]
    [InlineData("CLIPImageProcessor", "[96, 96]", 96, 96)]
    [InlineData("ViTImageProcessor", """{"height": 32, "width": 48}""", 32, 48)]
    [InlineData("CLIPImageProcessor", """{"height": 32, "width": 48}""", 32, 48)]
    [InlineData("BitImageProcessor", """{"shortest_edge": 256}""", 256, 512)]
    [InlineData("BitImageProcessor", """{"shortest_edge": 256, "longest_edge": null}""", 256, 512)]
    public void Every_shape_of_size_is_understood(string type, string size, int height, int width) =>
        Assert.Equal((height, width), Parse($$"""{"image_processor_type": "{{type}}", "size": {{size}}}""").Size.For(50, 100));

    [Theory]
    [InlineData("resample", "\"bilinear\"")]
    [InlineData("do_resize", "\"yes\"")]
    [InlineData("image_processor_type", "{}")]
    public void A_value_of_another_type_is_shown_as_it_stands_there(string key, string value) => Assert.Contains(
        $"Expected {key} of preprocessor_config.json to be of the type that transformers writes; found {value}.",
        Assert.Throws<InvalidDataException>(() => Parse($$"""{"{{key}}": {{value}}}""", "vit")).Message,
        StringComparison.Ordinal
    );

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Equal((7, 7), Parse("\ufeff" + """{"image_processor_type": "ViTImageProcessor", "size": 7}""").Size.For(50, 100));

    [Fact]
    public void Null_counts_as_missing_and_unknown_keys_are_ignored()
    {
        var config = Parse(
            """{"feature_extractor_type": "CLIPFeatureExtractor", "size": null, "crop_size": 32, "image_mean": null, "do_convert_rgb": true, "new": []}"""
        );

        Assert.Equal((224, 224), config.Size.For(7, 7));
        Assert.Equal((32, 32), config.CropSize);
    }

    [Theory]
    [InlineData("size", "0")]
    [InlineData("size", "-3")]
    [InlineData("size", "2.5")]
    [InlineData("size", "2000000000")]
    [InlineData("size", "\"224\"")]
    [InlineData("size", "{}")]
    [InlineData("size", "[224]")]
    [InlineData("size", "[224, 192]")]
    [InlineData("size", "[0, 0]")]
    [InlineData("crop_size", "[224, 192]")]
    [InlineData("size", """{"shortest_edge": 1e30}""")]
    [InlineData("size", """{"shortest_edge": 224, "longest_edge": 400}""")]
    [InlineData("size", """{"height": 224}""")]
    [InlineData("crop_size", """{"height": 224, "width": 0}""")]
    [InlineData("crop_size", """{"shortest_edge": 224}""")]
    [InlineData("image_mean", "[0.5, 0.5]")]
    [InlineData("image_mean", "[0.5, 0.5, \"x\"]")]
    [InlineData("image_mean", "[0.5, 0.5, 1e999]")]
    [InlineData("image_std", "[0.5, 0, 0.5]")]
    [InlineData("resample", "1")]
    [InlineData("resample", "\"bicubic\"")]
    [InlineData("rescale_factor", "0")]
    [InlineData("do_resize", "\"yes\"")]
    [InlineData("do_pad", "true")]
    [InlineData("image_processor_type", "\"DetrImageProcessor\"")]
    public void A_bad_value_is_refused_by_the_name_of_its_key(string key, string value)
    {
        var type = key == "image_processor_type" ? "" : "\"image_processor_type\": \"CLIPImageProcessor\", ";

        var refused = Assert.Throws<InvalidDataException>(() => Parse($$"""{ {{type}}"{{key}}": {{value}}}"""));

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains("preprocessor_config.json", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"size\": ")]
    public void What_is_no_json_object_is_refused(string json) => Assert.Throws<InvalidDataException>(() => Parse(json, "clip"));

    [Fact]
    public void Neither_processor_nor_model_type_is_an_error_that_lists_the_processors() =>
        Assert.Contains("CLIPImageProcessor, ViTImageProcessor, SiglipImageProcessor, BitImageProcessor",
            Assert.Throws<InvalidDataException>(() => Parse("{}")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(
            "no-such-folder",
            Assert.Throws<FileNotFoundException>(() => PreprocessorConfig.Read("no-such-folder/preprocessor_config.json")).Message,
            StringComparison.Ordinal
        );
}
