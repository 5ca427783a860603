namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>Where the temperature of an episode's probabilities comes from.</summary>
public enum CalibrationSource
{
    /// <summary>From nowhere: the softmax of minus the squared distances, which is far too sure of itself.</summary>
    None,

    /// <summary>From the support images alone, each left out in turn: the model has no calibration of its own.</summary>
    SupportSet,

    /// <summary>From the calibration that was fitted to the model with its adapter, and from the support images where there are several a
    /// class.</summary>
    Fitted,
}
