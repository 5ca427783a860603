namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>Values that programs are known to trip over.</summary>
internal static class Nasty
{
    /// <summary>JSON values as they are written.</summary>
    public static IReadOnlyList<string> Json { get; } =
    [
        "null", "true", "0", "-1", "1e999", "-1e-999", "9223372036854775808", "18446744073709551616", "0.1", "[]", "{}", "\"\"", "\" \"", "[[[[[[[[[[]]]]]]]]]]", "[null]", "{\"\":\"\"}",
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\uffff\"", "\"../../../../etc/passwd\"", "\"/etc/passwd\"", "\"..\\\\..\\\\x\"", "\"none\"", "\"active\"", "\"default\"", "\"first\"",
        "\"http://127.0.0.1:1/x.jpg\"", "\"file:///etc/passwd\"", "\"data:image/png;base64,\"", "\"data:,x\"", "\"=\"", "\"AAAA\"", "\"$(id)\"", "\"'; DROP TABLE x; --\"", "\"%00\"", "\"\\r\\nX: y\"",
        "NaN", "Infinity", "01", "+1", ".5", "'x'", "undefined", "", "\"", "{", "/* */1", "\"\u202e\u0301\ud83d\ude00\"", "\"" + new string('a', 70_000) + "\"", new string('[', 5000),
    ];

    /// <summary>Texts for names, ids, values of queries and headers.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", " ", ".", "..", "../", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "%00", "a%00b", "%ff", "%c0%ae", "%", "%zz", "%25", "%0d%0aX:%20y", "none", "active", "default", "first", "NONE", "null", "true",
        "-1", "0", "2147483648", "9223372036854775808", "1e400", "NaN", "'", "\"", "`id`", "$(id)", "{{7*7}}", "<script>", "%F0%9F%98%80", "%E2%80%AE", "a b".Replace(' ', '+'), "*", "?", "&", "=", ";", ":", "@", "~", "|",
        new('0', 64), new('f', 64), new('F', 64), new('0', 63), new('0', 65), new('a', 6000), "con", "nul.", "x.tmp", ".hidden", "\\\\server\\share", "C:\\x",
    ];

    /// <summary>Names of files in forms and archives.</summary>
    public static IReadOnlyList<string> FileNames { get; } =
    [
        "", ".", "..", "../adapter_config.json", "../../../../../tmp/x", "/etc/passwd", "a/../../b", "adapter_config.json/", "./adapter_config.json", "\\..\\x", "C:adapter_config.json", "x.zip", ".zip", "x.ZIP", "lora.safetensors", ".safetensors",
        "a.safetensors\u0000.zip", "adapter_model.safetensors ", "ADAPTER_CONFIG.JSON", "run.json", "README.md", "\ud83d\ude00.safetensors", "a\r\nb", new string('n', 5000) + ".safetensors", "a/b/c/d/adapter_config.json", "%2e%2e%2fx", "lora.json",
    ];

    /// <summary>Headers, in full.</summary>
    public static IReadOnlyList<(string Name, string Value)> Headers { get; } =
    [
        ("Content-Type", ""), ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "application/json;charset=nonsense"), ("Content-Type", "multipart/form-data"),
        ("Content-Type", "multipart/form-data; boundary="), ("Content-Type", "multipart/form-data; boundary=\"\""), ("Content-Type", "multipart/form-data; boundary=" + new string('b', 200)), ("Content-Type", "multipart/mixed; boundary=x"), ("Content-Type", "application/json, application/json"), ("Content-Type", "////"),
        ("Content-Encoding", "gzip"), ("Content-Encoding", "br"), ("Content-Encoding", "deflate"), ("Content-Encoding", "identity"), ("Content-Encoding", "zstd"), ("Content-Encoding", "gzip, gzip"), ("Content-Encoding", "*"),
        ("Accept", "text/html"), ("Accept", "*/*;q=0"), ("Accept", "////"), ("Accept-Encoding", "gzip;q=nan"), ("Accept-Charset", "utf-7"), ("Range", "bytes=0-0,5-2,-1"), ("If-None-Match", "*"), ("If-Match", "\"x\""), ("If-Modified-Since", "never"),
        ("Expect", "100-continue"), ("Expect", "nonsense"), ("X-Request-Id", "a b"), ("X-Request-Id", new string('x', 65)), ("X-Request-Id", "\u00e9"), ("Authorization", "Bearer"), ("Authorization", "Bearer lrk_x_y"), ("Authorization", "Basic ////"), ("Authorization", "\u00ff\u00fe"),
        ("X-Api-Key", ""), ("X-Api-Key", "lrk_" + new string('a', 3000)), ("Origin", "null"), ("Origin", "http://evil.example"), ("Access-Control-Request-Method", "DELETE"), ("traceparent", "00-0-0-zz"), ("traceparent", "00-" + new string('f', 32) + "-" + new string('f', 16) + "-ff"),
        ("X-Forwarded-For", "::1, 127.0.0.1"), ("X-Forwarded-Host", "evil"), ("X-HTTP-Method-Override", "DELETE"), ("Host", "evil.example"), ("Content-Length", "-1"), ("Content-Length", "99999999999999999999"), ("Transfer-Encoding", "gzip, chunked"), ("Transfer-Encoding", "identity"),
        ("Upgrade", "websocket"), ("Upgrade", "h2c"), ("Cookie", new string('c', 4000)), ("X-Long", new string('l', 40_000)), ("X Bad", "y"), ("X-Null", "a\0b"), ("Last-Event-ID", "-1"), ("Last-Event-ID", "99999999999999999999"), ("Idempotency-Key", "\u00e9"),
    ];

    public static IReadOnlyList<string> Methods { get; } = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "GE", "G\u00c9T", "CONNECT", "LONGMETHODNAMETHATNOBODYHAS"];
}
