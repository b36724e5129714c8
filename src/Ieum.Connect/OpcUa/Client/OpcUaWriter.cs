using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Writes points over the session that also reads them. Only the guarded write-back of Act calls it.</summary>
internal sealed class OpcUaWriter(ConnectionSettings settings, TimeProvider factory) : IMachineWriter
{
    private volatile OpcUaSession? _session;
    private volatile IReadOnlyList<OpcPoint> _points = [];

    /// <summary>The session and the points of the moment; set by the source.</summary>
    public void Use(OpcUaSession? session, IReadOnlyList<OpcPoint> points) => (_session, _points) = (session, points);

    public async Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, CancellationToken cancel)
    {
        if (Find(signal) is not { } point) return No($"'{signal}' is no point of the connection '{settings.Source}', or a part of an array or structure, which cannot be written alone.");
        if (_session is not { } session || point.Node is not { } node) return No($"'{settings.Endpoint}' is not connected now, or does not know '{point.Settings.Address}'; nothing was written.");
        try
        {
            // The type of the present value decides: servers refuse a value of another type (Part 4, 5.11.4), and data types may be vendors' own.
            var present = (await session.ReadAsync([node], AttributeIds.Value, cancel).ConfigureAwait(false))[0];
            if (present.Value.IsArray) return No($"'{point.Settings.Address}' is an array; single values cannot be written to it.");
            var type = present.Value.IsNull ? TypeOf(point.DataType) : present.Value.Type;
            if (!TryRaw(point, value, type, out var raw)) return No($"'{value}' is none of the words of '{signal}'.");
            var variant = OpcValues.Encoded(raw, type, out var why);
            if (why is not null) return No($"{why}. Nothing was written to '{point.Settings.Address}'.");
            // Value alone: many servers refuse a write that sets status or times as well (BadWriteNotSupported).
            var status = (await session.WriteAsync([new WriteValue { NodeId = node, AttributeId = AttributeIds.Value, Value = new(variant) }], cancel).ConfigureAwait(false))[0];
            return status.IsBad
                ? No($"'{settings.Endpoint}' refused {raw} for '{point.Settings.Address}' with {status}.")
                : new(true, null, $"'{settings.Endpoint}' took {raw} ({type}) for '{point.Settings.Address}': {status}.");
        }
        catch (OpcUaException fault)
        {
            return No($"'{settings.Endpoint}': {fault.Status}: {fault.Message} Whether the value was taken is not known.");
        }
    }

    public async Task<Sample?> ReadBackAsync(SignalId signal, CancellationToken cancel)
    {
        if (Find(signal) is not { } point || _session is not { } session || point.Node is not { } node) return null;
        try
        {
            var value = (await session.ReadAsync([node], AttributeIds.Value, cancel).ConfigureAwait(false))[0];
            if (!OpcValues.TryScalar(value.Value, out var raw)) return null;
            var now = factory.GetUtcNow().UtcTicks;
            var ticks = value.SourceTimestamp.IsNone ? value.ServerTimestamp.IsNone ? now : value.ServerTimestamp.UtcTicks : value.SourceTimestamp.UtcTicks;
            return new(point.Whole.Number, ticks, now, OpcIntake.ValueOf(point, raw), OpcValues.QualityOf(value));
        }
        catch (OpcUaException)
        {
            return null;
        }
    }

    /// <summary>Back through words, offset and scale to what the node holds.</summary>
    internal static bool TryRaw(OpcPoint point, SampleValue value, BuiltInType type, out SampleValue raw)
    {
        raw = value;
        var p = point.Settings;
        if (value.Kind == ValueKind.Text && (point.Names is not null || !p.Words.IsEmpty))
        {
            foreach (var (key, word) in p.Words)
                if (word == value.Text && (point.Names is null || long.TryParse(key, CultureInfo.InvariantCulture, out _)))
                {
                    raw = long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? SampleValue.Of(whole)
                        : key is "true" or "false" ? SampleValue.Of(key == "true") : SampleValue.Of(key);
                    return true;
                }
            foreach (var (number, name) in point.Names ?? new Dictionary<long, string>())
                if (name == value.Text)
                {
                    raw = SampleValue.Of(number);
                    return true;
                }
            return type is BuiltInType.String or BuiltInType.LocalizedText;
        }
        if (value.Kind is ValueKind.Text or ValueKind.None || (p.Scale == 1 && p.Offset == 0)) return true;
        var number2 = (value.Number - p.Offset) / p.Scale;
        // 7.3 / 0.1 is 72.99999999999999; a node of whole numbers means 73.
        var rounded = Math.Round(number2);
        raw = type is >= BuiltInType.SByte and <= BuiltInType.UInt64 && Math.Abs(number2 - rounded) <= 1e-9 * Math.Max(1, Math.Abs(rounded)) ? SampleValue.Of(rounded) : SampleValue.Of(number2);
        return true;
    }

    /// <summary>Built-in types of namespace 0 are their own number; other types tell nothing by themselves.</summary>
    private static BuiltInType TypeOf(NodeId dataType) => dataType is { Namespace: 0, Kind: NodeIdKind.Numeric, Number: >= 1 and <= 25 } ? (BuiltInType)dataType.Number : BuiltInType.Null;

    private OpcPoint? Find(SignalId signal) => signal.Machine == settings.Machine ? _points.FirstOrDefault(p => p.Settings.Name == signal.Name) : null;

    private static WriteAnswer No(string message) => new(false, OpcUaRules.WriteRefused, message);
}
