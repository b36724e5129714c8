using Ieum.Model;

namespace Ieum.Record.Ingest;

/// <summary>The newest sample of every signal by source time; a late or historical one never replaces a newer.</summary>
internal sealed class LastValues
{
    private readonly Lock _gate = new();
    private Sample[] _samples = new Sample[256];   // SourceTicks 0: none yet
    // Place of a signal's newest sample in the batch that is looked at, plus one; and the signals that have one.
    private int[] _places = new int[256];
    private int[] _touched = new int[256];

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
        {
            // The newest of the batch first, then one copy a signal: the copies are what costs.
            var touched = 0;
            for (var i = 0; i < samples.Length; i++)
            {
                var number = samples[i].Signal.Value;
                if (number >= _places.Length) Grow(number);
                ref var place = ref _places[number];
                if (place == 0) _touched[touched++] = number;
                if (place == 0 || samples[i].SourceTicks >= samples[place - 1].SourceTicks) place = i + 1;
            }
            foreach (var number in _touched.AsSpan(0, touched))
            {
                ref readonly var sample = ref samples[_places[number] - 1];
                _places[number] = 0;
                if (sample.SourceTicks >= _samples[number].SourceTicks) _samples[number] = sample;
            }
        }
    }

    private void Grow(int number)
    {
        var size = Math.Max(number + 1, _samples.Length * 2);
        Array.Resize(ref _samples, size);
        Array.Resize(ref _places, size);
        Array.Resize(ref _touched, size);
    }
}
