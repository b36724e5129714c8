using System.Collections.Frozen;
using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Polling;

/// <summary>Writes registers over the connection that also reads them. Only the guarded write-back of Act calls it.</summary>
internal sealed class PolledWriter(ConnectionSettings settings, IEnumerable<PolledPoint> points, IRegisterProtocol protocol, Clocks clocks, ILogger log) : IMachineWriter
{
    /// <summary>How long a write waits for a connection: a redial takes milliseconds, an outage is told at once to the one who waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly FrozenDictionary<string, PolledPoint> _points = points.ToFrozenDictionary(p => p.Point.Settings.Name, StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private RegisterLink? _link;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The connection of the moment; set by the source.</summary>
    public RegisterLink? Link
    {
        set
        {
            lock (_gate)
            {
                _link = value;
                if (value is not null) _arrived.TrySetResult();
                else if (_arrived.Task.IsCompleted) _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public async Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, CancellationToken cancel)
    {
        if (Find(signal) is not { } point) return new(false, PollRules.WriteUnknownSignal, $"'{signal}' is no point of this connection.");
        var p = point.Point;
        if (protocol.ReadOnly(p.Area) is { } readOnly) return new(false, readOnly.Rule, readOnly.Message);
        var cells = new byte[p.Count * p.Area.CellBytes];
        var raw = p.RawOf(value);
        var isBitOfWord = p.Type.Kind == RegisterKind.Bool && p.Bit >= 0 && p.Area.Cell != CellSize.Bit;
        if (isBitOfWord ? raw.Kind is not (ValueKind.Boolean or ValueKind.Integer or ValueKind.Real) || raw.Number is not (0 or 1) : !p.TryCells(value, cells))
            return new(false, PollRules.WriteDoesNotFit, $"'{value}' does not fit {p.Type} at {p.Settings.Address} after scaling back; nothing was written.");
        if (p.Count > protocol.MostCells(p.Area, write: true))
            return new(false, PollRules.WriteDoesNotFit, FormattableString.Invariant($"{p.Type} at {p.Settings.Address} needs {p.Count} registers; one write takes at most {protocol.MostCells(p.Area, true)}."));
        try
        {
            if (await HoldAsync(cancel).ConfigureAwait(false) is not var (link, hold))
                return new(false, PollRules.NotConnected, $"'{settings.Endpoint}' is not connected now; nothing was written.");
            using (hold)
            {
                if (isBitOfWord)
                {
                    // The other bits of the word must survive; nobody else writes over this connection meanwhile.
                    var before = await link.AskHeldAsync(new(p.Area, p.Start, p.Count), cancel).ConfigureAwait(false);
                    if (before.Kind != AnswerKind.Done) return Failed(before);
                    before.Data.CopyTo(cells);
                    RegisterCodec.SetBit(cells, p.Order, p.Bit, raw.Number == 1);
                }
                var answer = await link.AskHeldAsync(new(p.Area, p.Start, p.Count, cells), cancel).ConfigureAwait(false);
                if (answer.Kind != AnswerKind.Done) return Failed(answer);
            }
            var told = $"{p.Settings.Address} took {Convert.ToHexString(cells)}.";
            PollLog.Wrote(log, settings.Source, signal, told);
            return new(true, null, told);
        }
        catch (Exception fault) when (fault is SocketException or IOException or ObjectDisposedException)
        {
            return new(false, ConnectRules.Unreachable, $"The connection broke while writing; whether the device took the value is not known: {fault.Message}");
        }
    }

    public async Task<Sample?> ReadBackAsync(SignalId signal, CancellationToken cancel)
    {
        if (Find(signal) is not { } point) return null;
        var p = point.Point;
        try
        {
            if (await HoldAsync(cancel).ConfigureAwait(false) is not var (link, hold)) return null;
            using (hold)
            {
                var answer = await link.AskHeldAsync(new(p.Area, p.Start, p.Count), cancel).ConfigureAwait(false);
                if (answer.Kind != AnswerKind.Done) return null;
                p.TryValue(answer.Data.Span, out var value, out var quality);
                var ticks = clocks.Factory.GetUtcNow().UtcTicks;
                return new(point.Number, ticks, ticks, value, quality);
            }
        }
        catch (Exception fault) when (fault is SocketException or IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>The connection, for oneself; waits a moment for one that is just being made anew. Null when there is none.</summary>
    private async Task<(RegisterLink Link, IDisposable Hold)?> HoldAsync(CancellationToken cancel)
    {
        for (var began = clocks.Wire.GetTimestamp(); clocks.Wire.GetElapsedTime(began) < Patience;)
        {
            RegisterLink? link;
            Task arrived;
            lock (_gate) (link, arrived) = (_link, _arrived.Task);
            if (link is null)
            {
                try { await arrived.WaitAsync(Patience, clocks.Wire, cancel).ConfigureAwait(false); }
                catch (TimeoutException) { return null; }
                continue;
            }
            var hold = await link.HoldAsync(cancel).ConfigureAwait(false);
            if (link.IsUsable) return (link, hold);
            hold.Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(1), clocks.Wire, cancel).ConfigureAwait(false);
        }
        return null;
    }

    private PolledPoint? Find(SignalId signal) => signal.Machine == settings.Machine && _points.TryGetValue(signal.Name, out var p) ? p : null;

    private WriteAnswer Failed(in RegisterAnswer answer) => answer switch
    {
        { Refusal: { } refusal } => new(false, refusal.Rule, refusal.Message),
        { Kind: AnswerKind.Silent } => new(false, PollRules.DeviceSilent, "The device did not answer; whether it took the value is not known. Read it back."),
        _ => new(false, PollRules.NotTheProtocol, $"'{settings.Endpoint}' answered with bytes that are not {settings.Protocol}."),
    };
}
