using Ieum.Model;

namespace Ieum.Record.Ingest;

/// <summary>The newest sample of every signal by source time; a late or historical one never replaces a newer.</summary>
internal sealed class LastValues
{
    private readonly Lock _gate = new();
    private Sample[] _samples = new Sample[256];   // SourceTicks 0: none yet

    public Sample? Of(SignalNumber signal)
    {
        lock (_gate)
            return signal.Value >= 1 && signal.Value < _samples.Length && _samples[signal.Value].SourceTicks != 0 ? _samples[signal.Value] : null;
    }

    /// <summary>After a deletion: what is the newest now, if anything is left.</summary>
    public void Set(SignalNumber signal, Sample? newest)
    {
        lock (_gate)
            if (signal.Value < _samples.Length) _samples[signal.Value] = newest ?? default;
    }

    public void Offer(ReadOnlySpan<Sample> samples)
    {
        lock (_gate)
            foreach (ref readonly var sample in samples) Offer(sample);
    }

    private void Offer(in Sample sample)
    {
        var number = sample.Signal.Value;
        if (number >= _samples.Length) Array.Resize(ref _samples, Math.Max(number + 1, _samples.Length * 2));
        if (sample.SourceTicks >= _samples[number].SourceTicks) _samples[number] = sample;
    }
}
