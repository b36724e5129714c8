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
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_measured_at_the_machine_stands_in_the_chart_under_its_lot_once_and_what_is_outside_is_told()
    {
        var folder = Path.Combine(TestKit.Needs.Scratch, $"instruct-{Guid.NewGuid():N}");
        await using (var node = await RunningNode.StartAsync(LoopTests.Shop, folder))
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
        }
        await using var again = await RunningNode.StartAsync(LoopTests.Shop, folder);
        var values = again.Services.GetRequiredService<IQualityDesk>().Values("BODY bore");
        Assert.Equal([("PO-1#3", 20.03, false), ("PO-1#4", 20.01, true)], values.Select(v => (v.Part, v.Value, v.IsGood)));
        var how = again.Services.GetRequiredService<IInstructionDesk>().Of(new("PO-1.10"))!.Value;
        Assert.Equal(("SB-1104", "C", "PO-1", "물립니다", "Chuck it"), (how.Instruction!.Drawing, how.Instruction.Revision, how.Lot, how.Instruction.Lines[0].Text.Ko, how.Instruction.Lines[0].Text.Ja));
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

    private static async Task<HttpResponseMessage> PictureAsync(RunningNode node, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        return await node.Http.PostAsync("/api/v1/instructions/pictures", content, Cancel);
    }
}
