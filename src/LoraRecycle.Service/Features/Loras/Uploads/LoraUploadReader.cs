using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras.Uploads;

/// <summary>
/// Reads the form of an upload into files: parts called as a LoRA's files are, or <c>file</c> with such a file name; or one
/// <c>.zip</c> of them; and the field <c>name</c>.
/// </summary>
internal sealed class LoraUploadReader(IOptions<LoraOptions> options)
{
    private const string NameField = "name";
    private const string AnyFile = "file";
    private const string ZipSuffix = ".zip";

    private readonly LoraOptions _options = options.Value;

    /// <exception cref="ProblemException">The form is no upload of a LoRA.</exception>
    public async Task ReadAsync(HttpRequest request, LoraUpload upload, CancellationToken cancellation)
    {
        CompressedBody.RequireKnownEncoding(request);
        if (!BodyType.TryParse(request, out var contentType) || !contentType.IsForm())
            throw new ProblemException(
                Problems.UnsupportedContentType,
                "Expected multipart/form-data; found another type, or none.",
                "Content-Type"
            );
        await MultipartForm.ReadAsync(
            request.Body,
            contentType,
            (part, content) => ReadPartAsync(part, content, upload, cancellation),
            cancellation
        );
        request.TakePlace();
        if (File.Exists(upload.Archive))
            await LoraArchive.UnpackAsync(upload, _options, cancellation);
        LoraFiles.RequireWhole(upload.Files);
    }

    private async Task ReadPartAsync(FormPart part, Stream content, LoraUpload upload, CancellationToken cancellation)
    {
        var field = part.Unindexed == AnyFile ? AnyFile : part.Name;
        if (field == NameField)
        {
            upload.Name = await ReadNameAsync(content, upload, cancellation);
            return;
        }
        if (
            field != AnyFile
            && field != LoraArchive.Field
            && field != LoraFiles.Paper
            && !AdapterFiles.Names.Concat(LoraFiles.PassedOver).Contains(field, StringComparer.Ordinal)
        )
            throw new ProblemException(
                Problems.UnknownField,
                $"Expected parts named {string.Join(", ", AdapterFiles.Names)}, {LoraFiles.Paper}, {LoraArchive.Field}, {AnyFile} or "
                    + $"{NameField}; found another name.",
                LoraFiles.Shown(field)
            );
        var called = field == AnyFile ? part.FileName : field;
        var isArchive = called.EndsWith(ZipSuffix, StringComparison.OrdinalIgnoreCase);
        if (File.Exists(upload.Archive) || (isArchive && upload.Files.Count > 0))
            throw new ProblemException(
                LoraProblems.UnexpectedFile,
                "Expected one zip archive, or the files of the LoRA; found both, or two archives.",
                LoraFiles.Shown(called)
            );
        if (isArchive)
            await upload.AddArchiveAsync(content, cancellation);
        else if (LoraFiles.StoredName(called) is { } storedName)
            await upload.AddAsync(storedName, content, cancellation);
        // One that is passed over is skipped by whoever reads the next part.
    }

    private async Task<string> ReadNameAsync(Stream content, LoraUpload upload, CancellationToken cancellation)
    {
        if (upload.Name is not null)
            throw new ProblemException(LoraProblems.InvalidName, "Expected one name; found two.", NameField);
        var bytes = await PartContent.ReadAsync(content, 4L * _options.NameLength, cancellation);
        var name = bytes is null ? null : PartContent.Text(bytes)?.Trim();
        if (name is { Length: > 0 } && name.Length <= _options.NameLength && ShownText.IsShown(name))
            return name;
        throw new ProblemException(
            LoraProblems.InvalidName,
            $"Expected a name of 1 to {_options.NameLength} printable characters in UTF-8; leave the field out for no name.",
            NameField
        );
    }
}
