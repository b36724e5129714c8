using System.Globalization;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.MtConnect;

/// <summary>Takes decoded documents into the batch: new values by the session, gaps, counters, problems, clock skew.</summary>
internal sealed class MtIntake
{
    private readonly ConnectionSettings _settings;
    private readonly MtConnectOptions _options;
    private readonly SourceHealthTracker _health;
    private readonly TimeProvider _factory;
    private readonly SkewEstimator _skew;
    private readonly SampleBatcher _batch;
    private readonly Outage _outage;
    private readonly ILogger _log;
    private string _deviceName = "", _deviceUuid = "";
    private int _partsSinceConnect;

    public MtIntake(ConnectionSettings settings, MtConnectOptions options, ISignalDirectory signals, SourceHealthTracker health,
        SampleBatcher batch, Outage outage, TimeProvider factory, ILogger log)
    {
        (_settings, _options, _health, _batch, _outage, _factory, _log) = (settings, options, health, batch, outage, factory, log);
        (_skew, Session) = (new(factory), new(settings.Source));
        Signals = new(settings, options, signals, (rule, message) => Tell(rule, $"'{settings.Endpoint}': {message}"));
        LastData = factory.GetUtcNow();
    }

    public MtSession Session { get; }
    public MtSignals Signals { get; }

    /// <summary>When the newest document was taken, by the factory clock.</summary>
    public DateTimeOffset LastData { get; private set; }

    /// <summary>Goes on where an earlier run of the node stopped; what the buffer of the source still has is read.</summary>
    public void Resume(SourceMark mark)
    {
        if (!Session.TryResume(mark.Place)) return;
        _outage.Begin(new(LinkState.Disconnected, mark.Through, "The node was not listening."));
    }

    public bool IsProbed => _deviceName.Length + _deviceUuid.Length > 0;

    public void Connected() => _partsSinceConnect = 0;

    /// <summary>Picks the device of this connection and registers its signals.</summary>
    /// <exception cref="MtConnectFault">There is no such device.</exception>
    public MtDevice Probe(MtDocument document)
    {
        Refuse(document, MtDocumentKind.Devices);
        var device = Pick(document, _options, (rule, message) => Tell(rule, message), _settings.Endpoint);
        (_deviceName, _deviceUuid) = (device.Name, device.Uuid);
        Session.SharesNumbers = document.Devices.Count > 1;
        Signals.Load(device);
        return device;
    }

    public static MtDevice Pick(MtDocument document, MtConnectOptions options, Action<string, string> tell, string endpoint)
    {
        var devices = document.Devices;
        var known = string.Join(", ", devices.Select(d => d.Name));
        if (options.Device is { } wanted)
            return devices.FirstOrDefault(d => d.Name == wanted || d.Uuid == wanted || d.Id == wanted)
                ?? throw new MtConnectFault(MtConnectRules.DeviceUnknown, $"'{endpoint}' has no device '{wanted}'. It has: {known}.");
        var machines = devices.Where(d => !d.IsAgent).ToList();
        if (machines.Count == 0) throw new MtConnectFault(MtConnectRules.DeviceUnknown, $"'{endpoint}' describes no device.");
        if (machines.Count > 1) tell(MtConnectRules.DeviceAmbiguous, $"'{endpoint}' has the devices {known}. '{machines[0].Name}' is read; set the option 'device'.");
        return machines[0];
    }

    public void Current(MtDocument document)
    {
        Refuse(document, MtDocumentKind.Streams);
        // Before the first snapshot nothing was numbered for us, so an outage at the start has no count.
        if (Session.Needs == MtResync.Start && _outage.End() is { } cut) Add(cut);
        var before = Session.InstanceId;
        var step = Session.Snapshot(document);
        if (before != 0 && before != Session.InstanceId) Signals.RunEnded();
        Take(step.Accepted, document, isLive: false);
    }

    /// <returns>False when the source restarted and must be asked who it is again.</returns>
    public bool Part(MtDocument document)
    {
        Refuse(document, MtDocumentKind.Streams);
        var now = _factory.GetUtcNow();
        var step = Session.Part(document, LastData, now);
        if (step.Restarted) return false;
        if (step.Gap is { } gap)
        {
            // The loss has its own cause and count; the interruption that led to it is the same stretch and not told twice.
            if (_outage.End() is { } cut && cut.Range.From < gap.Range.From) gap = gap with { Range = new(cut.Range.From, gap.Range.To) };
            Add(gap);
        }
        else if (_outage.End(lost: 0) is { } cut) Add(cut with { Detail = cut.Detail + " Nothing was lost: the buffer of the source held everything." });
        var caughtUp = document.Header.NextSequence > document.Header.LastSequence;
        Take(step.Accepted, document, isLive: caughtUp && ++_partsSinceConnect > 1);
        return true;
    }

    public void Tell(string rule, string message)
    {
        var count = _health.Problem(rule, message);
        if (SourceHealthTracker.IsWorthALine(count)) MtConnectLog.Problem(_log, _settings.Source, rule, count, message);
    }

    public void Add(Gap gap)
    {
        _batch.Add(gap);
        MtConnectLog.Gap(_log, _settings.Source, gap.Cause, gap.Range.From, gap.Range.To, gap.Lost, gap.Detail);
    }

    /// <exception cref="MtConnectFault">The document is not of the kind asked for. OUT_OF_RANGE is noted in the session first.</exception>
    private void Refuse(MtDocument document, MtDocumentKind wanted)
    {
        if (document.Kind == wanted) return;
        if (document.Errors.Any(e => e.IsOutOfRange)) Session.OutOfRange();
        throw document.Errors.Count > 0
            ? new MtConnectFault(MtConnectRules.AgentError, $"'{_settings.Endpoint}' refused: {string.Join("; ", document.Errors.Select(e => $"{e.Code} {e.Text}"))}")
            : new MtConnectFault(MtConnectRules.XmlUnreadable, $"'{_settings.Endpoint}' sent a document of kind {document.Kind}, expected {wanted}.");
    }

    private void Take(List<MtObservation> accepted, MtDocument document, bool isLive)
    {
        var now = LastData = _factory.GetUtcNow();
        var receive = now.UtcTicks;
        int received = 0, rejected = 0, marks = 0;
        long newest = 0;
        var ours = Ours(document);
        foreach (ref readonly var o in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(accepted))
        {
            if (ours is not null && (o.Device < 0 || !ours[o.Device])) continue;
            if (!Signals.TrySample(o, receive, out var sample, out var repeated, out var holdsFrom))
            {
                received++;
                rejected++;
                continue;
            }
            if (!repeated)
            {
                received++;
                if (sample.SourceTicks > newest) newest = sample.SourceTicks;
                _batch.Add(sample);
            }
            if (holdsFrom == 0) continue;
            marks++;
            _batch.Add(sample with { SourceTicks = holdsFrom });
        }
        _health.Received(received, receive);
        if (rejected > 0) _health.Rejected(rejected);
        if (marks > 0) _health.Marked(marks);
        if (Session.Place is { } place) _batch.Place = place;
        if (isLive && newest > 0) Skew(newest, receive);
    }

    /// <summary>Which device streams belong to the connection; null when all do.</summary>
    private bool[]? Ours(MtDocument document) => document.DeviceStreams.Count <= 1 && !Session.SharesNumbers ? null
        : [.. document.DeviceStreams.Select(d => (_deviceUuid.Length > 0 && d.Uuid == _deviceUuid) || (d.Name == _deviceName && (d.Uuid.Length == 0 || _deviceUuid.Length == 0 || d.Uuid == _deviceUuid)))];

    private void Skew(long newest, long receive)
    {
        _skew.Observe(newest, receive);
        _health.Skew(_skew.Skew);
        Signals.IsUncertain = _skew.IsUncertain;
        if (_skew.IsTolerable) return;
        Tell(ConnectRules.ClockSkew, string.Create(CultureInfo.InvariantCulture,
            $"The clock of '{_settings.Endpoint}' is off by {_skew.Skew!.Value.TotalSeconds:0.0} s (tolerance {_skew.Tolerance.TotalSeconds:0.#} s). Set it by NTP; beyond {SkewEstimator.Limit.TotalMinutes:0} min samples are marked uncertain."));
    }
}
