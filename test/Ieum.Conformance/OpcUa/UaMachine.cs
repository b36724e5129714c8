using System.Net;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.OpcUa;

/// <summary>Our server with a small machine, all policies, one account.</summary>
internal sealed class UaMachine : IAsyncDisposable
{
    private const string Base = "http://opcfoundation.org/UA/SecurityPolicy#";

    private UaMachine(ServerHost host) => Host = host;

    public ServerHost Host { get; }
    public VariableNode Load { get; private set; } = null!;
    public string Endpoint => Host.Endpoint;

    public static UaMachine Start(bool trustAll = true, string? pki = null)
    {
        string[] policies = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"];
        var host = new ServerHost(new()
        {
            Name = "machine",
            ApplicationUri = "urn:ieum:test:machine",
            Bind = IPAddress.Loopback,
            Port = 0,
            Securities = [new(Base + "None", MessageSecurityMode.None), .. policies.SelectMany(p => new[]
                { new ServerSecurity(Base + p, MessageSecurityMode.Sign), new ServerSecurity(Base + p, MessageSecurityMode.SignAndEncrypt) })],
            UserNames = true,
            Admit = (c, _) => new(c switch
            {
                UaCredential.Nobody => UaUser.Anonymous,
                UaCredential.Account("op", "secret") => new UaUser("op", CanWrite: true),
                _ => null,
            }),
            Limits = new() { MaxNodesPerRead = 500 },
            Pki = pki ?? Path.Combine(Needs.Scratch, "opcua-server-pki"),
            TrustAll = trustAll,
        }, Clocks.Real, NullLogger.Instance);
        var machine = new UaMachine(host);
        machine.Build();
        host.Start();
        return machine;
    }

    public void Set(double value) => Load.Set(new(Variant.Of(value), StatusCodes.Good, OpcTime.Of(TimeProvider.System.GetUtcNow())));

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private void Build()
    {
        var space = Host.Engine.Space;
        var folder = space.Add(new ObjectNode(new(1, "machine"), new(1, "Machine"), new("en", "Machine")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType).Id;
        Load = space.Add(new VariableNode(new(1, "load"), new(1, "Load"), new("en", "주축 부하"), NodeIds.Double)
        {
            Span = (0, 100),
            History = new HistoryRing(1000, null),
        }, folder, NodeIds.HasComponent, NodeIds.AnalogItemType);
        var range = space.Add(new VariableNode(new(1, "load.range"), new("EURange"), new("en", "EURange"), NodeIds.Range), Load.Id, NodeIds.HasProperty, NodeIds.PropertyType);
        range.Set(new(Variant.Of(new Connect.OpcUa.Range { Low = 0, High = 100 }), StatusCodes.Good));
        for (var i = 0; i < 50; i++) Load.Set(new(Variant.Of((double)i), StatusCodes.Good, OpcTime.Of(new(2026, 11, 24, 8, 0, i, TimeSpan.Zero))));
        var setpoint = space.Add(new VariableNode(new(1, "setpoint"), new(1, "Setpoint"), new("en", "Setpoint"), NodeIds.Double)
        {
            OnWrite = (w, _) =>
            {
                if (w.Value.Value.Number > 100) return new(new WriteVerdict(StatusCodes.BadOutOfRange, "At most 100."));
                w.Node.Set(w.Value);
                return new(new WriteVerdict(StatusCodes.Good));
            },
        }, folder, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        setpoint.Set(new(Variant.Of(1.0), StatusCodes.Good));
        var axes = space.Add(new VariableNode(new(1, "axes"), new(1, "Axes"), new("en", "Axes"), NodeIds.Float) { ValueRank = 1, ArrayDimensions = [3] }, folder, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        axes.Set(new(Variant.OfArray(new[] { 1f, 2f, 3f }), StatusCodes.Good));
        var tags = space.Add(new ObjectNode(new(1, "tags"), new(1, "Tags"), new("en", "Tags")), folder, NodeIds.Organizes, NodeIds.FolderType).Id;
        for (var i = 0; i < 1000; i++)
            space.Add(new VariableNode(new(1, (uint)(10_000 + i)), new(1, $"Tag{i}"), new("en", $"Tag{i}"), NodeIds.Int32), tags, NodeIds.Organizes, NodeIds.BaseDataVariableType).Set(new(Variant.Of(i), StatusCodes.Good));
        var add = space.Add(new MethodNode(new(1, "add"), new(1, "Add"), new("en", "Add"))
        {
            Inputs = [ServerObject.Argument("a", 11, -1), ServerObject.Argument("b", 11, -1)],
            Outputs = [ServerObject.Argument("sum", 11, -1)],
            Run = (c, _) => new(new MethodAnswer(StatusCodes.Good, Variant.Of(c.Inputs[0].Number + c.Inputs[1].Number))),
        }, folder, NodeIds.HasComponent);
        Arguments("InputArguments", add.Inputs);
        Arguments("OutputArguments", add.Outputs);

        void Arguments(string name, Argument[] arguments) => space.Add(
            new VariableNode(new(1, $"add.{name}"), new(name), new("en", name), NodeIds.Argument) { ValueRank = 1 }, add.Id, NodeIds.HasProperty, NodeIds.PropertyType)
            .Set(new(ServerObject.Structures(arguments), StatusCodes.Good));
    }
}
