using System.Net;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Play;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Control;

/// <summary>The loopback channel by which a test or the town asks what was sent, orders work, and asks for faults.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly IReadOnlyList<SimMachine> _machines;
    private readonly Clocks _clocks;
    private readonly double _speed;
    private readonly ILogger _log;

    public ControlServer(int port, IReadOnlyList<SimMachine> machines, Clocks clocks, double speed, ILogger log)
    {
        (_machines, _clocks, _speed, _log) = (machines, clocks, speed, log);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => { k.Listen(IPAddress.Loopback, port); k.AddServerHeader = false; });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _web = builder.Build();
        _web.MapGet("/status", c => c.Response.WriteAsJsonAsync(Status(), ControlJson.Default.SimStatus));
        _web.MapGet("/said", SaidAsync);
        _web.MapPost("/fault", FaultAsync);
        _web.MapPost("/work", WorkAsync);
        _web.MapPost("/breakdown", BreakdownAsync);
        _web.MapPost("/stop", StopAsync);
    }

    public string Endpoint { get; private set; } = "";

    public async Task StartAsync(CancellationToken cancel)
    {
        await _web.StartAsync(cancel).ConfigureAwait(false);
        Endpoint = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Log.ControlListens(_log, Endpoint);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    public SimStatus Status() => new(_clocks.Factory.GetUtcNow(), _speed, [.. _machines.Select(m =>
    {
        var counts = m.Outlet.Counts;
        WorkStatus? work = m.Feed is IWorkFeed { TakesWork: true } w ? new(w.Progress.Waiting, w.Progress.Program, w.Progress.PiecesMade) : null;
        return new MachineStatus(m.Id, m.Outlet.Protocol, m.Outlet.Endpoint, m.Outlet.Clients, counts.Produced, counts.Sent, counts.Unseen,
            counts.Lost, counts.Garbage, counts.Ignored, m.Played == default ? null : m.Played, m.Failure, work);
    })]);

    private Task SaidAsync(HttpContext c)
    {
        if (Machine(c.Request.Query["machine"]) is not { } machine) return NoMachineAsync(c, c.Request.Query["machine"]);
        if (!TryInstant(c.Request.Query["from"], out var from) || !TryInstant(c.Request.Query["to"], out var to))
            return AnswerAsync(c, 400, "'from' and 'to' must be instants of factory time, ISO 8601.");
        return machine.Outlet.SaidBetween(from, to) is { } values
            ? c.Response.WriteAsJsonAsync(new SaidAnswer(values), ControlJson.Default.SaidAnswer)
            : AnswerAsync(c, 409, $"Machine '{machine.Id}' tells by itself; only machines that are asked know when they answered.");
    }

    private static bool TryInstant(string? text, out DateTimeOffset at) =>
        DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out at);

    private async Task FaultAsync(HttpContext c)
    {
        if (await ReadAsync(c, ControlJson.Default.FaultRequest).ConfigureAwait(false) is not { } asked) return;
        if (Machine(asked.Machine) is not { } machine) { await NoMachineAsync(c, asked.Machine).ConfigureAwait(false); return; }
        if (!Enum.TryParse<FaultKind>(asked.Kind, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsAsciiDigit(asked.Kind![0]))
            await AnswerAsync(c, 400, $"Kind '{asked.Kind}' is not known; use silence, restart, overrun, garbage, skew or astray.").ConfigureAwait(false);
        else if (!(asked.Seconds > 0 && asked.Seconds <= 86_400))
            await AnswerAsync(c, 400, "'seconds' must lie above 0 and at most at 86400 (real time).").ConfigureAwait(false);
        else if (!(Math.Abs(asked.SkewSeconds) <= 31_536_000))
            await AnswerAsync(c, 400, "'skewSeconds' must lie within one year either way.").ConfigureAwait(false);
        else
        {
            machine.Outlet.Begin(new(kind, TimeSpan.FromSeconds(asked.Seconds), TimeSpan.FromSeconds(asked.SkewSeconds)));
            await AnswerAsync(c, 200, "begun").ConfigureAwait(false);
        }
    }

    private async Task BreakdownAsync(HttpContext c)
    {
        if (await ReadAsync(c, ControlJson.Default.BreakdownRequest).ConfigureAwait(false) is not { } asked) return;
        if (Machine(asked.Machine) is not { } machine) { await NoMachineAsync(c, asked.Machine).ConfigureAwait(false); return; }
        if (!(asked.Seconds >= 1 && asked.Seconds <= 31_536_000))
            await AnswerAsync(c, 400, "'seconds' must lie between 1 and 31536000 (scenario time).").ConfigureAwait(false);
        else if (asked.Code.Contains('|', StringComparison.Ordinal) || asked.Text.Contains('|', StringComparison.Ordinal) || asked.Code.Any(char.IsControl) || asked.Text.Any(char.IsControl))
            await AnswerAsync(c, 400, "'code' and 'text' are written without bars and control characters.").ConfigureAwait(false);
        else if (machine.Feed is not IWorkFeed feed || !feed.Break(new(asked.At ?? _clocks.Factory.GetUtcNow(), TimeSpan.FromSeconds(asked.Seconds), asked.Code, asked.Text)))
            await AnswerAsync(c, 409, $"Machine '{machine.Id}' plays a recording, which cannot break down; give it a generated source.").ConfigureAwait(false);
        else
            await AnswerAsync(c, 200, "taken").ConfigureAwait(false);
    }

    private Task StopAsync(HttpContext c)
    {
        foreach (var machine in _machines) machine.Stop();
        return AnswerAsync(c, 200, "stopped");
    }

    private async Task WorkAsync(HttpContext c)
    {
        if (await ReadAsync(c, ControlJson.Default.WorkRequest).ConfigureAwait(false) is not { } asked) return;
        if (Machine(asked.Machine) is not { } machine) { await NoMachineAsync(c, asked.Machine).ConfigureAwait(false); return; }
        var program = asked.Program ?? asked.Item;
        if (machine.Feed is not IWorkFeed { TakesWork: true } feed)
            await AnswerAsync(c, 409, $"Machine '{machine.Id}' plays a recording and takes no work; give it a generated source.").ConfigureAwait(false);
        else if (string.IsNullOrWhiteSpace(program) || program.Contains('|', StringComparison.Ordinal) || program.Any(char.IsControl))
            await AnswerAsync(c, 400, "'program' (or 'item') must be a name without bars and control characters.").ConfigureAwait(false);
        else if (asked.Pieces is < 1 or > 1_000_000)
            await AnswerAsync(c, 400, "'pieces' must lie between 1 and 1000000.").ConfigureAwait(false);
        else if (!(asked.CycleSeconds >= 1 && asked.CycleSeconds <= 604_800))
            await AnswerAsync(c, 400, "'cycleSeconds' must lie between 1 and 604800 (scenario time).").ConfigureAwait(false);
        else
        {
            var work = new WorkOrder(program, asked.Pieces, TimeSpan.FromSeconds(asked.CycleSeconds), asked.At ?? _clocks.Factory.GetUtcNow(), asked.Attended);
            feed.Enqueue(work);
            Log.WorkTaken(_log, machine.Id, work.Pieces, work.Program, asked.CycleSeconds, work.At);
            await AnswerAsync(c, 200, "taken").ConfigureAwait(false);
        }
    }

    private SimMachine? Machine(string? id) => _machines.FirstOrDefault(m => m.Id == id);

    private static Task NoMachineAsync(HttpContext c, string? id) => AnswerAsync(c, 404, $"Machine '{id}' is not here.");

    private static Task AnswerAsync(HttpContext c, int status, string message)
    {
        c.Response.StatusCode = status;
        return c.Response.WriteAsJsonAsync(new ControlAnswer(status == 200, message), ControlJson.Default.ControlAnswer);
    }

    private static async Task<T?> ReadAsync<T>(HttpContext c, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            if (await System.Text.Json.JsonSerializer.DeserializeAsync(c.Request.Body, type, c.RequestAborted).ConfigureAwait(false) is { } read) return read;
            await AnswerAsync(c, 400, "The body is null.").ConfigureAwait(false);
        }
        catch (System.Text.Json.JsonException e)
        {
            await AnswerAsync(c, 400, e.Message).ConfigureAwait(false);
        }
        return null;
    }
}
