using Microsoft.Extensions.Options;

namespace Ieum.Node.Telemetry;

/// <summary>What operators of many nodes may watch; section <c>Telemetry</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Address of an OpenTelemetry collector (OTLP over gRPC), for example <c>http://collector:4317</c>. Default none: nothing leaves the node.</summary>
    public Uri? Otlp { get; set; }

    /// <summary>Bearer token with which a collector on another machine may read /metrics, at least 16 characters. Default none: only this machine and signed-in people may.</summary>
    [System.ComponentModel.DataAnnotations.MinLength(16)]
    public string? MetricsToken { get; set; }
}

[OptionsValidator]
internal sealed partial class TelemetryOptionsCheck : IValidateOptions<TelemetryOptions>;
