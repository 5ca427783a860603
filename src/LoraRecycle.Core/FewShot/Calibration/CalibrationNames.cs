namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>What answers and reports call a calibration's source.</summary>
public static class CalibrationNames
{
    /// <summary>"fitted", "support-set" or "none".</summary>
    public static string Of(CalibrationSource source) => source switch
    {
        CalibrationSource.Fitted => "fitted",
        CalibrationSource.SupportSet => "support-set",
        _ => "none",
    };
}
