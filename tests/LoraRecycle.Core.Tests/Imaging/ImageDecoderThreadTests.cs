using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImageDecoderThreadTests
{
    [Fact]
    public void One_decoder_serves_many_threads_and_failures_do_not_disturb_the_others()
    {
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        byte[][] sound =
        [
            Fixture.Read("baseline.jpg"),
            Fixture.Read("progressive.jpg"),
            Fixture.Read("animated.gif"),
            Fixture.Read("lossy.webp"),
            Fixture.Read("display-p3.jpg"),
        ];
        var alone = sound.Select(bytes => decoder.Decode(bytes).Pixels).ToArray();

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            if (i % 3 == 0)
                Assert.Throws<ImageException>(() => decoder.Decode(sound[i % sound.Length].AsSpan(0, 200)));
            Assert.Equal(alone[i % sound.Length], decoder.Decode(sound[i % sound.Length]).Pixels);
        });
    }
}
