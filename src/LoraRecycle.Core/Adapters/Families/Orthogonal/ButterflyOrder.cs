namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>
/// The orders in which the stages of a block butterfly take the inputs (arXiv 2311.06243): with each stage the inputs of
/// one block come from twice as far apart. Half blocks move as they are; within a group of 2^stage blocks the even ones
/// come first.
/// </summary>
internal static class ButterflyOrder
{
    /// <param name="width">Of the inputs.</param>
    /// <param name="blockSize">Of the blocks, even where there is more than one stage.</param>
    /// <param name="stage">From 0, which changes nothing.</param>
    /// <returns>For each place, the input that it takes.</returns>
    public static long[] Of(long width, long blockSize, int stage)
    {
        var order = new long[width];
        var (half, group) = (Math.Max(1, blockSize / 2), blockSize << stage);
        for (long place = 0; place < width; place++)
        {
            var (start, within) = (place / group * group, place % group);
            var (piece, halves) = (within / half, group / half);
            var from = piece < halves / 2 ? 2 * piece : (2 * (piece - (halves / 2))) + 1;
            order[place] = stage == 0 ? place : start + (from * half) + (within % half);
        }
        return order;
    }

    /// <summary>The order that undoes another.</summary>
    public static long[] Inverse(long[] order)
    {
        var inverse = new long[order.Length];
        for (var place = 0; place < order.Length; place++)
            inverse[order[place]] = place;
        return inverse;
    }
}
