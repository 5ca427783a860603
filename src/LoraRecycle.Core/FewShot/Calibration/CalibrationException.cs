namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>A calibration that cannot be used or made: a damaged file, or classes that cannot fill its episodes.</summary>
public sealed class CalibrationException : Exception
{
    public CalibrationException(string message) : base(message)
    {
    }

    public CalibrationException(string message, Exception inner) : base(message, inner)
    {
    }
}
