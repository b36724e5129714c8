using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>Shapes of the API. Keys may be added, never renamed. Durations are seconds unless the key says otherwise; ratios are 0 to 1.</summary>
internal sealed record ClockDto(DateTimeOffset Now, string Company);

internal sealed record MachineDto(
    string Id, LocalName Name, string Kind, string? Path, MachineState State, string[] Overlay, DateTimeOffset Since, DateTimeOffset? LastData,
    LinkState Link, double? Oee, WorkDto? Work, string? Program, long? PartCount)
{
    public static MachineDto Of(MachineCard c, Company company) => new(
        c.Machine.Id.Value, c.Machine.Name, c.Machine.Kind, company.PathOf(c.Machine.Id), c.State, Words(c.Overlay), c.Since, c.LastData,
        c.Link, c.Oee, c.Work is { } w ? WorkDto.Of(w) : null, c.Program, c.PartCount);

    public static string[] Words(MachineOverlay o) =>
        [.. new[] { (MachineOverlay.Fault, "fault"), (MachineOverlay.Warning, "warning"), (MachineOverlay.SetUp, "setUp") }.Where(p => o.HasFlag(p.Item1)).Select(p => p.Item2)];
}

internal sealed record WorkDto(string Operation, string Order, string Item, OperationStatus Status, int Quantity, int Good, int Scrap, DateTimeOffset? PlannedEnd, bool Late, int? Counted)
{
    public static WorkDto Of(CurrentWork w) => new(w.Operation.Value, w.Order.Value, w.Item.Value, w.Status, w.Quantity, w.Good, w.Scrap, w.PlannedEnd, w.Late, w.Counted);
}

/// <param name="Unit">UN/ECE common code.</param>
internal sealed record SignalDto(int Number, string Machine, string Name, string Unit, string Symbol, ValueKind Kind, SignalRole Role, string Description)
{
    public static SignalDto Of(SignalNumber n, Signal s) => new(n.Value, s.Id.Machine.Value, s.Id.Name, s.Unit.Code, s.Unit.Symbol, s.Kind, s.Role, s.Description);
}

internal sealed record ValueDto(int Number, string Name, string Unit, SignalRole Role, DateTimeOffset Time, DateTimeOffset Received, SampleValue Value, Quality Quality)
{
    public static ValueDto Of(LastValue v) => new(v.Number.Value, v.Signal.Id.Name, v.Signal.Unit.Code, v.Signal.Role, v.Sample.SourceTime, v.Sample.ReceiveTime, v.Sample.Value, v.Sample.Quality);
}

internal sealed record SampleDto(DateTimeOffset Time, DateTimeOffset Received, SampleValue Value, Quality Quality)
{
    public static SampleDto Of(Sample s) => new(s.SourceTime, s.ReceiveTime, s.Value, s.Quality);
}

/// <summary>Figures are null where the step had no number.</summary>
internal sealed record BucketDto(DateTimeOffset From, DateTimeOffset To, long Count, double? Average, double? Min, double? Max, double? Last, long BadCount)
{
    public static BucketDto Of(Bucket b) => new(b.Range.From, b.Range.To, b.Count, Finite(b.Average), Finite(b.Min), Finite(b.Max), Finite(b.Last), b.BadCount);
    private static double? Finite(double d) => double.IsFinite(d) ? d : null;
}

internal sealed record SpanDto(DateTimeOffset From, DateTimeOffset To, MachineState State, string[] Overlay, string Cause)
{
    public static SpanDto Of(StateSpan s) => new(s.Range.From, s.Range.To, s.State, MachineDto.Words(s.Overlay), s.Cause);
}

internal sealed record OeeDto(DateTimeOffset From, DateTimeOffset To, double? Oee, double? Availability, double? Performance, double? Quality, int Produced, int Good,
    double PlannedBusySeconds, double ActualProductionSeconds, double SetUpSeconds, double DelaySeconds, double DownSeconds, double UnknownSeconds, BasisDto? Basis)
{
    public static OeeDto Of(OeeAnswer a) => new(a.Range.From, a.Range.To, a.Oee, a.Availability, a.Performance, a.Quality, a.Produced, a.Good,
        a.Times.PlannedBusy.TotalSeconds, a.Times.ActualProduction.TotalSeconds, a.Times.SetUp.TotalSeconds, a.Times.Delay.TotalSeconds, a.Times.Down.TotalSeconds, a.Times.Unknown.TotalSeconds, a.Basis is { } b ? BasisDto.Of(b) : null);
}

internal sealed record AlarmDto(string Condition, string Code, ConditionLevel Level, string Message, int Count, double Seconds, DateTimeOffset Last)
{
    public static AlarmDto Of(AlarmLine a) => new(a.Condition, a.Code, a.Level, a.Message, a.Count, a.Duration.TotalSeconds, a.Last);
}

internal sealed record CycleDto(string Subject, int Count, double MedianSeconds, double MadSeconds, double LowSeconds, double HighSeconds, double P10Seconds, double P90Seconds, BasisDto? Basis)
{
    public static CycleDto Of(CycleStatistics c) => new(c.Subject, c.Count, c.Median.TotalSeconds, c.Mad.TotalSeconds, c.Low.TotalSeconds, c.High.TotalSeconds, c.P10.TotalSeconds, c.P90.TotalSeconds, c.Basis is { } b ? BasisDto.Of(b) : null);
}

internal sealed record ConnectionDto(string Source, string Machine, string Protocol, string Endpoint, Dictionary<string, string>? Options, PointSettings[]? Points = null);

/// <param name="Addresses">Addresses, ranges or networks, parted by commas.</param>
internal sealed record ScanDto(string Addresses, string? Protocol = null);

/// <param name="At">Where to look; null: the top.</param>
internal sealed record BrowseDto(ConnectionDto Connection, string? At = null);

/// <summary>Certificates of OPC UA counterparts.</summary>
internal sealed record CertificatesDto(Connect.PeerCertificate[] Trusted, Connect.PeerCertificate[] Rejected);

internal sealed record PreviewDto(LinkState Link, PreviewValueDto[] Values, ProblemDto[] Problems);
internal sealed record PreviewValueDto(SignalDto Signal, string? Value, Quality? Quality, DateTimeOffset? At);

internal sealed record TemplateDto(string Id, LocalName Name, LocalName Note, ConnectionDto Connection);

internal sealed record ConnectionTestDto(bool Ok, string? Rule, string Message, SignalDto[] Signals);

/// <summary>Accounting of one connection since the node started (docs/loss.md): sent = received + lost, received + marks + restored = stored + rejected + dropped + what waits now.</summary>
/// <param name="Marks">Samples the node made itself, to mark values as stale.</param>
/// <param name="Waiting">Batches in memory on their way to the store.</param>
/// <param name="Dropped">Samples that a full queue let go or that could not be read in it; they stand as gaps.</param>
/// <param name="Restored">Samples that an earlier run had left in the queue.</param>
/// <param name="Sent">Null where the protocol does not number its data and the peer did not say.</param>
internal sealed record SourceDto(string Source, string Machine, string Protocol, LinkState Link, DateTimeOffset Since, DateTimeOffset? LastData,
    long? Sent, long Received, long Stored, long Rejected, long Lost, long Gaps, long Marks, int Waiting, int Reconnects, double? ClockSkewSeconds, ProblemDto[] Problems,
    long Dropped = 0, long Restored = 0, QueueDto? Queue = null);

/// <summary>A stretch of time in which data of a connection are missing, by the times of receiving.</summary>
/// <param name="Lost">How many samples are missing; null where the protocol cannot tell.</param>
internal sealed record GapDto(DateTimeOffset From, DateTimeOffset To, GapCause Cause, long? Lost, string Detail);

/// <summary>What waits of one connection on the disk.</summary>
/// <param name="OldestAt">When the oldest of it was received; null when nothing waits.</param>
/// <param name="Trouble">Why the store takes nothing now; null when it does.</param>
internal sealed record QueueDto(long Samples, long Bytes, DateTimeOffset? OldestAt, string? Trouble);

internal sealed record ProblemDto(string Rule, string Message, DateTimeOffset At, long Count);

internal sealed record SignInDto(string User, string Password);
internal sealed record MeDto(string Name, string[] Roles, string? Language, bool? DarkMode);
internal sealed record UserDto(string Name, string Role);
internal sealed record SaveUserDto(string Role, string? Password);
internal sealed record PreferencesDto(string? Language, bool? DarkMode);
