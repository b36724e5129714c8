using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ieum.Model;

namespace Ieum.Node.Store;

/// <summary>How domain values stand as JSON in the node's database: constructors rebuild them, so their invariants hold after reading too.</summary>
internal static class DomainJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options)
        ?? throw new JsonException($"The database holds null where a {typeof(T).Name} belongs.");

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutComputed, NameKinds } },
            Converters =
            {
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase),
                new NameConverter<CompanyId>(s => new(s), v => v.Value), new NameConverter<MachineId>(s => new(s), v => v.Value),
                new NameConverter<SourceId>(s => new(s), v => v.Value), new NameConverter<OrderId>(s => new(s), v => v.Value),
                new NameConverter<ItemId>(s => new(s), v => v.Value), new NameConverter<LotId>(s => new(s), v => v.Value),
                new NameConverter<OperationId>(s => new(s), v => v.Value), new TimeRangeConverter(),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    /// <summary>Only what the constructor takes is written; the rest follows from it.</summary>
    private static void LeaveOutComputed(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object || info.Type.Assembly != typeof(Order).Assembly) return;
        var taken = info.Type.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var i = info.Properties.Count - 1; i >= 0; i--)
            if (info.Properties[i].Set is null && !taken.Contains(info.Properties[i].Name)) info.Properties.RemoveAt(i);
    }

    private static void NameKinds(JsonTypeInfo info)
    {
        if (info.Type == typeof(RoutingStep)) Kinds((typeof(RoutingStep.Work), "work"), (typeof(RoutingStep.Wait), "wait"), (typeof(RoutingStep.Transport), "transport"));
        if (info.Type == typeof(PlanChange))
            Kinds((typeof(PlanChange.MachineDown), "machineDown"), (typeof(PlanChange.ExtraTime), "extraTime"), (typeof(PlanChange.Away), "away"), (typeof(PlanChange.MaterialLate), "materialLate"),
                (typeof(PlanChange.StockIs), "stockIs"), (typeof(PlanChange.OrderWaits), "orderWaits"), (typeof(PlanChange.OrderIs), "order"), (typeof(PlanChange.OrderGone), "orderGone"), (typeof(PlanChange.Scrapped), "scrapped"));
        if (info.Type == typeof(ShopEvent))
            Kinds((typeof(ShopEvent.Started), "started"), (typeof(ShopEvent.Paused), "paused"),
                (typeof(ShopEvent.Resumed), "resumed"), (typeof(ShopEvent.LotFinished), "lotFinished"), (typeof(ShopEvent.Finished), "finished"));

        void Kinds(params (Type Type, string Name)[] kinds)
        {
            info.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "is", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization };
            foreach (var (type, name) in kinds) info.PolymorphismOptions.DerivedTypes.Add(new(type, name));
        }
    }

    /// <summary>A structure's own constructor is not found by the serialiser, which would give an empty range without a word.</summary>
    private sealed class TimeRangeConverter : JsonConverter<TimeRange>
    {
        private sealed record Ends(DateTimeOffset From, DateTimeOffset To);
        public override TimeRange Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Ends>(ref reader, options) is { } e ? new(e.From, e.To) : throw new JsonException("A range of time cannot be null.");
        public override void Write(Utf8JsonWriter writer, TimeRange value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, new Ends(value.From, value.To), options);
    }

    private sealed class NameConverter<T>(Func<string, T> make, Func<T, string> text) : JsonConverter<T> where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.GetString() is { } s ? make(s) : throw new JsonException($"A {typeof(T).Name} cannot be null.");
        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(text(value));
        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => make(reader.GetString()!);
        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(text(value));
    }
}
