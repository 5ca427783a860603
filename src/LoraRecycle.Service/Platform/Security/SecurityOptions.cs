namespace LoraRecycle.Service.Platform.Security;

/// <summary>Who may use the service.</summary>
public sealed class SecurityOptions
{
    public const string Section = "Security";

    /// <summary>Let requests without a key do everything, wherever they come from; for networks that keep people out themselves.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Show <c>/metrics</c> without a key; they tell how much the service is used, and for what.</summary>
    public bool OpenMetrics { get; set; }

    /// <summary>Origins whose pages a browser lets call the service, such as <c>https://example.org</c>; none as shipped.</summary>
    public string[] CorsOrigins { get; set; } = [];

    /// <summary>
    /// Addresses and networks of proxies whose <c>X-Forwarded-Prefix</c>, <c>-Proto</c> and <c>-Host</c> are believed, such as
    /// <c>10.0.0.0/8</c>; none as shipped.
    /// </summary>
    public string[] TrustedProxies { get; set; } = [];
}
