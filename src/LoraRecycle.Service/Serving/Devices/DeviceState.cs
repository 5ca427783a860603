namespace LoraRecycle.Service.Serving.Devices;

/// <summary>How one of the devices is.</summary>
internal enum DeviceState
{
    /// <summary>The model is being loaded and warmed up.</summary>
    Loading,

    /// <summary>It takes images.</summary>
    Ready,

    /// <summary>Its last passes failed, also one of a picture that cannot be at fault; it tries itself until one succeeds.</summary>
    Failing,

    /// <summary>A pass has been under way for longer than the deadline.</summary>
    Hanging,

    /// <summary>The model could not be loaded, or its thread has ended.</summary>
    Lost,
}
