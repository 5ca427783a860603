using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>
/// The keys, in <c>keys.json</c> in the data directory. The file is replaced as a whole, so a reader sees all of a change or
/// none of it, and those who change it at once take turns.
/// </summary>
/// <param name="directory">The data directory; made when the first key is.</param>
/// <param name="time">Dates the keys.</param>
public sealed class ApiKeyStore(string directory, TimeProvider time)
{
    private const int MaxNameLength = 100;

    public string Path { get; } = System.IO.Path.Combine(directory, "keys.json");

    /// <summary>The store of the service as appsettings.json and the environment set it up, for who works beside it.</summary>
    public static ApiKeyStore AsConfigured(TimeProvider time)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(System.IO.Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .Build();
        var options = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        return new ApiKeyStore(options.FullPath, time);
    }

    /// <summary>Every key that was ever made, the revoked ones among them; none when there is no file.</summary>
    /// <exception cref="ApiKeyException">The file is damaged or cannot be read.</exception>
    public IReadOnlyList<ApiKey> Read()
    {
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(Path), ApiKeyJson.Default.ApiKeyDocument);
            return document?.Keys ?? throw new JsonException("it is null");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ApiKeyException(
                $"{Path} is not a keys file, or cannot be read: {exception.Message} Restore the file, or remove it and create new keys.",
                exception
            );
        }
    }

    /// <exception cref="ApiKeyException">A name or scope is not accepted, or a key that is good has the name.</exception>
    public IssuedApiKey Create(string name, IReadOnlyCollection<string> scopes)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || !ShownText.IsShown(name))
            throw new ApiKeyException($"Expected a name of 1 to {MaxNameLength} printable characters; found '{name}'.");
        if (scopes.Count == 0 || scopes.FirstOrDefault(scope => !ApiScopes.All.Contains(scope)) is not null)
            throw new ApiKeyException(
                $"Expected some of the scopes {string.Join(", ", ApiScopes.All)}; found '{string.Join(',', scopes)}'."
            );
        return Change(keys =>
        {
            if (keys.Exists(key => key.Revoked is null && key.Name == name))
                throw new ApiKeyException($"A key named '{name}' exists; rotate it, revoke it, or choose another name.");
            var id = ApiKeyToken.NewId();
            var token = ApiKeyToken.New(id);
            var key = new ApiKey(
                id,
                name,
                [.. ApiScopes.All.Where(scopes.Contains)],
                ApiKeyToken.HashOf(token),
                time.GetUtcNow(),
                Rotated: null,
                Revoked: null
            );
            keys.Add(key);
            return new IssuedApiKey(key, token);
        });
    }

    /// <summary>Gives a key a new token; the old one is good for nothing from now on.</summary>
    /// <param name="key">Its id or name.</param>
    public IssuedApiKey Rotate(string key) => Change(keys =>
    {
        var place = Find(keys, key);
        var token = ApiKeyToken.New(keys[place].Id);
        keys[place] = keys[place] with { Hash = ApiKeyToken.HashOf(token), Rotated = time.GetUtcNow() };
        return new IssuedApiKey(keys[place], token);
    });

    /// <summary>Makes a key good for nothing, for good.</summary>
    /// <param name="key">Its id or name.</param>
    public ApiKey Revoke(string key) => Change(keys =>
    {
        var place = Find(keys, key);
        return keys[place] = keys[place] with { Revoked = time.GetUtcNow() };
    });

    private static int Find(List<ApiKey> keys, string idOrName)
    {
        var place = keys.FindIndex(key => key.Revoked is null && (key.Id == idOrName || key.Name == idOrName));
        return place >= 0
            ? place
            : throw new ApiKeyException($"No valid key '{idOrName}'; expected an id or name that `key list` shows.");
    }

    private T Change<T>(Func<List<ApiKey>, T> change)
    {
        Directory.CreateDirectory(directory);
        using var turn = TakeTurn();
        List<ApiKey> keys = [.. Read()];
        var result = change(keys);
        Write(new ApiKeyDocument(keys));
        return result;
    }

    private FileStream TakeTurn()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return Open(Path + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException) when (attempt < 200)
            {
                Thread.Sleep(25); // somebody else is changing the keys
            }
        }
    }

    /// <summary>For one process at a time, and for nobody but its user.</summary>
    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private void Write(ApiKeyDocument document)
    {
        var temporary = Path + ".tmp";
        using (var file = Open(temporary, FileMode.Create))
        {
            JsonSerializer.Serialize(file, document, ApiKeyJson.Default.ApiKeyDocument);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, Path, overwrite: true);
    }
}
