namespace LoraRecycle.Service.Serving.Devices;

/// <summary>One device's way out of a <see cref="BatchQueue"/>, which guards all of it.</summary>
internal sealed class Lane
{
    /// <summary>Images for this device alone, which go before all others.</summary>
    public LinkedList<PendingImage> Own { get; } = new();

    /// <summary>Whether the device's last pass failed through no fault of an image.</summary>
    public bool IsFailing { get; set; }

    /// <summary>Whether a pass has been under way for too long.</summary>
    public bool IsHanging { get; set; }

    public bool IsInOrder => !IsFailing && !IsHanging;

    /// <summary>
    /// Whether it takes images that are for any device: when it is in order; and when none is, all do, so that whoever waits
    /// learns of the failure, or of its end.
    /// </summary>
    public bool MayShare(List<Lane> lanes) => IsInOrder || !lanes.Exists(lane => lane.IsInOrder);
}
