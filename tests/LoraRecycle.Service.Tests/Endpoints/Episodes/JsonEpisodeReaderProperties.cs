using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;

namespace LoraRecycle.Service.Tests.Endpoints.Episodes;

/// <summary>However a body is cut into pieces on its way, and whatever is in it.</summary>
public sealed class JsonEpisodeReaderProperties
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20250612, 1).WithMaxTest(300);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A stream that gives what it has in pieces of random length.</summary>
    private sealed class Pieces(byte[] content, Random random) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, random.Next(2, 200)))], cancellationToken);
    }

    private static RequestedEpisode Read(byte[] body, Random random) => JsonEpisodeReader.ReadAsync(
        PipeReader.Create(new Pieces(body, random), new StreamPipeReaderOptions(bufferSize: random.Next(1, 300), minimumReadSize: 1)),
        RequestMembers.Episode, new LimitsOptions(), CancellationToken.None).GetAwaiter().GetResult().Build();

    [Fact]
    public void An_episode_is_read_the_same_in_whatever_pieces_it_comes() =>
        Check.One(
            Fixed,
            Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    byte[] Image()
                    {
                        var image = new byte[random.Next(1, 500)];
                        random.NextBytes(image);
                        return image;
                    }
                    string Text(byte[] image) =>
                        (random.Next(3) == 0 ? "data:image/png;base64," : "")
                        + Convert.ToBase64String(
                            image,
                            random.Next(2) == 0 ? Base64FormattingOptions.None : Base64FormattingOptions.InsertLineBreaks
                        );
                    var classes = Enumerable
                        .Range(0, random.Next(2, 6))
                        .Select(i => (Label: $"c{i}é\"", Images: Enumerable.Range(0, random.Next(1, 4)).Select(_ => Image()).ToArray()))
                        .ToArray();
                    var queries = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Image()).ToArray();
                    var body = JsonSerializer.SerializeToUtf8Bytes(
                        new
                        {
                            metaLora = "none",
                            support = classes.Select(c => new { label = c.Label, images = c.Images.Select(Text) }),
                            queries = queries.Select(Text),
                        },
                        random.Next(2) == 0 ? Indented : JsonSerializerOptions.Default
                    );

                    var episode = Read(body, random);

                    return episode.MetaLora == "none"
                        && episode.Queries == queries.Length
                        && episode.Classes.SequenceEqual(classes.Select(c => new RequestedClass(c.Label, c.Images.Length)))
                        && episode
                            .Images.Select(image => Convert.ToHexString(image.Encoded.Span))
                            .SequenceEqual(classes.SelectMany(c => c.Images).Concat(queries).Select(Convert.ToHexString));
                }
            )
        );

    [Fact]
    public void Whatever_comes_is_an_episode_or_a_problem() =>
        Check.One(
            Fixed,
            Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    var body = Encoding
                        .UTF8.GetBytes(
                            """{"support":[{"label":"a","images":["AAAA","data:;base64,AAAA"]},{"images":["AAAA"],"label":"b"}],"queries":["AAAA"],"metaLora":"default"}"""
                        )
                        .ToList();
                    for (var change = random.Next(1, 4); change > 0; change--)
                    {
                        var at = random.Next(body.Count);
                        switch (random.Next(3))
                        {
                            case 0:
                                body[at] = (byte)random.Next(256);
                                break;
                            case 1:
                                body.RemoveRange(at, Math.Min(random.Next(1, 20), body.Count - at));
                                break;
                            default:
                                body.Insert(at, (byte)"{}[]\",:\\\0\uffff"[random.Next(9)]);
                                break;
                        }
                        if (body.Count == 0)
                            break;
                    }
                    try
                    {
                        return Read([.. body], random).Classes.Count >= 2;
                    }
                    catch (ProblemException problem)
                    {
                        return problem.Kind.Status is 400 or 422;
                    }
                }
            )
        );
}
