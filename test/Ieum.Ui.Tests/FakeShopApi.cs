using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ieum.Ui.Tests;

/// <summary>The API routes that the operator and entry pages post to, in the shape the node gives it.</summary>
internal static class FakeShopApi
{
    internal sealed record Posted(Guid Id, string Event, string Operation, string Machine, DateTimeOffset At, string? Reason, int? Good, int? Scrap, string? Lot);

    internal sealed record Measurement(Guid Id, string Operation, int Piece, Dictionary<string, double> Values, DateTimeOffset At, string? Lot);

    internal sealed record Entry(Guid Id, string Point, string Value, string? Reason, DateTimeOffset At);

    public static void Map(WebApplication app)
    {
        MapShop(app);
        app.MapPost("/api/v1/shop/measurements", async (Measurement m, IInstructionDesk desk, CancellationToken cancel) =>
            Results.Ok(await desk.MeasureAsync(new(m.Id, new(m.Operation), m.Piece, m.Values.ToImmutableDictionary(), m.At, m.Lot is { } lot ? new LotId(lot) : null), "owner", cancel)));
        app.MapPost("/api/v1/machines/{machine}/entries", async (string machine, Entry e, Ieum.Connect.Manual.IManualEntries entries, CancellationToken cancel) =>
            Results.Ok(await entries.EnterAsync(new(machine), new(e.Id, e.Point, e.Value, e.Reason, e.At, "owner"), cancel)));
    }

    private static void MapShop(WebApplication app) => app.MapPost("/api/v1/shop/events", async (Posted p, IOperatorDesk desk, CancellationToken cancel) =>
    {
        OperationId operation = new(p.Operation);
        MachineId machine = new(p.Machine);
        ShopEvent e = p.Event switch
        {
            "started" => new ShopEvent.Started(p.Id, operation, machine, "owner", p.At),
            "paused" => new ShopEvent.Paused(p.Id, operation, machine, "owner", p.At, p.Reason ?? "other"),
            "resumed" => new ShopEvent.Resumed(p.Id, operation, machine, "owner", p.At),
            "lotFinished" => new ShopEvent.LotFinished(p.Id, operation, machine, "owner", p.At, p.Good ?? 0, p.Scrap ?? 0),
            _ => new ShopEvent.Finished(p.Id, operation, machine, "owner", p.At, p.Good ?? 0, p.Scrap ?? 0),
        };
        return Results.Ok(await desk.ReportAsync(e with { Lot = p.Lot is { } lot ? new(lot) : null }, cancel));
    });
}
