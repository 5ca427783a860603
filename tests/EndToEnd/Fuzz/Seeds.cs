using System.Text.Json;
using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>A good request, or several, for each route that takes a body or has a parameter. The others need none.</summary>
internal sealed class Seeds
{
    private readonly Dictionary<string, Func<Random, FuzzRequest>[]> _byRoute;

    /// <param name="uploads">Directories of LoRAs.</param>
    /// <param name="listed">Ids of LoRAs that are there, to be asked for.</param>
    /// <param name="doomed">Ids of LoRAs that are there, to be deleted.</param>
    public Seeds(IReadOnlyList<string> uploads, IReadOnlyList<string> listed, IReadOnlyList<string> doomed)
    {
        var photographs = Directory.GetFiles(Repository.PathOf("samples", "cup"), "*.jpg").Order(StringComparer.Ordinal).Take(4).Select(File.ReadAllBytes).ToArray();
        var loras = uploads.Select(folder => Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes)).ToArray();
        string[] metaLoras = [.. TinyInstallation.MetaLoras, "none", "default"];

        _byRoute = new(StringComparer.Ordinal)
        {
            ["POST /classify"] =
            [
                random => FuzzRequest.Json("POST", "/classify", Episode(photographs, random.Pick(metaLoras))),
                random => FuzzRequest.Form("POST", "/classify",
                [
                    FormPart.Of("support[cup]", random.Pick(photographs), "a.jpg"), FormPart.Of("support[chair]", random.Pick(photographs), "b.png"),
                    FormPart.Of("query", random.Pick(photographs), "c"), FormPart.Of("metaLora", [.. random.Pick(metaLoras).Select(c => (byte)c)]),
                ]),
            ],
            ["POST /loras"] =
            [
                random => FuzzRequest.Form("POST", "/loras", [.. random.Pick(loras).Select(file => FormPart.Of(file.Key, file.Value, file.Key)), FormPart.Of("name", "flowers"u8.ToArray())]),
                random => FuzzRequest.Form("POST", "/loras", random.Pick(loras).Select(file => FormPart.Of("file", file.Value, file.Key))),
                random => FuzzRequest.Form("POST", "/loras", [FormPart.Of("lora.zip", FileMutations.Pack(random.Pick(loras).Select(file => ($"flowers/{file.Key}", file.Value))), "lora.zip")]),
                random => FuzzRequest.Form("POST", "/loras", [FormPart.Of("lora.safetensors", random.Pick(loras)["adapter_model.safetensors"], "lora.safetensors")]),
            ],
            ["GET /loras/{id}"] = [random => FuzzRequest.Plain("GET", $"/loras/{random.Pick(listed)}")],
            ["DELETE /loras/{id}"] = [random => FuzzRequest.Plain("DELETE", $"/loras/{random.Pick(doomed)}")],
            ["GET /loras/{id}/spectrum.svg"] = [random => FuzzRequest.Plain("GET", $"/loras/{random.Pick(listed)}/spectrum.svg")],
            ["GET /meta-loras/{id}"] = [random => FuzzRequest.Plain("GET", $"/meta-loras/{random.Pick(metaLoras)}")],
            ["PUT /meta-loras/active"] = [random => FuzzRequest.Json("PUT", "/meta-loras/active", $$"""{ "id": "{{random.Pick(metaLoras)}}" }""")],
        };
    }

    /// <summary>The seeds of every route of an OpenAPI document.</summary>
    public IReadOnlyList<(string Route, Func<Random, FuzzRequest>[] Seeds)> For(JsonNode document)
    {
        var routes = new List<(string, Func<Random, FuzzRequest>[])>();
        foreach (var (path, operations) in document["paths"]!.AsObject())
            foreach (var (method, operation) in operations!.AsObject())
            {
                var route = $"{method.ToUpperInvariant()} {path}";
                if (_byRoute.TryGetValue(route, out var seeds))
                    routes.Add((route, seeds));
                else if (method == "get" && !path.Contains('{', StringComparison.Ordinal))
                    routes.Add((route, [_ => FuzzRequest.Plain("GET", path)]));
                else
                    Assert.Fail($"The OpenAPI document has {route}, and nothing is known to send to it: add a good request for it to tests/EndToEnd/Fuzz/Seeds.cs, as [\"{route}\"] = [random => FuzzRequest.Plain(...) or Json(...) or Form(...)].");
            }
        Assert.All(_byRoute.Keys, route => Assert.Contains(route, routes.Select(known => known.Item1)));
        return routes;
    }

    /// <summary>Compact and in ASCII, so that its values are easily found.</summary>
    private static string Episode(byte[][] photographs, string metaLora) => JsonSerializer.Serialize(new
    {
        support = new[]
        {
            new { label = "cup", images = new[] { Convert.ToBase64String(photographs[0]) } },
            new { label = "chair", images = new[] { Convert.ToBase64String(photographs[1]), $"data:image/jpeg;base64,{Convert.ToBase64String(photographs[2])}" } },
        },
        queries = new[] { Convert.ToBase64String(photographs[3]) },
        metaLora,
    });
}
