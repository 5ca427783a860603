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
    /// <param name="task">The id of a stored task, to be asked and changed.</param>
    /// <param name="job">The id of a recycling job, to be asked for.</param>
    /// <param name="tuning">The id of a tuning job, to be asked for.</param>
    public Seeds(
        IReadOnlyList<string> uploads, IReadOnlyList<string> listed, IReadOnlyList<string> doomed, string task, string job, string tuning)
    {
        var photographs = Directory
            .GetFiles(Repository.PathOf("samples", "cup"), "*.jpg")
            .Order(StringComparer.Ordinal)
            .Take(4)
            .Select(File.ReadAllBytes)
            .ToArray();
        var sample = Path.GetFileName(Directory.GetFiles(Repository.PathOf("samples", "cup"), "*.jpg")[0]);
        var loras = uploads
            .Select(folder => Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes))
            .ToArray();
        string[] metaLoras = [.. TinyInstallation.MetaLoras, "none", "default"];

        _byRoute = new(StringComparer.Ordinal)
        {
            ["POST /classify"] =
            [
                random => FuzzRequest.Json("POST", "/classify", Episode(photographs, random.Pick(metaLoras))),
                random =>
                    FuzzRequest.Form(
                        "POST",
                        "/classify",
                        [
                            FormPart.Of("support[cup]", random.Pick(photographs), "a.jpg"),
                            FormPart.Of("support[chair]", random.Pick(photographs), "b.png"),
                            FormPart.Of("query", random.Pick(photographs), "c"),
                            FormPart.Of("metaLora", [.. random.Pick(metaLoras).Select(c => (byte)c)]),
                        ]
                    ),
            ],
            ["POST /loras"] =
            [
                random =>
                    FuzzRequest.Form(
                        "POST",
                        "/loras",
                        [
                            .. random.Pick(loras).Select(file => FormPart.Of(file.Key, file.Value, file.Key)),
                            FormPart.Of("name", "flowers"u8.ToArray()),
                        ]
                    ),
                random => FuzzRequest.Form("POST", "/loras", random.Pick(loras).Select(file => FormPart.Of("file", file.Value, file.Key))),
                random =>
                    FuzzRequest.Form(
                        "POST",
                        "/loras",
                        [
                            FormPart.Of(
                                "lora.zip",
                                FileMutations.Pack(random.Pick(loras).Select(file => ($"flowers/{file.Key}", file.Value))),
                                "lora.zip"
                            ),
                        ]
                    ),
                random =>
                    FuzzRequest.Form(
                        "POST",
                        "/loras",
                        [FormPart.Of("lora.safetensors", random.Pick(loras)["adapter_model.safetensors"], "lora.safetensors")]
                    ),
            ],
            ["GET /loras/{id}"] = [random => FuzzRequest.Plain("GET", $"/loras/{random.Pick(listed)}")],
            ["DELETE /loras/{id}"] = [random => FuzzRequest.Plain("DELETE", $"/loras/{random.Pick(doomed)}")],
            ["GET /loras/{id}/spectrum.svg"] = [random => FuzzRequest.Plain("GET", $"/loras/{random.Pick(listed)}/spectrum.svg")],
            ["POST /tasks"] =
            [
                random => FuzzRequest.Json("POST", "/tasks", Task(photographs, random.Pick(metaLoras))),
                random =>
                    FuzzRequest.Form(
                        "POST",
                        "/tasks",
                        [
                            FormPart.Of("support[cup]", random.Pick(photographs), "a.jpg"),
                            FormPart.Of("support[chair]", random.Pick(photographs), "b.png"),
                            FormPart.Of("name", "cups"u8.ToArray()),
                            FormPart.Of("reject", "0.1"u8.ToArray()),
                        ]
                    ),
            ],
            ["GET /tasks/{id}"] = [_ => FuzzRequest.Plain("GET", $"/tasks/{task}")],
            ["PATCH /tasks/{id}"] =
            [
                random => FuzzRequest.Json("PATCH", $"/tasks/{task}", Change(photographs, random)),
                random => FuzzRequest.Form("PATCH", $"/tasks/{task}", [FormPart.Of("support[cup]", random.Pick(photographs), "a.jpg")]),
            ],
            ["GET /tasks/{id}/images/{image}"] = [random => FuzzRequest.Plain("GET", $"/tasks/{task}/images/{random.Next(3)}")],
            ["GET /samples/{label}/{name}"] = [_ => FuzzRequest.Plain("GET", $"/samples/cup/{sample}")],
            ["DELETE /tasks/{id}"] = [_ => FuzzRequest.Plain("DELETE", $"/tasks/{new string('0', 32)}")],
            ["POST /tasks/{id}/classify"] =
            [
                random =>
                    FuzzRequest.Json(
                        "POST",
                        $"/tasks/{task}/classify",
                        JsonSerializer.Serialize(new { queries = new[] { Convert.ToBase64String(random.Pick(photographs)) } })
                    ),
                random => FuzzRequest.Form("POST", $"/tasks/{task}/classify", [FormPart.Of("query", random.Pick(photographs), "c")]),
            ],
            ["POST /tune"] =
            [
                random => FuzzRequest.Json("POST", "/tune", Tuning(photographs, random.Pick(["lora", "lora-pro", "kasa", "views"]))),
                random => FuzzRequest.Json("POST", "/tune", JsonSerializer.Serialize(new { task, options = new { steps = 1 } })),
                random =>
                    FuzzRequest.Form(
                        "POST",
                        "/tune",
                        [
                            FormPart.Of("support[cup]", random.Pick(photographs), "a.jpg"),
                            FormPart.Of("support[chair]", random.Pick(photographs), "b.png"),
                            FormPart.Of("method", "comp-lora"u8.ToArray()),
                            FormPart.Of("heldOut", "0"u8.ToArray()),
                            FormPart.Of("options", "{\"steps\": 1}"u8.ToArray()),
                        ]
                    ),
            ],
            ["GET /tune/{id}"] = [_ => FuzzRequest.Plain("GET", $"/tune/{tuning}")],
            ["GET /tune/{id}/events"] = [_ => new FuzzRequest { Method = "GET", Target = $"/tune/{tuning}/events", IsStream = true }],
            ["DELETE /tune/{id}"] = [_ => FuzzRequest.Plain("DELETE", $"/tune/{new string('0', 32)}")],
            ["POST /recycle"] = [random => FuzzRequest.Json("POST", "/recycle", Recycling(listed, $"made-{random.Next(1_000_000)}"))],
            ["GET /recycle/{id}"] = [_ => FuzzRequest.Plain("GET", $"/recycle/{job}")],
            ["GET /recycle/{id}/events"] = [_ => new FuzzRequest { Method = "GET", Target = $"/recycle/{job}/events", IsStream = true }],
            ["GET /recycle/{id}/images"] = [_ => FuzzRequest.Plain("GET", $"/recycle/{job}/images")],
            ["GET /recycle/{id}/images/{number}.png"] = [random => FuzzRequest.Plain("GET", $"/recycle/{job}/images/{random.Next(3)}.png")],
            ["GET /recycle/{id}/masks/{number}.png"] =
            [
                random => FuzzRequest.Plain("GET", $"/recycle/{job}/masks/{random.Next(3)}.png?masked=0.5"),
            ],
            ["DELETE /recycle/{id}"] = [_ => FuzzRequest.Plain("DELETE", $"/recycle/{new string('0', 32)}")],
            ["GET /meta-loras/{id}"] = [random => FuzzRequest.Plain("GET", $"/meta-loras/{random.Pick(metaLoras)}")],
            ["GET /meta-loras/{id}/archive"] =
            [
                random => FuzzRequest.Plain("GET", $"/meta-loras/{random.Pick(metaLoras)}/archive"),
            ],
            ["DELETE /meta-loras/{id}"] =
            [
                random => FuzzRequest.Plain("DELETE", $"/meta-loras/{random.Pick([.. metaLoras, "made"])}"),
            ],
            ["PUT /meta-loras/active"] =
            [
                random => FuzzRequest.Json("PUT", "/meta-loras/active", $$"""{ "id": "{{random.Pick(metaLoras)}}" }"""),
            ],
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
                    Assert.Fail(
                        $"The OpenAPI document has {route}, and nothing is known to send to it: add a good request for it to " +
                        "tests/EndToEnd/Fuzz/Seeds.cs, "
                            + $"as [\"{route}\"] = [random => FuzzRequest.Plain(...) or Json(...) or Form(...)]."
                    );
            }
        return routes;
    }

    /// <summary>A task of cups and chairs.</summary>
    public static string Task(byte[][] photographs, string metaLora) => JsonSerializer.Serialize(new
    {
        support = new[]
        {
            new { label = "cup", images = new[] { Convert.ToBase64String(photographs[0]) } },
            new { label = "chair", images = new[] { Convert.ToBase64String(photographs[1]), Convert.ToBase64String(photographs[2]) } },
        },
        name = "cups",
        metaLora,
        reject = 0.1,
    });

    /// <summary>A job so small that it is done in a second or two.</summary>
    public static string Recycling(IEnumerable<string> loras, string name) => JsonSerializer.Serialize(new
    {
        loras,
        name,
        seed = 1,
        inversion = new { iterations = 2, imagesPerClass = 2, reportEvery = 1, checkpointEvery = 1 },
        distillation = new { iterations = 2, queries = 1, rank = 2, interpolationWays = 2 },
    });

    /// <summary>A LoRA of two steps.</summary>
    public static string Tuning(byte[][] photographs, string method) => JsonSerializer.Serialize(new
    {
        support = new[]
        {
            new { label = "cup", images = new[] { Convert.ToBase64String(photographs[0]) } },
            new { label = "chair", images = new[] { Convert.ToBase64String(photographs[1]) } },
        },
        name = "kitchen",
        method,
        heldOut = 0.0,
        options = new { steps = 2, rank = 2, seed = 1 },
    });

    private static string Change(byte[][] photographs, Random random) => JsonSerializer.Serialize(new
    {
        support = new[] { new { label = $"class {random.Next(4)}", images = new[] { Convert.ToBase64String(random.Pick(photographs)) } } },
        dropClasses = new[] { $"class {random.Next(4)}" },
        dropImages = new[] { random.Next(20) },
        name = "cups again",
    });

    /// <summary>Compact and in ASCII, so that its values are easily found.</summary>
    private static string Episode(byte[][] photographs, string metaLora) =>
        JsonSerializer.Serialize(
            new
            {
                support = new[]
                {
                    new { label = "cup", images = new[] { Convert.ToBase64String(photographs[0]) } },
                    new
                    {
                        label = "chair",
                        images = new[]
                        {
                            Convert.ToBase64String(photographs[1]),
                            $"data:image/jpeg;base64,{Convert.ToBase64String(photographs[2])}",
                        },
                    },
                },
                queries = new[] { Convert.ToBase64String(photographs[3]) },
                metaLora,
            }
        );
}
