using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Ieum.House.Tests.Node;

public sealed class StoreTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));

    private static NodeDb Open(string file) => new(new DbContextOptionsBuilder<NodeDb>().UseSqlite($"Data Source={file};Pooling=False").Options);

    private static string Fresh() => Path.Combine(Needs.Scratch, $"store-{Guid.NewGuid():N}.db");

    [Fact]
    public void All_schema_steps_together_make_what_the_model_expects()
    {
        var (stepped, made) = (Fresh(), Fresh());
        using (var db = Open(stepped)) NodeSchema.Upgrade(db);
        using (var db = Open(made)) db.GetService<IRelationalDatabaseCreator>().EnsureCreated();
        Assert.Equal(Schema(made), Schema(stepped));
    }

    [Fact]
    public void Upgrading_twice_changes_nothing()
    {
        var file = Fresh();
        using (var db = Open(file)) NodeSchema.Upgrade(db);
        var before = Schema(file);
        using (var db = Open(file)) NodeSchema.Upgrade(db);
        Assert.Equal(before, Schema(file));
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused_untouched()
    {
        var file = Fresh();
        using (var db = Open(file))
        {
            NodeSchema.Upgrade(db);
            db.Database.OpenConnection();
            db.Database.ExecuteSqlRaw("PRAGMA user_version=999");
        }
        using var newer = Open(file);
        Assert.Equal("store-newer-schema", Assert.Throws<NodeStoreException>(() => NodeSchema.Upgrade(newer)).Rule);
    }

    [Fact]
    public void Orders_plans_reports_and_entries_come_back_as_they_went_in()
    {
        var routing = new Routing(new("축-밸브"), [new RoutingStep.Work(10, "旋削", [new(new("B-L1"), 30.Minutes, 4.Minutes), new(new("B-MC2"), 1.Hours, 5.Minutes)]), new RoutingStep.Wait(20, "cool", 3.Hours)]);
        var order = new Order(new("PO-1"), routing, 12, At, At + 5.Days, 7, true, new LotId("L-1"));
        var back = DomainJson.Read<Order>(DomainJson.Write(order));
        Assert.Equal((order.Id, order.Quantity, order.Release, order.Due, order.Weight, order.IsPrivate, order.Lot), (back.Id, back.Quantity, back.Release, back.Due, back.Weight, back.IsPrivate, back.Lot));
        Assert.Equal(Assert.IsType<RoutingStep.Work>(routing.Steps[0]).Options, Assert.IsType<RoutingStep.Work>(back.Routing.Steps[0]).Options);
        Assert.Equal(3.Hours, Assert.IsType<RoutingStep.Wait>(back.Routing.Steps[1]).Duration);

        var furnace = new RoutingStep.Work(10, "harden", [new(new("F-1"), TimeSpan.Zero, 4.Hours) { Unbroken = true }])
        { Family = "S", Batch = new("920 °C", 3), Needs = [new("hardener", true)], Takes = [new(new("salt"), 0.5)], Transfer = 5 };
        var rich = new Order(new("PO-2"), routing, 1, At, At, deadline: At + 1.Days,
            alternatives: [new(routing.Item, [furnace, new RoutingStep.Wait(20, "rest", 1.Hours, 4.Hours), new RoutingStep.Transport(30, "ferry", "busan-kobe")])]);
        back = DomainJson.Read<Order>(DomainJson.Write(rich));
        Assert.Equal(rich.Deadline, back.Deadline);
        var steps = Assert.Single(back.Alternatives).Steps;
        var harden = Assert.IsType<RoutingStep.Work>(steps[0]);
        Assert.Equal((furnace.Family, furnace.Batch, furnace.Transfer, true), (harden.Family, harden.Batch, harden.Transfer, harden.Options[0].Unbroken));
        Assert.Equal(furnace.Needs, harden.Needs);
        Assert.Equal(furnace.Takes, harden.Takes);
        Assert.Equal(4.Hours, Assert.IsType<RoutingStep.Wait>(steps[1]).Most);
        Assert.Equal("busan-kobe", Assert.IsType<RoutingStep.Transport>(steps[2]).Service);

        var plan = new PlanVersion(3, 2, At, "late-operation", [new(OperationId.Of(order.Id, 10), order.Id, 10, new("B-L1"), 12, At, At + 2.Hours, 30.Minutes, 78.Minutes)
            { RunStart = At + 30.Minutes, With = ["Kim", ""], Lock = new(OperationId.Of(order.Id, 10), new("B-L1"), At), Slack = 3.Hours, Routing = 1 }],
            [new(order.Id, At + 6.Days, At + 5.Days)], true, "cp-sat 1 %")
        { Overtime = [new(new("B-L1"), new(At, At + 2.Hours), 60)], Score = new(100, 1, 2, 3, 60, 4, 0), Bound = new(1, 2), Unplanned = [new("PO-9")] };
        var plan2 = DomainJson.Read<PlanVersion>(DomainJson.Write(plan));
        Assert.Equal(plan.Operations, plan2.Operations);
        Assert.Equal(plan.Promises, plan2.Promises);
        Assert.Equal(plan.Overtime, plan2.Overtime);
        Assert.Equal((plan.Score, plan.Bound), (plan2.Score, plan2.Bound));
        Assert.Equal(plan.Unplanned, plan2.Unplanned);
        Assert.True(Assert.Single(plan2.Promises).IsLate);

        ShopEvent e = new ShopEvent.Finished(Guid.NewGuid(), OperationId.Of(order.Id, 10), new("B-L1"), "김", At, 11, 1);
        Assert.Equal(e, DomainJson.Read<ShopEvent>(DomainJson.Write(e)));

        var entry = new LoopEntry(1, "replan", At, AutonomyLevel.Ask, "f", "a", "m", 0.5, new(true, "kim", At, null), new(true, "plan 3", At), new("tardiness h", 24, 0, At));
        Assert.Equal(entry, DomainJson.Read<LoopEntry>(DomainJson.Write(entry)));
    }

    [Fact]
    public async Task The_same_report_from_many_hands_at_once_is_kept_once()
    {
        IDbContextFactory<NodeDb> files = new OneFile(Fresh());
        await using (var db = await files.CreateDbContextAsync(TestContext.Current.CancellationToken)) NodeSchema.Upgrade(db);
        var store = new ShopEventStore(files);
        ShopEvent e = new ShopEvent.Started(Guid.NewGuid(), new("PO-1.10"), new("B-L1"), "kim", At);
        var kept = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => store.AddAsync(e, TestContext.Current.CancellationToken))));
        Assert.Single(kept, true);
        Assert.Equal([e], await store.AllAsync(TestContext.Current.CancellationToken));
    }

    private sealed class OneFile(string file) : IDbContextFactory<NodeDb>
    {
        public NodeDb CreateDbContext() => Open(file);
    }

    [Fact]
    public void A_company_comes_back_with_all_levels()
    {
        var company = new Company(new("B"), new("솔바람", "ソルバラム", "Solbaram"), "KR",
            [new Site("s", LocalName.Same("s"), [new Area("a", LocalName.Same("a"), [new ProductionLine("l", LocalName.Same("l"), [new Machine(new("MC1"), LocalName.Same("MC1"), "milling")])])])]);
        var back = DomainJson.Read<Company>(DomainJson.Write(company));
        Assert.Equal("B/s/a/l/MC1", back.PathOf(new("MC1")));
        Assert.Equal("솔바람", back.Name.Ko);
    }

    [Fact]
    public void A_connection_comes_back_with_its_options()
    {
        var c = new ConnectionSettings(new("MC1.shdr"), new("MC1"), "shdr", "10.0.0.5:7878", ImmutableDictionary<string, string>.Empty.Add("prefix", "값"));
        var back = Assert.Single(DomainJson.Read<ConnectionSettings[]>(DomainJson.Write<ConnectionSettings[]>([c])));
        Assert.Equal((c.Source, c.Machine, c.Protocol, c.Endpoint), (back.Source, back.Machine, back.Protocol, back.Endpoint));
        Assert.Equal("값", back.Options["prefix"]);
    }

    private static string[] Schema(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT type || ' ' || name || ' ' || replace(replace(replace(sql, char(10), ' '), char(13), ''), '  ', '') FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger' ORDER BY 1";
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read()) lines.Add(string.Join(' ', reader.GetString(0).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal));
        return [.. lines];
    }
}
