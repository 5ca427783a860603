using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.FewShot.Rejection;
using LoraRecycle.Service.Features.StoredTasks.Storage;

namespace LoraRecycle.Service.Features.StoredTasks.Ready;

/// <summary>A task at one of its revisions, with what answers its queries.</summary>
/// <param name="Revision">Which.</param>
/// <param name="MetaLora">What it asks for.</param>
/// <param name="ModelRevision">The foundation model that its embeddings are of.</param>
/// <param name="AdapterId">The adapter that they were made with.</param>
/// <param name="AdapterRevision">The revision of that adapter.</param>
/// <param name="Classifier">Its prototypes.</param>
/// <param name="Calibration">What its probabilities are made with.</param>
/// <param name="Threshold">Where rejection begins; null for no rejection.</param>
internal sealed record ReadyTask(
    long Revision, string MetaLora, string ModelRevision, string AdapterId, string AdapterRevision, PrototypeClassifier Classifier,
    CalibrationChoice Calibration, RejectionThreshold? Threshold)
{
    public static ReadyTask Of(StoredTask task, CalibrationChoice calibration)
    {
        var support = TaskSupport.Of(task.Support);
        return new ReadyTask(
            task.Revision,
            task.MetaLora,
            task.ModelRevision,
            task.AdapterId,
            task.AdapterRevision,
            new PrototypeClassifier(support, calibration.Calibration),
            calibration,
            task.Reject is { } target ? RejectionThreshold.Calibrate(support, target) : null
        );
    }

    /// <summary>The memory that it takes, nearly.</summary>
    public long Bytes =>
        Classifier.Prototypes.Sum(prototype => 256L + (sizeof(float) * prototype.Center.Length) + (2 * prototype.Label.Length));
}
