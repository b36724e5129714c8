using System.Globalization;
using System.Text;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>From machine data and a gauge file to a risk that names its reason, through the whole node.</summary>
public sealed class ForecastTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private const string Shop = """{ "Anomaly": { "Nightly": false }, "company": { "id": "shop", "country": "KR", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "MC1" }, { "id": "MC2" } ] } ] } ] } ] } }""";

    [Fact]
    public async Task High_load_makes_bad_parts_and_the_forecast_says_so_again_and_again()
    {
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Start.AddHours(3)), TimeProvider.System));
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        SignalNumber Register(string name, ValueKind kind, SignalRole role) => recorder.Register(new(new(new("MC1"), name), Unit.One, kind, role));
        var (execution, parts, load, coolant) = (Register("execution", ValueKind.Text, SignalRole.Execution), Register("parts", ValueKind.Integer, SignalRole.PartCount), Register("Sload", ValueKind.Real, SignalRole.Load), Register("coolant", ValueKind.Real, SignalRole.Temperature));
        List<Sample> samples = [Of(execution, 0, SampleValue.Of("ACTIVE")), Of(parts, 0, SampleValue.Of(0L))];
        var gauge = new StringBuilder("part,characteristic,value,lower,upper,time\n");
        var random = new Random(5);
        for (var p = 0; p < 124; p++)   // a part a minute; the last four are not measured
        {
            var heavy = random.NextDouble() < 0.25;
            for (var s = 0; s < 60; s += 5)
            {
                samples.Add(Of(load, p * 60 + s, SampleValue.Of((heavy ? 70 : 40) + random.NextDouble() * 12)));
                samples.Add(Of(coolant, p * 60 + s, SampleValue.Of(20 + random.NextDouble() * 4)));
            }
            samples.Add(Of(parts, p * 60 + 60, SampleValue.Of(p + 1L)));
            var bad = random.NextDouble() < (heavy ? 0.85 : 0.04);
            if (p < 120) gauge.Append(CultureInfo.InvariantCulture, $"S-{p},Bore,{(bad ? 18.02 : 18.004)},18,18.008,{Start.AddSeconds(p * 60 + 90):yyyy-MM-ddTHH:mm:sszzz}\n");
        }
        await recorder.AppendAsync(new(new("src"), new("MC1"), samples.ToArray()), TestContext.Current.CancellationToken);
        var file = await node.Services.GetRequiredService<IQualityDesk>().AddAsync(Encoding.UTF8.GetBytes(gauge.ToString()), "kim", TestContext.Current.CancellationToken);
        Assert.Empty(file.Problems);

        var forecast = await node.JsonAsync("/api/v1/quality/forecast?characteristic=Bore&machine=MC1");
        Assert.Equal(120, forecast.GetProperty("linked").GetInt32());
        Assert.True(forecast.GetProperty("ranking").GetDouble() > 0.8, forecast.ToString());
        var worst = forecast.GetProperty("influences")[0];
        Assert.Equal("Sload", worst.GetProperty("signal").GetString());
        Assert.True(worst.GetProperty("odds").GetDouble() > 1.3, forecast.ToString());
        Assert.Equal(4, forecast.GetProperty("newest").GetArrayLength());
        Assert.Equal("quality-logistic", forecast.GetProperty("basis").GetProperty("model").GetString());
        Assert.Equal(forecast.ToString(), (await node.JsonAsync("/api/v1/quality/forecast?characteristic=Bore&machine=MC1")).ToString());
        // Another machine made none of them, and of an unknown one nobody knows.
        Assert.Equal(0, (await node.JsonAsync("/api/v1/quality/forecast?characteristic=Bore&machine=MC2")).GetProperty("linked").GetInt32());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/quality/forecast?characteristic=Bore&machine=MC9")).StatusCode);

        static Sample Of(SignalNumber n, int second, SampleValue v) => new(n, Start.AddSeconds(second).UtcTicks, Start.AddSeconds(second).UtcTicks, v, Quality.Good);
    }
}
