using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>Something that happened to a job.</summary>
internal sealed class RecycleEvent
{
    public const int TypeLength = 32;

    public required string JobId { get; init; }

    /// <summary>From 1, without gaps, in the order in which they were committed.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>One of <see cref="EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>What a client gets, as JSON.</summary>
    public required string Data { get; init; }

    /// <param name="job">The job's id.</param>
    /// <param name="number">The event's.</param>
    /// <param name="time">When it happened.</param>
    /// <param name="type">One of <see cref="EventTypes"/>.</param>
    /// <param name="data">What a client gets.</param>
    /// <param name="json">How that is written.</param>
    public static RecycleEvent Create<T>(string job, long number, DateTimeOffset time, string type, T data, JsonTypeInfo<T> json) => new()
    {
        JobId = job,
        Number = number,
        Time = time,
        Type = type,
        Data = JsonSerializer.Serialize(data, json),
    };

    internal sealed class Configuration : IEntityTypeConfiguration<RecycleEvent>
    {
        public void Configure(EntityTypeBuilder<RecycleEvent> builder)
        {
            builder.ToTable("recycle_events").HasKey(one => new { one.JobId, one.Number });
            builder.Property(one => one.JobId).HasMaxLength(RecycleJob.IdLength);
            builder.Property(one => one.Type).HasMaxLength(TypeLength);
        }
    }
}
