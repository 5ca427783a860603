using System.Collections.Specialized;
using System.Text.Json;
using LoraRecycle.Service.Features.Recycling.Jobs;
using Quartz.Spi;

namespace LoraRecycle.Service.Features.Recycling.Scheduling;

/// <summary>How Quartz keeps the data of its jobs: names and texts as JSON, and never anything that names a type.</summary>
internal sealed class TextDataSerializer : IObjectSerializer
{
    public void Initialize()
    {
    }

    public byte[] Serialize<T>(T obj)
        where T : class =>
        obj is NameValueCollection texts
            ? JsonSerializer.SerializeToUtf8Bytes(
                texts.AllKeys.ToDictionary(key => key!, key => texts[key]!),
                RecycleJson.Default.DictionaryStringString
            )
            : throw new NotSupportedException($"Expected job data of strings; found {obj.GetType()}.");

    public T? DeSerialize<T>(byte[] data) where T : class
    {
        var texts = new NameValueCollection();
        foreach (var (key, text) in JsonSerializer.Deserialize(data, RecycleJson.Default.DictionaryStringString) ?? [])
            texts[key] = text;
        return texts as T ?? throw new NotSupportedException($"Job data is strings; {typeof(T)} was requested.");
    }
}
