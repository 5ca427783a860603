using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// All that differs from one iteration to the next, as tensors on the device that keep their place: what is seen of the
/// images, and Adam's corrections. Kernels that were recorded once read another iteration there each time they are run, and
/// the host never waits for a copy: many iterations are sent at once.
/// </summary>
internal sealed class InversionSchedule : IDisposable
{
    private const int Span = 1024;

    private readonly InversionSettings _settings;
    private readonly int _side, _canvas;
    private readonly Device _device;
    private readonly Tensor _indices, _corrections;
    private Tensor? _indexTable, _correctionTable;
    private int _first;

    public InversionSchedule(InversionSettings settings, int side, int canvas, Device device)
    {
        (_settings, _side, _canvas, _device) = (settings, side, canvas, device);
        _indices = zeros([(2L * side) + (2 * canvas) + 1], ScalarType.Int64, device).DetachFromDisposeScope();
        _corrections = zeros([2], device: device).DetachFromDisposeScope();
    }

    /// <summary>Writes an iteration's numbers where <see cref="See"/> and the others read them.</summary>
    public void MoveTo(int iteration)
    {
        if (_indexTable is null || iteration < _first || iteration >= _first + Span) Send(iteration);
        using var scope = NewDisposeScope();
        _indices.copy_(_indexTable![iteration - _first]);
        _corrections.copy_(_correctionTable![iteration - _first]);
    }

    /// <returns>[1], int64: the iteration itself.</returns>
    public Tensor Iteration() => _indices.narrow(0, _indices.shape[0] - 1, 1);

    /// <returns>[1]: what Adam's mean of squares is multiplied by once it has its root.</returns>
    public Tensor SquareCorrection() => _corrections.narrow(0, 0, 1);

    /// <returns>[1]: how far a step goes, with the correction of Adam's mean.</returns>
    public Tensor StepSize() => _corrections.narrow(0, 1, 1);

    /// <param name="images">[batch, 3, canvas, canvas].</param>
    /// <returns>[batch, 3, side, side].</returns>
    public Tensor See(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.index_select(2, Part(0, _side)).index_select(3, Part(_side, _side)).MoveToOuterDisposeScope();
    }

    /// <summary>Puts the gradient in what was seen where it belongs in the images; what was not seen has none.</summary>
    /// <param name="gradient">[batch, 3, side, side].</param>
    /// <returns>[batch, 3, canvas, canvas].</returns>
    public Tensor Back(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (Part(2 * _side, _canvas), Part((2 * _side) + _canvas, _canvas));
        var back = gradient.index_select(2, rows.clamp(min: 0)).index_select(3, columns.clamp(min: 0));
        if (_canvas > _side) back = back.mul_(rows.ge(0).unsqueeze(1).logical_and(columns.ge(0).unsqueeze(0)).to(back.dtype));
        return back.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { _indices, _corrections, _indexTable, _correctionTable }) tensor?.Dispose();
    }

    private Tensor Part(long start, long length) => _indices.narrow(0, start, length);

    private void Send(int first)
    {
        var (indices, corrections) = (new List<long>(), new List<float>());
        for (var iteration = first; iteration < first + Span; iteration++)
        {
            var view = InversionView.At(_settings, iteration, _side, _canvas);
            var (rows, columns) = (view.Rows(_side), view.Columns(_side));
            indices.AddRange([
                .. rows,
                .. columns,
                .. InversionView.Back(rows, _canvas),
                .. InversionView.Back(columns, _canvas),
                iteration,
            ]);
            corrections.Add((float)(1 / Math.Sqrt(1 - Math.Pow(_settings.Beta2, iteration + 1))));
            corrections.Add((float)(_settings.LearningRate / (1 - Math.Pow(_settings.Beta1, iteration + 1))));
        }
        _indexTable?.Dispose();
        _correctionTable?.Dispose();
        using var scope = NewDisposeScope();
        _indexTable = tensor([.. indices], [Span, _indices.shape[0]], device: _device).DetachFromDisposeScope();
        _correctionTable = tensor([.. corrections], [Span, 2], device: _device).DetachFromDisposeScope();
        _first = first;
    }
}
