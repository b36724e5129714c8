using System.Reflection;
using System.Xml.Linq;
using Ieum.TestKit;

namespace Ieum.House.Tests.Rules;

/// <summary>Arrows point down: node → rooms → model. Heavy packages live in one room each.</summary>
public sealed class ArrowTests
{
    private static readonly string[] Rooms = ["Connect", "Record", "Analyze", "Plan", "Act", "Share", "Trace", "Match"];

    public static TheoryData<string> EveryRoom => [.. Rooms];

    [Theory, MemberData(nameof(EveryRoom))]
    public void A_room_leans_on_the_model_only(string room)
    {
        var neighbours = Assembly.Load($"Ieum.{room}").GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => n == "ieum" || (n.StartsWith("Ieum.", StringComparison.Ordinal) && n != "Ieum.Model"));
        Assert.Empty(neighbours);
    }

    [Fact]
    public void The_model_leans_on_nothing_but_the_runtime()
    {
        var foreign = Assembly.Load("Ieum.Model").GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => n != "netstandard" && !n.StartsWith("System.", StringComparison.Ordinal));
        Assert.Empty(foreign);
    }

    [Theory]
    [InlineData("Google.OrTools", "Ieum.Plan")]
    [InlineData("MQTTnet", "Ieum.Connect", "Ieum.Sim")]
    [InlineData("MQTTnet.Server", "Ieum.Connect")]
    [InlineData("ZstdSharp.Port", "Ieum.Record")]
    [InlineData("Microsoft.Data.Sqlite", "Ieum.Record")]
    [InlineData("Npgsql", "Ieum.Record")]
    [InlineData("Apache.Arrow", "Ieum.Record")]
    [InlineData("ParquetSharp", "Ieum.Record")]
    [InlineData("DuckDB.NET.Data.Full", "Ieum.Record")]
    [InlineData("Microsoft.Orleans.Server", "Ieum.Node")]
    [InlineData("Microsoft.EntityFrameworkCore.Sqlite", "Ieum.Node")]
    [InlineData("MudBlazor", "Ieum.Node")]
    public void A_heavy_package_lives_in_its_room(string package, params string[] rooms)
    {
        var users = Projects().Where(p => Packages(p).Contains(package)).Select(p => Path.GetFileNameWithoutExtension(p));
        Assert.Equal(rooms.Order(), users.Order());
    }

    [Fact]
    public void No_project_references_the_simulated_machines_but_their_own_tests()
    {
        var users = Projects("test").Concat(Projects("bench")).Concat(Projects())
            .Where(p => References(p).Contains("Ieum.Sim")).Select(p => Path.GetFileNameWithoutExtension(p));
        Assert.Equal(["Ieum.Sim.Tests"], users);
    }

    [Fact]
    public void Every_package_version_stands_in_one_place()
    {
        var loose = Projects().Concat(Projects("test")).Concat(Projects("bench"))
            .Where(p => XDocument.Load(p).Descendants("PackageReference").Any(r => r.Attribute("Version") is not null));
        Assert.Empty(loose);
    }

    private static IEnumerable<string> Projects(string folder = "")
    {
        var tops = folder.Length > 0 ? [folder] : new[] { "src", "sim" };
        return tops.SelectMany(t => Directory.EnumerateFiles(Path.Combine(Needs.Repository, t), "*.csproj", SearchOption.AllDirectories));
    }

    private static HashSet<string> Packages(string project) =>
        [.. XDocument.Load(project).Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!)];

    private static HashSet<string> References(string project) =>
        [.. XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!))];
}
