using System.Net;
using System.Text.Json;
using Ieum.Act;
using Ieum.Node.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

public sealed class WriteTests
{
    private const string Config = """
        { "company": { "id": "B", "name": "B", "country": "KR", "sites": [ { "id": "s", "name": "s", "areas": [ { "id": "a", "name": "a", "lines": [ { "id": "l", "name": "l", "machines": [ { "id": "M1", "name": "M1", "kind": "milling" } ] } ] } ] } ] },
          "writes": [ { "machine": "M1", "signal": "oven", "unit": "CEL", "min": 0, "max": 200, "hours": "22:00-06:00" } ] }
        """;

    private static async Task SignInAsync(RunningNode node, string user) =>
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/session", new { user, password = "a long password" })).StatusCode);

    [Fact]
    public async Task The_list_of_the_file_is_taken_over_and_roles_decide_who_may_do_what()
    {
        await using var node = await RunningNode.StartAsync(Config);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.GetAsync("/api/v1/writes")).StatusCode);
        await node.SignInAsOwnerAsync();
        foreach (var role in (string[])["operator", "viewer"])
            Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync($"/api/v1/users/{role}", new { role, password = "a long password" })).StatusCode);
        Assert.Equal("22:00-06:00", (await node.JsonAsync("/api/v1/writes")).GetProperty("rules")[0].GetProperty("hours").GetString());
        var command = await node.PutAsync("/api/v1/writes/rules", new { machine = "M1", signal = "Node Control/Reboot", min = 0, max = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, command.StatusCode);
        Assert.Contains(WriteBackRules.Command, await command.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await SignInAsync(node, "viewer");
        Assert.Equal(HttpStatusCode.Forbidden, (await node.PostAsync("/api/v1/writes", new { machine = "M1", signal = "oven", value = 20 })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.PostAsync("/api/v1/writes/stop", new { reason = "x" })).StatusCode);
        await SignInAsync(node, "operator");
        Assert.Equal(HttpStatusCode.Forbidden, (await node.PutAsync("/api/v1/writes/rules", new { machine = "M1", signal = "oven" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.PostAsync("/api/v1/writes/release", new { reason = "x" })).StatusCode);
        var refused = await node.PostAsync("/api/v1/writes", new { machine = "M1", signal = "oven", value = 20 });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var told = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(WriteBackRules.Role, told.RootElement.GetProperty("rule").GetString());
        Assert.Equal(14, told.RootElement.GetProperty("checks").GetArrayLength());
    }

    [Fact]
    public async Task The_stop_switch_is_still_set_after_a_restart_and_the_audit_cannot_be_changed_or_cut()
    {
        var node = await RunningNode.StartAsync(Config);
        await node.SignInAsOwnerAsync();
        var folder = node.Folder;
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/writes/stop", new { reason = "손이 기계 안에" })).StatusCode);
        Assert.True((await node.JsonAsync("/api/v1/writes/audit/verify")).GetProperty("intact").GetBoolean());
        var csv = await (await node.GetAsync("/api/v1/writes/audit.csv")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("손이 기계 안에", csv, StringComparison.Ordinal);
        await using (var db = await node.Services.GetRequiredService<IDbContextFactory<NodeDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            Assert.Throws<SqliteException>(() => db.Database.ExecuteSqlRaw("UPDATE write_audit SET \"By\"='x'"));
            Assert.Throws<SqliteException>(() => db.Database.ExecuteSqlRaw("DELETE FROM write_audit"));
        }
        await node.DisposeAsync();
        await using var again = await RunningNode.StartAsync(Config, folder);
        var desk = again.Services.GetRequiredService<IWriteDesk>();
        Assert.Equal(("owner", "손이 기계 안에"), (desk.Stop!.By, desk.Stop.Reason));
        Assert.True((await desk.ReleaseAsync("checked", "owner", TestContext.Current.CancellationToken)).Ok);
        Assert.Null(desk.Stop);
    }
}
