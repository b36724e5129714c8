using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>Writes metrics by NCMD and DCMD. Only the guarded write-back of Act calls it.</summary>
/// <remarks>
/// A command has no answer of its own; the receipt is the next value the machine tells. One that stays silent is asked for its
/// births after a moment: an edge node that reports by exception says nothing when the value was there already.
/// </remarks>
internal sealed class SparkplugWriter(ConnectionSettings connection, ISignalDirectory signals, Clocks clocks) : IMachineWriter
{
    /// <summary>How long a machine may be silent after a command before it is asked for its births.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<SignalNumber, Task> _awaited = [];
    private (SparkplugHost Host, SparkplugLane Lane)? _way;

    /// <summary>The host and lane of the moment; set by the source.</summary>
    public void Use(SparkplugHost? host, SparkplugLane? lane)
    {
        lock (_gate)
        {
            _way = host is null || lane is null ? null : (host, lane);
            _awaited.Clear();
        }
    }

    public async Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, CancellationToken cancel)
    {
        if (Number(signal) is not { } number) return new(false, SparkplugRules.WriteUnknown, $"'{signal}' is no metric of the connection '{connection.Source}'; nothing was written.");
        if (Way is not var (host, lane)) return new(false, SparkplugRules.WriteNotBorn, $"'{connection.Endpoint}' is not connected now; nothing was written.");
        var ask = new SparkplugAsk.Write(lane, number, value);
        // Before it is sent: the answer may be faster than we are.
        lock (_gate) _awaited[number] = lane.NextOf(number);
        await host.AskAsync(ask, cancel).ConfigureAwait(false);
        var answer = await ask.Answer.Task.WaitAsync(cancel).ConfigureAwait(false);
        if (!answer.Done) lock (_gate) _awaited.Remove(number);
        return answer;
    }

    public async Task<Sample?> ReadBackAsync(SignalId signal, CancellationToken cancel)
    {
        if (Number(signal) is not { } number || Way is not var (host, lane)) return null;
        Task? told;
        lock (_gate) _awaited.Remove(number, out told);
        if (told is not null)
        {
            try
            {
                await told.WaitAsync(Patience, clocks.Wire, cancel).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await host.AskAsync(new SparkplugAsk.Births(lane, number), cancel).ConfigureAwait(false);
                await told.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        var look = new SparkplugAsk.Look(lane, number);
        await host.AskAsync(look, cancel).ConfigureAwait(false);
        return await look.Answer.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    private (SparkplugHost Host, SparkplugLane Lane)? Way { get { lock (_gate) return _way; } }

    private SignalNumber? Number(SignalId signal) => signal.Machine == connection.Machine ? signals.Find(signal) : null;
}
