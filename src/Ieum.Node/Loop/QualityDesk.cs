using System.Collections.Immutable;
using System.Security.Cryptography;
using Ieum.Analyze;
using Ieum.Node.Store;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>Gauge files that were handed in, kept as documents; their values in memory.</summary>
internal sealed class QualityDesk(DocumentStore documents, QualityForecaster forecaster) : IQualityDesk, IDisposable
{
    private const string Index = "gauge/index";
    /// <summary>Values that are kept in reach; older files stay in the database.</summary>
    private const int Most = 500_000;
    private readonly SemaphoreSlim _adding = new(1, 1);
    private ImmutableDictionary<string, ImmutableArray<GaugeValue>> _values = ImmutableDictionary<string, ImmutableArray<GaugeValue>>.Empty;
    private ImmutableArray<string> _files = [];

    public event Action? Changed;

    public ImmutableArray<(string Characteristic, int Count)> Characteristics =>
        [.. _values.Select(v => (v.Key, v.Value.Length)).OrderBy(v => v.Key, StringComparer.Ordinal)];

    public ImmutableArray<GaugeValue> Values(string characteristic) => _values.GetValueOrDefault(characteristic, []);

    public Task<QualityForecast> ForecastAsync(string characteristic, Ieum.Model.MachineId machine, CancellationToken cancel) =>
        forecaster.ForecastAsync(characteristic, Values(characteristic), machine, cancel);

    public async Task LoadAsync(CancellationToken cancel)
    {
        _files = [.. await documents.FindAsync<string[]>(Index, cancel) ?? []];
        foreach (var file in _files)
            if (await documents.FindAsync<GaugeValue[]>(KeyOf(file), cancel) is { } values) Take(values);
    }

    public async Task<GaugeFile> AddAsync(ReadOnlyMemory<byte> bytes, string by, CancellationToken cancel)
    {
        var file = GaugeFile.Read(bytes.Span);
        if (file.Values.IsEmpty) return file;
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        await _adding.WaitAsync(cancel);
        try
        {
            if (_files.Contains(hash)) return file;
            await documents.SaveAsync(KeyOf(hash), file.Values.ToArray(), by, cancel);
            await documents.SaveAsync(Index, _files.Add(hash).ToArray(), by, cancel);
            _files = _files.Add(hash);
            Take(file.Values);
        }
        finally
        {
            _adding.Release();
        }
        Changed?.Invoke();
        return file;
    }

    /// <summary>Takes in what was measured at a machine; the same id twice counts once.</summary>
    public async Task AddMeasuredAsync(Guid id, ImmutableArray<GaugeValue> values, string by, CancellationToken cancel)
    {
        var key = id.ToString("N");
        await _adding.WaitAsync(cancel);
        try
        {
            if (_files.Contains(key)) return;
            await documents.SaveAsync(KeyOf(key), values.ToArray(), by, cancel);
            await documents.SaveAsync(Index, _files.Add(key).ToArray(), by, cancel);
            _files = _files.Add(key);
            Take(values);
        }
        finally
        {
            _adding.Release();
        }
        Changed?.Invoke();
    }

    private void Take(IReadOnlyList<GaugeValue> values)
    {
        if (_values.Values.Sum(v => v.Length) + values.Count > Most) return;
        var next = _values.ToBuilder();
        foreach (var g in values.GroupBy(v => v.Characteristic, StringComparer.Ordinal))
            next[g.Key] = next.GetValueOrDefault(g.Key, []).AddRange(g);
        _values = next.ToImmutable();
    }

    private static string KeyOf(string hash) => "gauge/" + hash;

    public void Dispose() => _adding.Dispose();
}
