namespace Ieum.Connect.OpcUa.Server;

/// <summary>A queue whose ends can be changed in place; takes memory only for what it once held.</summary>
internal sealed class ReportQueue
{
    private Report[] _ring = [];
    private int _head;

    public int Count { get; private set; }

    public ref Report First => ref _ring[_head];
    public ref Report Last => ref _ring[(_head + Count - 1) & (_ring.Length - 1)];

    public void Enqueue(in Report report)
    {
        if (Count == _ring.Length) Grow();
        _ring[(_head + Count++) & (_ring.Length - 1)] = report;
    }

    public Report Dequeue() => TryDequeue(out var report) ? report : throw new InvalidOperationException("The queue is empty.");

    public bool TryDequeue(out Report report)
    {
        if (Count == 0)
        {
            report = default;
            return false;
        }
        report = _ring[_head];
        _ring[_head] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        return true;
    }

    private void Grow()
    {
        var larger = new Report[Math.Max(1, _ring.Length * 2)];
        for (var i = 0; i < Count; i++) larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        (_ring, _head) = (larger, 0);
    }
}
