namespace LoraRecycle.Core.DataSets;

/// <summary>Which classes of a split are meant. In few-shot work the parts share no class.</summary>
public enum SplitPart
{
    All,
    Train,
    Val,
    Test,
}
