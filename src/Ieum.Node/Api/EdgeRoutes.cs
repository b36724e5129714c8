using Ieum.Connect;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>The Sparkplug edge node: how it is doing, what it publishes, and who changed that.</summary>
internal static class EdgeRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/sparkplug-edge").WithTags("node");
        g.MapGet("/", (IEdgeDesk desk, CancellationToken cancel) => desk.CountAsync(cancel)).RequireAuthorization(Policies.CanView);
        g.MapGet("/settings", (IEdgeDesk desk) => EdgeSettingsDto.Of(desk.Settings, desk.FromFile)).RequireAuthorization(Policies.CanOwn);
        g.MapPut("/settings", async (EdgeSettingsDto s, IEdgeDesk desk, HttpContext http, CancellationToken cancel) =>
        {
            var faults = await desk.SaveAsync(s.ToSettings(desk.Settings), PlanRoutes.Name(http), cancel);
            return faults.Count == 0 ? TypedResults.Ok(EdgeSettingsDto.Of(desk.Settings, desk.FromFile))
                : Problems.Of(400, faults[0].Rule, string.Join(' ', faults.Select(f => f.Field.Length > 0 ? $"{f.Field}: {f.Message}" : f.Message)));
        }).Produces<EdgeSettingsDto>().RequireAuthorization(Policies.CanOwn);
        g.MapGet("/changes", async (IEdgeDesk desk, CancellationToken cancel) =>
            (await desk.ChangesAsync(100, cancel)).Select(SettingsChangeDto.Of).ToArray()).RequireAuthorization(Policies.CanOwn);
    }
}

/// <summary>Settings of the edge node. What is left out when they are put stays as it is.</summary>
/// <param name="Password">Never told; null keeps the one that is set, an empty text takes it away.</param>
/// <param name="GatherSeconds">0.01 to 10.</param>
/// <param name="FromFile">Told only: nobody changed anything yet, <c>ieum.json</c> holds.</param>
internal sealed record EdgeSettingsDto(
    bool? Enabled, string? Group, string? Node, string? Broker, string? User, string? Password, string? Ca, string? PrimaryHost, string? WriteAs, double? GatherSeconds,
    bool? EveryMachine, EdgeDeviceDto[]? Devices, bool? PasswordSet, bool? FromFile)
{
    public static EdgeSettingsDto Of(SparkplugEdgeSettings s, bool fromFile) => new(s.Enabled, s.Group, s.Node, s.Broker, s.User, null, s.Ca, s.PrimaryHost, s.WriteAs, s.Gather.TotalSeconds,
        s.EveryMachine, [.. s.Devices.Select(d => new EdgeDeviceDto(d.Machine, d.Device, d.EverySignal, [.. d.Metrics.Select(m => new EdgeMetricDto(m.Signal, m.Name))]))], s.Password.Length > 0, fromFile);

    public SparkplugEdgeSettings ToSettings(SparkplugEdgeSettings old) => new()
    {
        Enabled = Enabled ?? old.Enabled, Group = Group ?? old.Group, Node = Node ?? old.Node, Broker = Broker ?? old.Broker, User = User ?? old.User, Password = Password ?? old.Password,
        Ca = Ca ?? old.Ca, PrimaryHost = PrimaryHost ?? old.PrimaryHost, WriteAs = WriteAs ?? old.WriteAs,
        // What lies outside every range is judged by the desk, not by an overflow here.
        Gather = GatherSeconds is { } s ? TimeSpan.FromSeconds(double.IsFinite(s) ? Math.Clamp(s, -1, 3600) : -1) : old.Gather, EveryMachine = EveryMachine ?? old.EveryMachine,
        Devices = Devices is null ? old.Devices : [.. Devices.Select(d => new SparkplugEdgeDevice(d.Machine ?? "", d.Device ?? "", d.EverySignal ?? true, [.. (d.Metrics ?? []).Select(m => new SparkplugEdgeMetric(m.Signal ?? "", m.Name ?? ""))]))],
    };
}

internal sealed record EdgeDeviceDto(string? Machine, string? Device, bool? EverySignal, EdgeMetricDto[]? Metrics);

internal sealed record EdgeMetricDto(string? Signal, string? Name);

internal sealed record SettingsChangeDto(long Number, DateTimeOffset At, string By, SettingsChangeLine[] What)
{
    public static SettingsChangeDto Of(SettingsChange c) => new(c.Number, c.At, c.By, [.. c.What]);
}
