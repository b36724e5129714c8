using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.MtConnect;

/// <summary>Reads one device of an MTConnect agent, for ever: probe, current, then the stream of samples, each from where it stopped.</summary>
internal sealed class MtConnectSource(ConnectionSettings settings, MtConnectOptions options, ISignalDirectory signals, IPlaces? places, Clocks clocks, ILogger log) : IMachineSource
{
    /// <summary>A document that cannot be read at the same number for so long, asked for this often, will not become readable; the buffer must not run over meanwhile.</summary>
    private const int UnreadableTries = 3;
    private static readonly TimeSpan UnreadableTime = TimeSpan.FromSeconds(30);

    private readonly SourceHealthTracker _health = new(clocks.Factory);
    private readonly MtDecoder _decoder = new();
    private readonly ReconnectPolicy _policy = new(clocks.Wire);
    private int _unreadable;
    private long _unreadableSince;
    private MtIntake? _intake;

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;
    public bool Resumes => true;

    internal MtSession? Session => _intake?.Session;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var outage = new Outage(settings, clocks.Factory);
        var intake = _intake = new(settings, options, signals, _health, batch, outage, clocks.Factory, log);
        if (places?.Find(settings.Source) is { } mark) intake.Resume(mark);
        using var client = new MtClient(options, clocks.Wire);
        try
        {
            while (true)
            {
                if (outage.HasBegun && _health.Link != LinkState.Refused) _health.SetLink(LinkState.Disconnected);
                var reason = await RoundAsync(client, intake, batch, cancel).ConfigureAwait(false);
                if (reason is { } lost)
                {
                    outage.Begin(lost);
                    _health.SetLink(lost.Link);
                }
                await batch.FlushAsync(cancel).ConfigureAwait(false);
                // A restart or an overrun is answered at once: every tenth of a second lets the buffer move on.
                if (reason is not null) await _policy.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            if (outage.End() is { } gap) intake.Add(gap);
            _health.SetLink(LinkState.Disconnected);
            await batch.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <returns>Null when the next round shall begin at once; else why the connection was lost.</returns>
    private async Task<OutageReason?> RoundAsync(MtClient client, MtIntake intake, SampleBatcher batch, CancellationToken cancel)
    {
        try
        {
            intake.Connected();
            await SynchronizeAsync(client, intake, cancel).ConfigureAwait(false);
            await batch.FlushAsync(cancel).ConfigureAwait(false);
            var link = new MtStream(options, clocks, client, intake, batch) { Decode = Decode, Alive = Alive };
            return await link.ReadAsync(cancel).ConfigureAwait(false) is { } ended ? Lost(LinkState.Disconnected, intake, ended) : null;
        }
        catch (MtConnectFault fault) when (intake.Session.Needs is MtResync.Overrun or MtResync.Restart && fault.Rule == MtConnectRules.AgentError && _policy.Failures < 20)
        {
            // The chase after a moving buffer: each round leaves a larger margin, so it ends; the count guards against an agent that never agrees.
            _policy.Next();
            return null;
        }
        catch (MtConnectFault fault)
        {
            intake.Tell(fault.Rule, fault.Message);
            var link = fault.Rule switch
            {
                MtConnectRules.Silent => LinkState.Silent,
                MtConnectRules.DeviceUnknown or MtConnectRules.HttpStatus or MtConnectRules.AgentError => LinkState.Refused,
                _ => LinkState.Disconnected,
            };
            if (fault.Rule == MtConnectRules.XmlUnreadable && _unreadable++ == 0) _unreadableSince = clocks.Wire.GetTimestamp();
            if (_unreadable >= UnreadableTries && clocks.Wire.GetElapsedTime(_unreadableSince) >= UnreadableTime)
            {
                intake.Session.Skip();
                _unreadable = 0;
            }
            return Lost(link, intake, fault.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException)
        {
            if (_policy.Failures <= 1) intake.Tell(ConnectRules.Unreachable, $"'{settings.Endpoint}' cannot be reached: {fault.Message} Check power, cable, address and port.");
            return Lost(LinkState.Disconnected, intake, fault.Message);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A fault of our own must not silence a machine for ever; it is told and the source starts again.
            intake.Tell(ConnectRules.Unexpected, $"'{settings.Endpoint}': {fault.GetType().Name}: {fault.Message}");
            MtConnectLog.Unexpected(log, settings.Source, fault);
            return Lost(LinkState.Disconnected, intake, fault.Message);
        }
    }

    /// <summary>Probe and current, as far as the session needs them.</summary>
    private async Task SynchronizeAsync(MtClient client, MtIntake intake, CancellationToken cancel)
    {
        if (!intake.IsProbed || intake.Session.Needs is MtResync.Start or MtResync.Restart)
        {
            var device = intake.Probe(Decode(await client.ProbeAsync(cancel).ConfigureAwait(false), keep: true));
            intake.Current(Decode(await client.CurrentAsync(cancel).ConfigureAwait(false), keep: true));
            MtConnectLog.Reading(log, settings.Source, device.Name, settings.Endpoint, intake.Session.InstanceId, intake.Session.ResumeAt);
        }
        else if (intake.Session.Needs != MtResync.None) intake.Current(Decode(await client.CurrentAsync(cancel).ConfigureAwait(false), keep: true));
    }

    private MtDocument Decode(ReadOnlyMemory<byte> bytes) => Decode(bytes, keep: false);

    /// <param name="keep">Documents of probe and current do not count towards leaving a sample document out.</param>
    private MtDocument Decode(ReadOnlyMemory<byte> bytes, bool keep)
    {
        if (_decoder.TryDecode(bytes, out var document, out var reason))
        {
            if (!keep) _unreadable = 0;
            return document;
        }
        if (keep) _unreadable = 0;
        throw new MtConnectFault(MtConnectRules.XmlUnreadable, $"'{settings.Endpoint}' sent a document that cannot be read: {reason} It is asked for again.");
    }

    private void Alive()
    {
        _policy.Succeeded();
        _health.SetLink(LinkState.Connected);
    }

    private OutageReason Lost(LinkState link, MtIntake intake, string detail)
    {
        if (_policy.Failures == 0) MtConnectLog.Lost(log, settings.Source, settings.Endpoint, detail);
        return new(link, intake.LastData, detail);
    }
}
