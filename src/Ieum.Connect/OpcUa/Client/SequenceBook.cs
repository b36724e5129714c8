namespace Ieum.Connect.OpcUa.Client;

/// <summary>
/// Keeps account of the notification messages of one subscription (Part 4, 5.13.1.1 and 5.13.5): which came, which are
/// missing, which are to be acknowledged. Pure and bounded.
/// </summary>
/// <remarks>Sequence numbers run from 1 to 2³²−1 and begin again at 1; 0 is never used. A keep-alive names the number of the next message and does not use it up.</remarks>
internal sealed class SequenceBook
{
    /// <summary>More missing messages than this are not asked for one by one: no server keeps so many.</summary>
    public const int MostMissing = 1000;

    private readonly SortedSet<uint> _missing = [];
    private readonly List<uint> _toAcknowledge = [];
    private uint _next;
    private bool _isNew;

    /// <summary>The number of the last message that came; 0 before the first.</summary>
    public uint Last { get; private set; }

    public IReadOnlyCollection<uint> Missing => _missing;
    public bool HasMissing => _missing.Count > 0;

    /// <summary>Messages that are missing but too many to ask for; told once by <see cref="TakeHopeless"/>.</summary>
    private long _hopeless;

    /// <summary>Of the first message more than this is not missing: such a server counts from a number of its own.</summary>
    public const int MostBeforeFirst = 100;

    /// <summary>Takes in a message with notifications.</summary>
    /// <returns>False when it was taken before: its values are doubles.</returns>
    public bool Take(uint number)
    {
        if (number == 0) return true;
        if (_missing.Remove(number))
        {
            Acknowledge(number);
            return true;
        }
        if (_next != 0 && number != _next)
        {
            // Half of the range lies ahead, half behind: the usual order of numbers that wrap.
            var ahead = Distance(_next, number);
            if (ahead > uint.MaxValue / 2)
            {
                Acknowledge(number);
                return false;
            }
            if (!_isNew || ahead <= MostBeforeFirst) Miss(_next, ahead);
        }
        Acknowledge(number);
        _isNew = false;
        Last = number;
        _next = After(number);
        return true;
    }

    /// <summary>Takes in a keep-alive: every message before <paramref name="next"/> should have come.</summary>
    public void TakeKeepAlive(uint next)
    {
        if (next == 0) return;
        if (_next != 0 && next != _next)
        {
            var ahead = Distance(_next, next);
            if (ahead > uint.MaxValue / 2) return;
            if (!_isNew || ahead <= MostBeforeFirst) Miss(_next, ahead);
        }
        (_next, _isNew) = (next, false);
    }

    /// <summary>After a transfer or reactivation: what the server still holds and we never saw.</summary>
    public IEnumerable<uint> Unseen(IEnumerable<uint> available)
    {
        foreach (var number in available)
        {
            var isNew = _next == 0 || Distance(_next, number) <= uint.MaxValue / 2;
            if (isNew || _missing.Contains(number)) yield return number;
        }
    }

    /// <summary>After a transfer: what the server holds and we never saw counts as missing, to be asked for.</summary>
    public void Expect(IEnumerable<uint> available)
    {
        foreach (var number in Unseen(available).ToArray())
        {
            if (_missing.Count >= MostMissing) return;
            _missing.Add(number);
            if (_next == 0 || Distance(_next, number) <= uint.MaxValue / 2) _next = After(number);
        }
    }

    /// <summary>Whether a message before <paramref name="number"/> is missing, so that its values would come too early.</summary>
    public bool IsAhead(uint number)
    {
        foreach (var missing in _missing)
            if (IsBefore(missing, number)) return true;
        return false;
    }

    /// <summary>Half of the circle lies before a number, half behind.</summary>
    public static bool IsBefore(uint number, uint other) => number != other && Distance(number, other) <= uint.MaxValue / 2;

    /// <summary>The server does not hold the message any more.</summary>
    public void GiveUp(uint number) => _missing.Remove(number);

    /// <summary>The numbers to acknowledge with the next publish request; the book forgets them.</summary>
    public uint[] TakeAcknowledgements()
    {
        if (_toAcknowledge.Count == 0) return [];
        var numbers = _toAcknowledge.ToArray();
        _toAcknowledge.Clear();
        return numbers;
    }

    /// <summary>How many messages were missing beyond <see cref="MostMissing"/> since the last call.</summary>
    public long TakeHopeless()
    {
        var count = _hopeless;
        _hopeless = 0;
        return count;
    }

    /// <summary>A request with these acknowledgements never reached the server; they are sent again.</summary>
    public void AcknowledgeAgain(ReadOnlySpan<uint> numbers)
    {
        foreach (var n in numbers) Acknowledge(n);
    }

    /// <summary>A new subscription: its first message has the number 1 (Part 4, 5.14.1.1), so one that overtook it shows that it is missing.</summary>
    public void Reset()
    {
        _missing.Clear();
        _toAcknowledge.Clear();
        (_next, Last, _hopeless, _isNew) = (1, 0, 0, true);
    }

    private void Miss(uint from, uint count)
    {
        var room = (uint)Math.Max(0, MostMissing - _missing.Count);
        if (count > room)
        {
            _hopeless += count - room;
            (from, count) = (Step(from, count - room), room);
        }
        for (; count > 0; count--, from = After(from)) _missing.Add(from);
    }

    private void Acknowledge(uint number)
    {
        if (_toAcknowledge.Count < 10_000) _toAcknowledge.Add(number);
    }

    internal static uint After(uint number) => Step(number, 1);

    /// <summary>A circle of 2³²−1 numbers without 0.</summary>
    private static uint Step(uint from, uint steps) => (uint)((from - 1UL + steps) % uint.MaxValue + 1);

    private static uint Distance(uint from, uint to) => to >= from ? to - from : uint.MaxValue - from + to;
}
