using System.Runtime.CompilerServices;
using Ieum.Model;

namespace Ieum.Record.Blocks;

/// <summary>Samples as columns: 26 bytes a sample instead of 40, and what queries need lies side by side.</summary>
internal sealed class SampleColumns
{
    public long[] Source = [], Receive = [], Bits = [];
    public byte[] Kind = [], Quality = [];
    /// <summary>Only there when the samples came from more than one signal (tail rows).</summary>
    public int[]? Signal;
    /// <summary>Only there when a sample is a text.</summary>
    public string?[]? Text;

    public int Count { get; set; }

    public void Clear()
    {
        Count = 0;
        Text = null;
        Signal = null;
    }

    public void Add(in Sample sample)
    {
        EnsureCapacity(Count + 1);
        Put(Count++, sample);
    }

    /// <summary>Writes over what stands at a place; the room is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int i, in Sample sample)
    {
        Source[i] = sample.SourceTicks;
        Receive[i] = sample.ReceiveTicks;
        Bits[i] = sample.Value.Bits;
        Kind[i] = (byte)sample.Value.Kind;
        Quality[i] = (byte)sample.Quality;
        SetText(i, sample.Value.Text);
    }

    public void Add(SampleColumns from, int i)
    {
        EnsureCapacity(Count + 1);
        var at = Count++;
        Source[at] = from.Source[i];
        Receive[at] = from.Receive[i];
        Bits[at] = from.Bits[i];
        Kind[at] = from.Kind[i];
        Quality[at] = from.Quality[i];
        SetText(at, from.Text?[i]);
    }

    public void AddRange(SampleColumns from, int start, int count)
    {
        EnsureCapacity(Count + count);
        CopyOver(from, start, Count, count);
        Count += count;
    }

    /// <summary>Copies samples over those that stand at <paramref name="to"/>; from itself too. The room is there.</summary>
    public void CopyOver(SampleColumns from, int start, int to, int count)
    {
        Array.Copy(from.Source, start, Source, to, count);
        Array.Copy(from.Receive, start, Receive, to, count);
        Array.Copy(from.Bits, start, Bits, to, count);
        Array.Copy(from.Kind, start, Kind, to, count);
        Array.Copy(from.Quality, start, Quality, to, count);
        CopyTexts(from, start, to, count);
    }

    private void CopyTexts(SampleColumns from, int start, int to, int count)
    {
        if (Text is null && (from.Text is null || !from.Kind.AsSpan(start, count).Contains((byte)ValueKind.Text))) return;
        for (var i = 0; i < count; i++) SetText(to + i, from.Text?[start + i]);
    }

    /// <summary>Gives room back when three quarters of more than <paramref name="small"/> places are empty.</summary>
    public void Shrink(int small)
    {
        if (Source.Length <= small || Count > Source.Length / 4) return;
        var size = Math.Max(16, Count + Count / 2);
        Array.Resize(ref Source, size);
        Array.Resize(ref Receive, size);
        Array.Resize(ref Bits, size);
        Array.Resize(ref Kind, size);
        Array.Resize(ref Quality, size);
        if (Text is not null) Array.Resize(ref Text, size);
    }

    public SampleValue Value(int i) => SampleValue.FromBits((ValueKind)Kind[i], Bits[i], Text?[i]);

    public Sample At(SignalNumber signal, int i) => new(signal, Source[i], Receive[i], Value(i), (Quality)Quality[i]);

    public bool IsSorted()
    {
        var source = Source.AsSpan(0, Count);
        for (var i = 1; i < source.Length; i++)
            if (source[i] < source[i - 1]) return false;
        return true;
    }

    /// <summary>By source time; samples of the same time stay in order of arrival.</summary>
    public SampleColumns Sorted()
    {
        if (IsSorted()) return this;
        var order = new (long Time, int Index)[Count];
        for (var i = 0; i < order.Length; i++) order[i] = (Source[i], i);
        Array.Sort(order);
        var sorted = new SampleColumns();
        sorted.EnsureCapacity(Count);
        foreach (var (_, i) in order) sorted.Add(this, i);
        return sorted;
    }

    /// <summary>Index of the first sample at or after <paramref name="ticks"/>; the samples must be sorted.</summary>
    public int FirstAtOrAfter(long ticks)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Source[middle] < ticks) low = middle + 1; else high = middle;
        }
        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity(int count)
    {
        if (count > Source.Length) Grow(count);
    }

    /// <summary>Room for a text in every place; the caller fills all that count.</summary>
    internal string?[] AllTexts()
    {
        if (Text is null || Text.Length < Source.Length) Text = new string?[Source.Length];
        return Text;
    }

    /// <summary>Also takes away what stood there before: places are used again.</summary>
    internal void SetText(int i, string? text)
    {
        if (text is null && (Text is null || i >= Text.Length)) return;
        if (Text is null || Text.Length < Source.Length)
        {
            var texts = new string?[Source.Length];
            Text?.CopyTo(texts, 0);
            Text = texts;
        }
        Text[i] = text;
    }

    private void Grow(int count)
    {
        // By half, not double: with thousands of open signals the spare room is the larger part of the memory.
        var size = Math.Max(Math.Max(16, count), Source.Length + Source.Length / 2);
        Array.Resize(ref Source, size);
        Array.Resize(ref Receive, size);
        Array.Resize(ref Bits, size);
        Array.Resize(ref Kind, size);
        Array.Resize(ref Quality, size);
        if (Text is not null) Array.Resize(ref Text, size);
        if (Signal is not null && Signal.Length < size) Array.Resize(ref Signal, size);
    }
}
