using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.OpcUa.Server;

/// <summary>An engine without a wire, with a machine of three variables, and a client that asks it directly.</summary>
internal sealed class Harness : IDisposable
{
    private const string None = "http://opcfoundation.org/UA/SecurityPolicy#None";

    public Harness(ServerLimits? limits = null, IDeliveryBook? book = null, Func<UaCredential, UaUser?>? admit = null, int history = 100)
    {
        Engine = new(new()
        {
            Name = "test",
            ApplicationUri = "urn:test",
            EndpointUrl = () => "opc.tcp://127.0.0.1:4840",
            Securities = [new(None, MessageSecurityMode.None)],
            UserNames = true,
            Limits = limits ?? new(),
            Book = book,
            Admit = (c, _) => new(admit is null ? new UaUser("tester", true) : admit(c)),
        }, new Plain(), new(Clock, Clock), NullLogger.Instance);
        var folder = Space.Add(new ObjectNode(new(1, "machine"), new(1, "Machine"), new("Machine")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType);
        Load = Space.Add(new VariableNode(new(1, "load"), new(1, "Load"), new("Load"), NodeIds.Double)
        {
            Span = (0, 200),
            History = new HistoryRing(history, book),
            OnWrite = (w, _) =>
            {
                w.Node.Set(w.Value);
                return new(new WriteVerdict(StatusCodes.Good));
            },
        }, folder.Id, NodeIds.HasComponent, NodeIds.AnalogItemType);
        Program = Space.Add(new VariableNode(new(1, "program"), new(1, "Program"), new("Program"), NodeIds.String), folder.Id, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        Axes = Space.Add(new VariableNode(new(1, "axes"), new(1, "Axes"), new("Axes"), NodeIds.Double) { ValueRank = 1 }, folder.Id, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        Folder = folder;
    }

    public FakeTimeProvider Clock { get; } = new(new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    public ServerEngine Engine { get; }
    public AddressSpace Space => Engine.Space;
    public ObjectNode Folder { get; }
    public VariableNode Load { get; }
    public VariableNode Program { get; }
    public VariableNode Axes { get; }

    public Client Open(uint channel = 1) => new(this, channel);

    public static DataValue At(Variant value, double second = 0) => new(value, StatusCodes.Good, OpcTime.Of(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero).AddSeconds(second)));

    public void Dispose() => Engine.Dispose();

    private sealed class Plain : ISessionSecurity
    {
        public byte[] Certificate => [];
        public SignatureData Sign(string policyUri, byte[] clientCertificate, byte[] clientNonce) => new();
        public bool Verify(string policyUri, byte[] certificate, SignatureData signature, byte[] serverNonce) => false;
        public bool TryDecrypt(string policyUri, byte[] secret, string? algorithm, byte[] serverNonce, out string password)
        {
            password = System.Text.Encoding.UTF8.GetString(secret);
            return true;
        }
    }

    internal sealed class Client
    {
        private readonly Harness _house;

        public Client(Harness house, uint channel)
        {
            (_house, Channel) = (house, new(channel, MessageSecurityMode.None, None, [], "test"));
            var created = Ask<CreateSessionResponse>(new CreateSessionRequest { RequestedSessionTimeout = 60_000, SessionName = "t" });
            Token = created.AuthenticationToken;
        }

        public ChannelFacts Channel { get; set; }
        public NodeId Token { get; }
        public RequestHeader Header => new() { AuthenticationToken = Token, RequestHandle = 7 };

        public Client Activate(string? user = null)
        {
            Ask<ActivateSessionResponse>(new ActivateSessionRequest
            {
                RequestHeader = Header,
                UserIdentityToken = user is null ? ExtensionObject.Of(new AnonymousIdentityToken { PolicyId = "anonymous" })
                    : ExtensionObject.Of(new UserNameIdentityToken { PolicyId = "username", UserName = user, Password = "secret"u8.ToArray() }),
            });
            return this;
        }

        public T Ask<T>(IServiceRequest request) where T : IServiceResponse
        {
            var task = Send(request);
            Assert.True(task.IsCompleted, "the answer waits");
            var answer = task.GetAwaiter().GetResult();
            Assert.True(answer is T, $"{request.GetType().Name} got {answer.GetType().Name} {answer.ResponseHeader.ServiceResult}");
            return (T)answer;
        }

        public StatusCode Refusal(IServiceRequest request) => Ask<ServiceFault>(request).ResponseHeader.ServiceResult;

        public Task<IServiceResponse> Send(IServiceRequest request) => _house.Engine.AnswerAsync(request, Channel, CancellationToken.None).AsTask();

        public uint Subscribe(double interval = 100, uint lifetime = 100, uint keepAlive = 10, byte priority = 0, uint most = 0) => Ask<CreateSubscriptionResponse>(new CreateSubscriptionRequest
        {
            RequestHeader = Header, RequestedPublishingInterval = interval, RequestedLifetimeCount = lifetime, RequestedMaxKeepAliveCount = keepAlive,
            PublishingEnabled = true, Priority = priority, MaxNotificationsPerPublish = most,
        }).SubscriptionId;

        public MonitoredItemCreateResult Watch(uint subscription, VariableNode node, uint queue = 10, bool discardOldest = true, double sampling = 0, uint handle = 1,
            DataChangeFilter? filter = null, MonitoringMode mode = MonitoringMode.Reporting, string? range = null) => Ask<CreateMonitoredItemsResponse>(new CreateMonitoredItemsRequest
        {
            RequestHeader = Header, SubscriptionId = subscription, TimestampsToReturn = TimestampsToReturn.Both,
            ItemsToCreate = [new()
            {
                ItemToMonitor = new() { NodeId = node.Id, AttributeId = AttributeIds.Value, IndexRange = range },
                MonitoringMode = mode,
                RequestedParameters = new()
                {
                    ClientHandle = handle, QueueSize = queue, DiscardOldest = discardOldest, SamplingInterval = sampling,
                    Filter = filter is null ? default : ExtensionObject.Of(filter),
                },
            }],
        }).Results[0];

        public Task<IServiceResponse> Publish(params (uint Subscription, uint Sequence)[] acks) => Send(new PublishRequest
        {
            RequestHeader = Header,
            SubscriptionAcknowledgements = [.. acks.Select(a => new SubscriptionAcknowledgement { SubscriptionId = a.Subscription, SequenceNumber = a.Sequence })],
        });

        /// <summary>Asks to publish, lets one interval pass, and waits for the answer.</summary>
        public async Task<PublishResponse> Next(double milliseconds = 100, params (uint, uint)[] acks)
        {
            var waiting = Publish(acks);
            if (!waiting.IsCompleted) _house.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return Assert.IsType<PublishResponse>(await waiting.WaitAsync(TimeSpan.FromMinutes(2)));
        }

        public static MonitoredItemNotification[] Changes(PublishResponse r) =>
            r.NotificationMessage.NotificationData.Length == 0 ? [] : ((DataChangeNotification)r.NotificationMessage.NotificationData[0].Body!).MonitoredItems;

        public static double[] Values(PublishResponse r) => [.. Changes(r).Select(c => c.Value.Value.Number)];
    }
}
