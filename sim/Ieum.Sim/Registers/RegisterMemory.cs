using Ieum.Connect.Polling;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Play;

namespace Ieum.Sim.Registers;

/// <summary>The registers of one machine: what its feed says, coded; what clients read and write, counted.</summary>
/// <remarks>
/// Words 0 and up hold the items of the machine in their order, four unused words after every eighth. From
/// <see cref="Setpoints"/> on lie 32 words and, apart, 64 bits that clients may write. Everything else does not exist.
/// Safe for several threads.
/// </remarks>
internal sealed class RegisterMemory
{
    public const int Setpoints = 1000, SetpointWords = 32, Bits = 64;

    private readonly Lock _gate = new();
    private readonly RegisterOrder _wordOrder, _byteOrder, _textOrder;
    private readonly StateBoard<FeedLine> _state = new(l => l.Value);
    private readonly Dictionary<string, Cell> _byName = new(StringComparer.Ordinal);
    private readonly List<Cell> _cells = [];
    private readonly byte[] _words;
    private readonly bool[] _bits = new bool[Bits];
    private long _produced, _sent, _unseen, _ignored;

    public RegisterMemory(DeviceDescription device, RegisterOrder wordOrder = RegisterOrder.Abcd, RegisterOrder byteOrder = RegisterOrder.Abcd, bool textsAreSwapped = false)
    {
        (_wordOrder, _byteOrder, _textOrder) = (wordOrder, byteOrder, textsAreSwapped ? byteOrder ^ RegisterOrder.Badc : byteOrder);
        var at = 0;
        foreach (var item in device.Items)
        {
            var point = RegisterPoint.Of(item, at);
            if (at + point.Count > Setpoints) break;
            Put(new(point));
            at += point.Count + (_cells.Count % 8 == 0 ? 4 : 0);
        }
        Words = at;
        _words = new byte[2 * (Setpoints + SetpointWords)];
        Put(new(new("target_override", Setpoints, new(RegisterKind.Int16, 2), "P1", SignalRole.None, 0.1, new Dictionary<string, string>())));
        foreach (var cell in _cells) Code(cell, cell.Point.Start == Setpoints ? "100" : FeedLine.Unavailable);

        void Put(Cell cell)
        {
            _cells.Add(cell);
            _byName[cell.Point.Name] = cell;
        }
    }

    /// <summary>First word behind the items.</summary>
    public int Words { get; }

    /// <summary>What a connection reads, in order of address.</summary>
    public IReadOnlyList<RegisterPoint> Points => _cells.ConvertAll(c => c.Point);

    public OutletCounts Counts(long garbage) { lock (_gate) return new(_produced, _sent, _unseen, 0, garbage, _ignored); }

    public void Write(IReadOnlyList<FeedLine> lines)
    {
        lock (_gate)
        {
            foreach (var line in lines)
            {
                if (!_byName.TryGetValue(line.Item, out var cell)) { _ignored++; continue; }
                _state.Apply(line.Item, line);
                Code(cell, line.IsCondition ? Worst(line.Item) : line.Value);
            }
        }
    }

    /// <summary>Reads words, two bytes each, the more significant first; items that are read whole count as sent.</summary>
    /// <returns>False when one of them does not exist.</returns>
    public bool TryRead(int start, int count, Span<byte> into)
    {
        if (!Exists(start, count)) return false;
        lock (_gate)
        {
            _words.AsSpan(2 * start, 2 * count).CopyTo(into);
            foreach (var cell in _cells)
            {
                if (!cell.IsNew || cell.Point.Start < start || cell.Point.Start + cell.Point.Count > start + count) continue;
                var present = Present(cell);
                // Back at what was read last: the value between was never seen, and this one is no news.
                if (cell.Told is { } told && present.SequenceEqual(told)) _unseen++;
                else
                {
                    _sent++;
                    cell.Told = present.ToArray();
                }
                cell.IsNew = false;
            }
        }
        return true;
    }

    /// <summary>Writes words of the part that clients may write.</summary>
    public bool TryWrite(int start, ReadOnlySpan<byte> words)
    {
        if (start < Setpoints || start + words.Length / 2 > Setpoints + SetpointWords) return false;
        lock (_gate)
        {
            foreach (var cell in _cells)
            {
                if (cell.Point.Start < start || cell.Point.Start + cell.Point.Count > start + words.Length / 2) continue;
                if (!Present(cell).SequenceEqual(words.Slice(2 * (cell.Point.Start - start), 2 * cell.Point.Count))) Changed(cell);
            }
            words.CopyTo(_words.AsSpan(2 * start));
        }
        return true;
    }

    public bool TryReadBits(int start, int count, Span<bool> into)
    {
        if (start < 0 || start + count > Bits) return false;
        lock (_gate) _bits.AsSpan(start, count).CopyTo(into);
        return true;
    }

    public bool TryWriteBits(int start, ReadOnlySpan<bool> bits)
    {
        if (start < 0 || start + bits.Length > Bits) return false;
        lock (_gate) bits.CopyTo(_bits.AsSpan(start));
        return true;
    }

    private bool Exists(int start, int count) => count > 0 && start >= 0 &&
        (start + count <= Words || (start >= Setpoints && start + count <= Setpoints + SetpointWords));

    private Span<byte> Present(Cell cell) => _words.AsSpan(2 * cell.Point.Start, 2 * cell.Point.Count);

    private void Code(Cell cell, string value)
    {
        Span<byte> coded = stackalloc byte[2 * cell.Point.Count];
        if (!cell.Point.TryCode(value, _wordOrder, cell.Point.Type.Kind == RegisterKind.Text ? _textOrder : _byteOrder, coded)) _ignored++;
        var present = Present(cell);
        if (cell.WasCoded && coded.SequenceEqual(present)) return;
        cell.WasCoded = true;
        coded.CopyTo(present);
        Changed(cell);
    }

    private void Changed(Cell cell)
    {
        _produced++;
        if (cell.IsNew) _unseen++;
        cell.IsNew = true;
    }

    /// <summary>Registers have no list of alarms: the worst of the active ones stands for all.</summary>
    private string Worst(string item)
    {
        var level = _state.Of(item).Max(l => Conditions.Read(l.Value).Level);
        return level == ConditionLevel.Unavailable ? FeedLine.Unavailable : $"{level}||||";
    }

    /// <param name="point">Where and how.</param>
    private sealed class Cell(RegisterPoint point)
    {
        public RegisterPoint Point => point;
        public bool WasCoded { get; set; }
        /// <summary>Changed since it was read last.</summary>
        public bool IsNew { get; set; }
        public byte[]? Told { get; set; }
    }
}
