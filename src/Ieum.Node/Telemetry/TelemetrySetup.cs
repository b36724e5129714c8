using Ieum.Node.Loop;
using Ieum.Record;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ieum.Node.Telemetry;

internal static class TelemetrySetup
{
    /// <summary>The policy of /metrics: this machine, a signed-in person, or the token.</summary>
    public const string MetricsPolicy = "Metrics";

    public static void AddTelemetry(this WebApplicationBuilder builder, string company)
    {
        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new();
        builder.Services.AddHealthChecks().AddCheck<StoreCheck>("store", tags: ["ready"]);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("ieum", serviceInstanceId: company, serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(m =>
            {
                m.AddMeter(NodeMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddPrometheusExporter();
                if (options.Otlp is { } to) m.AddOtlpExporter(o => o.Endpoint = to);
            });
        if (options.Otlp is not { } collector) return;
        telemetry.WithTracing(t => t.AddSource(NodeMeter.Name, "Microsoft.Orleans.Application").AddAspNetCoreInstrumentation().AddOtlpExporter(o => o.Endpoint = collector));
        telemetry.WithLogging(l => l.AddOtlpExporter(o => o.Endpoint = collector));
    }

    public static void MapTelemetry(this WebApplication app)
    {
        // Liveness says the process answers; readiness that it can keep what it is given.
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = c => c.Tags.Contains("ready") }).AllowAnonymous();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(MetricsPolicy);
    }

    private sealed class StoreCheck(IRecorder recorder, IRecordHealth record, Intake intake, ReadyFlag ready) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            !ready.Ready ? HealthCheckResult.Unhealthy("still starting")
            // Still ready: what arrives is kept in the queue. A person should look before it is full.
            : intake.Trouble is { } trouble ? HealthCheckResult.Degraded($"the store takes nothing: {trouble}")
            : record.Now.Damaged is > 0 and var damaged ? HealthCheckResult.Degraded($"{damaged} stored blocks are damaged and left out, all others are readable; check the disk [{RecordRules.DamagedBlock}]")
            : HealthCheckResult.Healthy($"{recorder.Stored} samples stored"));
    }
}
