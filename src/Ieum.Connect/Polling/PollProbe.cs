using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>Looks at a device once, without keeping anything in the node: for tests of a connection, previews and browsing.</summary>
internal static class PollProbe
{
    /// <summary>Reads every point once.</summary>
    /// <param name="ask">What is read when the connection has no points yet.</param>
    /// <param name="who">Asks the device who it is before anything else: a name, nothing when it does not say, null when it does not answer at all.</param>
    public static async Task<ConnectionTest> TestAsync(ConnectionSettings settings, PollOptions options, IRegisterProtocol protocol, RegisterRequest ask, Clocks clocks, CancellationToken cancel,
        Func<RegisterLink, CancellationToken, ValueTask<string?>>? who = null)
    {
        var points = PollPoint.Read(settings, protocol, options);
        try
        {
            using var link = await RegisterLink.OpenAsync(options.Patient(settings), protocol, clocks.Wire, cancel).ConfigureAwait(false);
            var name = "";
            if (who is not null)
            {
                if (await who(link, cancel).ConfigureAwait(false) is not { } told) return Dumb(settings, RegisterAnswer.Silent, protocol);
                name = told.Length > 0 ? $"{told}. " : "";
            }
            if (points.Count == 0)
            {
                var answer = await link.AskAsync(ask, cancel).ConfigureAwait(false);
                return answer.Kind is AnswerKind.Silent or AnswerKind.Garbage ? Dumb(settings, answer, protocol)
                    : new(true, null, $"{name}A {settings.Protocol} device answers at '{settings.Endpoint}'{(answer.Refusal is { } r ? $" ({r.Message.TrimEnd('.')})" : "")}. Name the points to read.", []);
            }
            var test = await ReadAllAsync(settings, points, link, protocol, options, clocks, cancel).ConfigureAwait(false);
            return test with { Message = name + test.Message };
        }
        catch (OpeningRefused refused)
        {
            return new(false, refused.Rule, $"'{settings.Endpoint}': {refused.Message}", []);
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
        {
            var (broken, said) = Reach.Of(settings.Endpoint, fault);
            return new(false, broken, said, []);
        }
    }

    private static async Task<ConnectionTest> ReadAllAsync(
        ConnectionSettings settings, List<PollPoint> points, RegisterLink link, IRegisterProtocol protocol, PollOptions options, Clocks clocks, CancellationToken cancel)
    {
        var seen = new Preview();
        var session = new PollSession(points.Select((p, i) => new PolledPoint(p, new(i + 1))), protocol, options, seen);
        session.Connected(TimeSpan.Zero);
        // The session's clock stands still, so each point is due once: what was read, refused or silent waits for a later time.
        while (session.Take(TimeSpan.Zero, out _) is { } block)
        {
            var answer = await link.AskAsync(block.Request, cancel).ConfigureAwait(false);
            if (answer.Kind == AnswerKind.Garbage) return Dumb(settings, answer, protocol);
            session.Answer(block, answer, TimeSpan.Zero, clocks.Factory.GetUtcNow().UtcTicks);
            if (answer.Kind == AnswerKind.Silent && session.IsLinkDead) break;
        }
        var signals = points.Select(p => p.SignalOf(settings.Machine)).Take(500).ToList();
        var values = string.Join(", ", points.Select((p, i) => seen.Values.TryGetValue(i + 1, out var v) ? $"{p.Settings.Name} = {v}" : null).OfType<string>().Take(20));
        if (seen.Values.Count == 0) return new(false, seen.Rule ?? PollRules.DeviceSilent, seen.Message ?? $"'{settings.Endpoint}' does not answer.", []);
        return new(seen.Rule is null, seen.Rule, string.Create(CultureInfo.InvariantCulture,
            $"{seen.Values.Count} of {points.Count} points in {session.Blocks} reads: {values}.{(seen.Message is { } m ? " " + m : "")}"), signals);
    }

    private static ConnectionTest Dumb(ConnectionSettings settings, in RegisterAnswer answer, IRegisterProtocol protocol) => answer.Kind == AnswerKind.Silent
        ? protocol.NeverAnswered is { } why ? new(false, why.Rule, $"'{settings.Endpoint}' {why.Message}", []) : new(false, PollRules.DeviceSilent, $"'{settings.Endpoint}' took the connection but does not answer. Check the unit number, the framing, and that no other client holds the device.", [])
        : new(false, PollRules.NotTheProtocol, $"'{settings.Endpoint}' answered with bytes that are not {settings.Protocol}. Check port and framing.", []);

    /// <summary>The cells of one area that can be read, from <paramref name="start"/> on, with their present values; refused stretches are halved down to single cells.</summary>
    public static async Task<BrowseAnswer> ReadAroundAsync(
        RegisterLink link, IRegisterProtocol protocol, RegisterArea area, int start, int count, string endpoint, CancellationToken cancel)
    {
        var items = ImmutableArray.CreateBuilder<BrowseItem>();
        var todo = new Stack<(int Start, int Count)>();
        for (var at = start + count; at > start;)
        {
            var size = Math.Min(Math.Min(at - start, protocol.MostCells(area, write: false)), 64);
            todo.Push((at -= size, size));
        }
        Refusal? last = null;
        while (todo.TryPop(out var part))
        {
            var answer = await link.AskAsync(new(area, part.Start, part.Count), cancel).ConfigureAwait(false);
            if (answer.Kind is AnswerKind.Silent or AnswerKind.Garbage)
                return new(false, answer.Kind == AnswerKind.Silent ? PollRules.DeviceSilent : PollRules.NotTheProtocol, $"'{endpoint}' does not answer as it should.", items.ToImmutable());
            if (answer.Kind == AnswerKind.Done)
                for (var i = 0; i < part.Count; i++) items.Add(Item(part.Start + i, answer.Data.Span.Slice(i * area.CellBytes, area.CellBytes)));
            else if ((last = answer.Refusal!).Scope != RefusalScope.Cell) break;
            else if (part.Count > 1)
            {
                todo.Push((part.Start + part.Count / 2, part.Count - part.Count / 2));
                todo.Push((part.Start, part.Count / 2));
            }
        }
        return items.Count == 0 && last is not null
            ? new(false, last.Rule, last.Message, [])
            : new(true, null, string.Create(CultureInfo.InvariantCulture, $"{items.Count} of {count} can be read."), items.ToImmutable());

        BrowseItem Item(int cell, ReadOnlySpan<byte> bytes)
        {
            var address = protocol.AddressOf(area, cell);
            var value = area.Cell == CellSize.Word ? (bytes[0] << 8 | bytes[1]) : bytes[0];
            var type = area.Cell switch { CellSize.Bit => "bool", CellSize.Byte => "uint8", _ => "uint16" };
            return new(address, address, false, new(address, address) { Type = type }, null, value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private sealed class Preview : IPollEffects
    {
        public Dictionary<int, SampleValue> Values { get; } = [];
        public string? Rule { get; private set; }
        public string? Message { get; private set; }

        public void Sample(SignalNumber signal, in SampleValue value, Quality quality, long receiveTicks, bool isMark)
        {
            if (!isMark) Values[signal.Value] = value;
        }

        public void Problem(string rule, string message) => (Rule, Message) = (Rule ?? rule, Message ?? message);
        public void DeviceGap(long fromTicks, long toTicks, string detail) { }
    }
}
