using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ieum.House.Tests.Node;
using Ieum.Node.Exchange;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Exchange;

/// <summary>Tables and ISA-95 documents through the door of a whole node.</summary>
public sealed class ExchangeTests
{
    [Fact]
    public void Every_template_explains_its_columns_and_reads_back_in_every_language()
    {
        foreach (var kind in TableKind.All)
            foreach (var language in TextCatalogue.Languages)
                foreach (var format in new[] { "xlsx", "csv" })
                {
                    var problems = new List<ExchangeProblem>();
                    var table = TableIn.Read(kind, TableOut.Template(kind, format, language).Bytes, problems);
                    Assert.True(table is { Rows.Count: 0, Ignored.Count: 0 } && problems.Count == 0, $"{kind.Name} {language} {format}: {string.Join("; ", problems)}");
                }
    }

    [Fact]
    public async Task Routings_and_orders_come_in_are_planned_go_out_and_come_in_again_unchanged()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await node.SignInAsOwnerAsync();
        var routings = await PostAsync(node, "routings", "item,step,machine,setUp,perPiece\nSHAFT,10,MC1,20,3\n");
        Assert.Equal((1, 0), (routings.GetProperty("created").GetInt32(), routings.GetProperty("problems").GetArrayLength()));
        var checkedOnly = await PostAsync(node, "orders?check=true", "order,item,quantity,due\nPO-7,SHAFT,5,2036-11-20\n");
        Assert.True(checkedOnly.GetProperty("checked").GetBoolean());
        Assert.Single((await node.JsonAsync("/api/v1/orders")).EnumerateArray());
        var orders = await PostAsync(node, "orders", "order,item,quantity,due\nPO-7,SHAFT,5,2036-11-20\nPO-8,NIX,5,2036-11-20\nPO-1,BODY,6,2036-11-09 18:00\n");
        Assert.Equal((1, 1, 1), (orders.GetProperty("created").GetInt32(), orders.GetProperty("updated").GetInt32(), orders.GetProperty("leftOut").GetInt32()));
        Assert.Equal(ExchangeRules.UnknownItem, orders.GetProperty("problems")[0].GetProperty("rule").GetString());

        // The new and the changed order are planned without anybody asking: 30 + 6 × 15 min, and 20 + 5 × 3 min.
        var plan = await LoopTests.PlanOf(node, p => p.Operations.Any(o => o.Order.Value == "PO-7") && p.Operations.Any(o => o is { Order.Value: "PO-1", Quantity: 6 }));
        Assert.Equal([120, 35], plan.Operations.OrderBy(o => o.Order.Value, StringComparer.Ordinal).Select(o => (int)o.Work.TotalMinutes));

        foreach (var format in new[] { "xlsx", "csv" })
            foreach (var kind in new[] { "orders", "routings" })
            {
                var file = await (await node.GetAsync($"/api/v1/exchange/{kind}?format={format}&language=ja")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
                var report = await node.Services.GetRequiredService<IExchangeDesk>().AddAsync(kind, file, check: true, "kim", TestContext.Current.CancellationToken);
                Assert.Equal((0, 0, 2, 0), (report.Created, report.Updated, report.Unchanged, report.LeftOut));
            }
        // A changed routing: orders that wait are named, and follow only when somebody says so.
        var changed = await PostAsync(node, "routings", "item,step,machine,setUp,perPiece\nSHAFT,10,MC1,20,4\n");
        Assert.Equal(["PO-7"], changed.GetProperty("waiting").EnumerateArray().Select(o => o.GetString()!));
        var plans = node.Services.GetRequiredService<IPlanDesk>();
        Assert.Equal(3, PerPiece(plans, "PO-7"));
        // The question stands after a restart: a desk that begins anew knows that PO-7 goes by the routing of before, though the item's is another already.
        using (var restarted = ActivatorUtilities.CreateInstance<Ieum.Node.Exchange.ExchangeDesk>(node.Services))
            Assert.Equal(["PO-7"], (await restarted.AddAsync("routings", System.Text.Encoding.UTF8.GetBytes("item,step,machine,setUp,perPiece\nSHAFT,10,MC1,20,6\n"), check: true, "kim", TestContext.Current.CancellationToken)).Waiting);
        var followed = await (await node.PostAsync("/api/v1/exchange/routings/follow", new[] { "PO-7", "PO-1", "NIX" })).Content.ReadFromJsonAsync<string[]>(TestContext.Current.CancellationToken);
        Assert.Equal(["PO-7"], followed!);
        Assert.Equal(4, PerPiece(plans, "PO-7"));
        await LoopTests.PlanOf(node, p => p.Operations.Any(o => o.Order.Value == "PO-7" && o.Work == TimeSpan.FromMinutes(20 + 5 * 4)));
        // Once work has begun nobody is asked and nothing follows.
        await node.PostAsync("/api/v1/shop/events", new { id = Guid.NewGuid(), @event = "started", operation = "PO-7.10", machine = "MC1" });
        var later = await PostAsync(node, "routings", "item,step,machine,setUp,perPiece\nSHAFT,10,MC1,20,5\n");
        Assert.Equal(0, later.GetProperty("waiting").GetArrayLength());
        Assert.Empty((await (await node.PostAsync("/api/v1/exchange/routings/follow", new[] { "PO-7" })).Content.ReadFromJsonAsync<string[]>(TestContext.Current.CancellationToken))!);

        var text = await (await node.GetAsync("/api/v1/exchange/plan?format=csv")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("PO-7.10,PO-7,10,MC1,5,", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_handed_in_is_there_after_a_restart()
    {
        var folder = Path.Combine(TestKit.Needs.Scratch, $"exchange-{Guid.NewGuid():N}");
        await using (var node = await RunningNode.StartAsync(LoopTests.Shop, folder))
        {
            await node.SignInAsOwnerAsync();
            await PostAsync(node, "routings", "item,step,machine,setUp,perPiece\nSHAFT,10,MC1,20,3\n");
            await PostAsync(node, "stock", "item,onHand\nSUS,240\n");
            await PostAsync(node, "setups", "table,from,to,minutes,machine\nlathe,a,b,35,MC1\nlathe,b,a,30,\n");
        }
        await using var again = await RunningNode.StartAsync(LoopTests.Shop, folder);
        var desk = again.Services.GetRequiredService<IExchangeDesk>();
        foreach (var (kind, mark) in new[] { ("routings", "SHAFT"), ("routings", "BODY"), ("stock", "SUS"), ("setups", "lathe") })
            Assert.Contains(mark, Encoding.UTF8.GetString(desk.Export(kind, "csv", "en")!.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ISA_95_document_brings_stock_routing_and_order_and_the_plan_goes_back_as_one()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await node.SignInAsOwnerAsync();
        const string Document = """
            {
              "MaterialInformation": { "MaterialLot": [ { "ID": "L1", "MaterialDefinitionID": { "Value": "SUS" }, "Quantity": { "QuantityString": "240", "UnitOfMeasure": "KGM" } } ] },
              "OperationsDefinition": [ { "ID": "FLANGE", "Description": "Flange", "OperationsSegment": [
                { "ID": "20", "Duration": "PT5M", "SegmentDependency": { "Dependency": "AfterEnd", "SegmentID": "10" }, "EquipmentSpecification": [ { "EquipmentID": "MC1" } ] },
                { "ID": "10", "Duration": "PT3M30S", "Parameter": [ { "ID": "SetupTime", "Value": { "ValueString": "PT20M" } } ], "EquipmentSpecification": { "EquipmentID": "MC1" } } ] } ],
              "OperationsSchedule": { "OperationsRequest": [
                { "ID": "SO-1", "Priority": 1, "StartTime": "2026-11-02T00:00:00Z", "EndTime": "2036-12-01T09:00:00Z",
                  "SegmentRequirement": [ { "MaterialRequirement": [ { "MaterialDefinitionID": "FLANGE", "MaterialUse": "Produced", "Quantity": [ { "QuantityString": "10" } ] } ] } ] },
                { "ID": "SO-2", "OperationsDefinitionID": "NIX", "EndTime": "2036-12-01T09:00:00Z", "Quantity": [ { "QuantityString": "1" } ] } ] }
            }
            """;
        var answer = await node.Http.PostAsync("/api/v1/exchange/isa95", new StringContent(Document, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var reports = (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).EnumerateArray().ToDictionary(r => r.GetProperty("kind").GetString()!);
        Assert.Equal(["orders", "routings", "stock"], reports.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((1, 1), (reports["orders"].GetProperty("created").GetInt32(), reports["orders"].GetProperty("leftOut").GetInt32()));
        Assert.Equal((2, ExchangeRules.UnknownItem), (reports["orders"].GetProperty("problems")[0].GetProperty("line").GetInt32(), reports["orders"].GetProperty("problems")[0].GetProperty("rule").GetString()));

        // 20 + 10 × 3.5 min, then 10 × 5 min; priority 1 is the most urgent, weight 10.
        var plan = await LoopTests.PlanOf(node, p => p.Operations.Count(o => o.Order.Value == "SO-1") == 2);
        Assert.Equal([(10, 55), (20, 50)], plan.Operations.Where(o => o.Order.Value == "SO-1").OrderBy(o => o.Step).Select(o => (o.Step, (int)o.Work.TotalMinutes)));
        Assert.Equal(10, node.Services.GetRequiredService<IPlanDesk>().Orders.Single(o => o.Id.Value == "SO-1").Weight);

        var back = (await node.JsonAsync("/api/v1/exchange/isa95/schedule")).GetProperty("OperationsSchedule").GetProperty("OperationsRequest").EnumerateArray().Single(r => r.GetProperty("ID").GetString() == "SO-1");
        Assert.Equal("PT55M", back.GetProperty("SegmentRequirement")[0].GetProperty("Duration").GetString());
        await node.PostAsync("/api/v1/shop/events", new { id = Guid.NewGuid(), @event = "started", operation = "SO-1.10", machine = "MC1" });
        var done = (await node.JsonAsync("/api/v1/exchange/isa95/performance")).GetProperty("OperationsPerformance").GetProperty("OperationsResponse")[0];
        Assert.Equal(("SO-1", "Running"), (done.GetProperty("OperationsRequestID").GetString(), done.GetProperty("SegmentResponse")[0].GetProperty("SegmentState").GetString()));
    }

    [Fact]
    public async Task Rows_as_JSON_pass_the_same_checks_and_a_broken_document_is_refused()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await node.SignInAsOwnerAsync();
        var answer = await node.PostAsync("/api/v1/exchange/orders", new object[] { new { order = "PO-9", item = "BODY", quantity = 3, due = "2036-12-18" }, new { order = "PO-10", item = "BODY", quantity = -3, due = "2036-12-18" } });
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((1, 2, "quantity"), (report.GetProperty("created").GetInt32(), report.GetProperty("problems")[0].GetProperty("line").GetInt32(), report.GetProperty("problems")[0].GetProperty("field").GetString()));
        foreach (var (path, body) in new[] { ("isa95", "{"), ("orders", "[") })
            Assert.Equal(HttpStatusCode.BadRequest, (await node.Http.PostAsync($"/api/v1/exchange/{path}", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync("/api/v1/exchange/secrets")).StatusCode);
    }

    private static int PerPiece(IPlanDesk plans, string order) => (int)plans.Orders.Single(o => o.Id.Value == order).Routing.WorkSteps.First().Options[0].PerPiece.TotalMinutes;

    private static async Task<JsonElement> PostAsync(RunningNode node, string path, string csv)
    {
        var answer = await node.Http.PostAsync($"/api/v1/exchange/{path}", new StringContent(csv, Encoding.UTF8, "text/csv"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
