namespace LoraRecycle.Core.Method.Distillation.Training;

/// <summary>The paper's learning rate: a linear warm-up from the floor to the peak, half a cosine down again, and over.</summary>
public sealed class CyclicSchedule(double floor, double peak, int warmUp, int decay)
{
    public double this[int step]
    {
        get
        {
            var position = step % (warmUp + decay);
            return position < warmUp
                ? floor + ((peak - floor) * position / warmUp)
                : floor + ((peak - floor) * (1 + Math.Cos(Math.PI * (position - warmUp) / decay)) / 2);
        }
    }
}
