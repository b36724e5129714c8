using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>Work instructions and the measurements taken by them, through the door of a whole node.</summary>
public sealed class InstructionTests
{
    private static readonly string TwoOrders = LoopTests.Shop.Replace("\"orders\": [", """ "orders": [{ "id": "PO-2", "item": "BODY", "quantity": 1, "release": "2026-11-02T08:00+09:00", "due": "2036-11-09T18:00+09:00" }, """, StringComparison.Ordinal);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_measured_at_the_machine_stands_in_the_chart_under_its_lot_once_and_what_is_outside_is_told()
    {
        var folder = Path.Combine(TestKit.Needs.Scratch, $"instruct-{Guid.NewGuid():N}");
        await using (var node = await RunningNode.StartAsync(TwoOrders, folder))
        {
            await node.SignInAsOwnerAsync();
            var picture = await PictureAsync(node, [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 1, 2, 3]);
            var id = await picture.Content.ReadFromJsonAsync<string>(Cancel);
            var saved = await node.PutAsync("/api/v1/instructions/BODY/10", new
            {
                drawing = "SB-1104", revision = "C", lines = new object[] { new { ko = "물립니다", en = "Chuck it", picture = id } },
                inspection = new object[] { new { name = "bore", lower = 20.0, upper = 20.021, unit = "mm", every = 5 } },
            });
            Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
            Assert.Equal("image/png", (await node.GetAsync($"/api/v1/instructions/pictures/{id}")).Content.Headers.ContentType?.MediaType);

            var measurement = Guid.NewGuid();
            foreach (var _ in new[] { 1, 2 })   // sent twice, as a phone on a bad network does
            {
                var answer = await node.PostAsync("/api/v1/shop/measurements", new { id = measurement, operation = "PO-1.10", piece = 3, values = new { bore = 20.03 } });
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.Contains("20.03", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("outside")[0].GetString(), StringComparison.Ordinal);
            }
            var inside = await node.PostAsync("/api/v1/shop/measurements", new { id = Guid.NewGuid(), operation = "PO-1.10", piece = 4, values = new { bore = 20.01 } });
            Assert.Equal(0, (await inside.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("outside").GetArrayLength());
            await LoopTests.PlanOf(node, p => p.Operations.Length == 2);
            await LotsAsync(node);
        }
        await using var again = await RunningNode.StartAsync(TwoOrders, folder);
        var values = again.Services.GetRequiredService<IQualityDesk>().Values("BODY bore");
        Assert.Equal([("PO-1#3", 20.03, false), ("PO-1#4", 20.01, true), ("HEAT-7#1", 20.02, true), ("HEAT-8#1", 20.0, true)], values.Select(v => (v.Part, v.Value, v.IsGood)));
        var how = again.Services.GetRequiredService<IInstructionDesk>().Of(new("PO-1.10"))!.Value;
        Assert.Equal(("SB-1104", "C", "HEAT-8", "물립니다", "Chuck it"), (how.Instruction!.Drawing, how.Instruction.Revision, how.Lot, how.Instruction.Lines[0].Text.Ko, how.Instruction.Lines[0].Text.Ja));
    }

    [Fact]
    public async Task What_cannot_be_measured_or_shown_is_refused_with_its_rule()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await node.SignInAsOwnerAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/instructions/BODY/10")).StatusCode);
        await node.PutAsync("/api/v1/instructions/BODY/10", new { inspection = new object[] { new { name = "bore", lower = 20.0, upper = 20.021 } } });
        foreach (var (operation, name, rule) in new[] { ("PO-9.10", "bore", InstructionRules.UnknownOperation), ("PO-1.10", "depth", InstructionRules.UnknownCharacteristic) })
        {
            var answer = await node.PostAsync("/api/v1/shop/measurements", new { id = Guid.NewGuid(), operation, values = new Dictionary<string, double> { [name] = 1 } });
            Assert.Equal(rule, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("rule").GetString());
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await PictureAsync(node, "<svg onload='alert(1)'/>"u8.ToArray())).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PutAsync("/api/v1/instructions/BODY/10", new { inspection = new object[] { new { name = "bore", lower = 3, upper = 2 } } })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PutAsync("/api/v1/instructions/BODY/10", new { lines = new object[] { new { en = "see", picture = "nowhere" } } })).StatusCode);
    }

    /// <summary>Two heats of one order: each measured and finished under its own number.</summary>
    private static async Task LotsAsync(RunningNode node)
    {
        Assert.Equal([("PO-1", true)], await ChoicesAsync());
        await ReportAsync(HttpStatusCode.Conflict, new { id = Guid.NewGuid(), @event = "started", operation = "PO-1.10", machine = "MC1", lot = "PO-2" }, "shop-lot-of-another");
        await ReportAsync(HttpStatusCode.BadRequest, new { id = Guid.NewGuid(), @event = "started", operation = "PO-1.10", machine = "MC1", lot = "a/b" }, "shop-lot-name");
        await ReportAsync(HttpStatusCode.OK, new { id = Guid.NewGuid(), @event = "started", operation = "PO-1.10", machine = "MC1", lot = "HEAT-7" });
        await MeasureAsync(HttpStatusCode.OK, null, 20.02);       // of the lot that is being worked on
        await MeasureAsync(HttpStatusCode.Conflict, "PO-2", 20.0);
        await MeasureAsync(HttpStatusCode.OK, "HEAT-8", 20.0);
        await ReportAsync(HttpStatusCode.OK, new { id = Guid.NewGuid(), @event = "lotFinished", operation = "PO-1.10", machine = "MC1", good = 2, scrap = 0 });
        await ReportAsync(HttpStatusCode.OK, new { id = Guid.NewGuid(), @event = "lotFinished", operation = "PO-1.10", machine = "MC1", good = 1, scrap = 1, lot = "HEAT-8" });
        Assert.Equal([("PO-1", false), ("HEAT-7", false), ("HEAT-8", true)], await ChoicesAsync());
        var done = (await node.JsonAsync("/api/v1/exchange/isa95/performance")).GetProperty("OperationsPerformance").GetProperty("OperationsResponse")[0].GetProperty("SegmentResponse")[0].GetProperty("MaterialActual");
        Assert.Equal([("HEAT-7", "2"), ("HEAT-7", "0"), ("HEAT-8", "1"), ("HEAT-8", "1")],
            done.EnumerateArray().Select(m => (m.GetProperty("MaterialLotID").GetString()!, m.GetProperty("Quantity")[0].GetProperty("QuantityString").GetString()!)));

        async Task<(string, bool)[]> ChoicesAsync() => [.. (await node.JsonAsync("/api/v1/shop/dispatch/MC1")).EnumerateArray()
            .First(d => d.GetProperty("operation").GetProperty("operation").GetString() == "PO-1.10").GetProperty("lots").EnumerateArray().Select(l => (l.GetProperty("lot").GetString()!, l.GetProperty("current").GetBoolean()))];

        async Task ReportAsync(HttpStatusCode expected, object report, string? rule = null)
        {
            var answer = await node.PostAsync("/api/v1/shop/events", report);
            Assert.Equal(expected, answer.StatusCode);
            if (rule is not null) Assert.Equal(rule, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("rule").GetString());
        }

        async Task MeasureAsync(HttpStatusCode expected, string? lot, double bore) => Assert.Equal(expected,
            (await node.PostAsync("/api/v1/shop/measurements", new { id = Guid.NewGuid(), operation = "PO-1.10", piece = 1, lot, values = new { bore } })).StatusCode);
    }

    private static async Task<HttpResponseMessage> PictureAsync(RunningNode node, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        return await node.Http.PostAsync("/api/v1/instructions/pictures", content, Cancel);
    }
}
