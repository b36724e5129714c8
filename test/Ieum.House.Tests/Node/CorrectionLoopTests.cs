using System.Net;
using System.Net.Http.Json;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>A temperature leaves its limit, a set point is written through the guard to a real Modbus machine, read back, and it is measured what came of it.</summary>
public sealed class CorrectionLoopTests
{
    private static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static readonly SignalId Temperature = new(new("M1"), "temp"), Flow = new(new("M1"), "flow");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Above 60 °C for two minutes the coolant flow goes to 14; the spindle should be at 45 °C. A change shows after ten minutes.</summary>
    internal static string Shop(int port, string rule = """ "automatic": true, "secondPerson": false """, string act = "") => $$"""
        {
          "company": { "id": "B", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "M1", "kind": "milling" }] }] }] }] },
          "connections": [{ "machine": "M1", "protocol": "modbus", "endpoint": "127.0.0.1:{{port}}", "options": { "period": "0.05" },
            "points": [{ "name": "temp", "address": "holding:0", "type": "uint16", "unit": "CEL" }, { "name": "flow", "address": "holding:1", "type": "uint16" }] }],
          "writes": [{ "machine": "M1", "signal": "flow", "min": 0, "max": 20, "maxStep": 5, "hours": "always", "role": "planner", "states": ["unknown", "idle", "running"], "undoWithin": "8 h", {{rule}} }],
          "corrections": [{ "id": "cooling", "machine": "M1", "watch": "temp", "when": "above", "limit": 60, "for": "2 min", "set": "flow", "to": 14, "target": 45, "settle": "10 min" }],
          "Act": { "RiseAfter": 1{{act}} }
        }
        """;

    private sealed class Stage(RunningNode node, ModbusMachine machine, FakeTimeProvider clock) : IAsyncDisposable
    {
        public RunningNode Node => node;
        public ModbusMachine Machine => machine;
        public FakeTimeProvider Clock => clock;
        public ILoopDesk Desk => node.Services.GetRequiredService<ILoopDesk>();
        public ILoopLedger Ledger => node.Services.GetRequiredService<ILoopLedger>();
        public IWriteDesk Writes => node.Services.GetRequiredService<IWriteDesk>();

        public static async Task<Stage> OpenAsync(string rule = """ "automatic": true, "secondPerson": false """, string act = "")
        {
            var machine = new ModbusMachine { [0] = 45, [1] = 10 };
            var clock = new FakeTimeProvider(Eight);
            var stage = new Stage(await RunningNode.StartAsync(Shop(machine.Port, rule, act), null, new(clock, TimeProvider.System)), machine, clock);
            await stage.Node.SignInAsOwnerAsync();
            await stage.HeardAsync(Temperature, 45);
            await stage.HeardAsync(Flow, 10);
            await stage.Node.StopLoopsAsync();   // from here on the test looks, at the moments it chooses
            return stage;
        }

        public async Task HeatAsync(params ushort[] minutes)
        {
            foreach (var t in minutes)
            {
                machine[0] = t;
                await HeardAsync(Temperature, t);
                clock.Advance(1.Minutes);
            }
        }

        private async Task HeardAsync(SignalId signal, double value)
        {
            var recorder = node.Services.GetRequiredService<IRecorder>();
            using var pulse = new PeriodicTimer(20.Milliseconds);
            while (recorder.Find(signal) is not { } n || recorder.Last(n) is not { } s || s.Value.ToString() != SampleValue.Of(value).ToString() && s.Value.Integer != (long)value) await pulse.WaitForNextTickAsync(Cancel);
        }

        public async Task<LoopEntry[]> LookAsync()
        {
            await node.Services.GetRequiredService<CorrectionLoop>().LookAsync(Cancel);
            return [.. (await Desk.ListAsync(100, Cancel)).Where(e => e.Loop == CorrectionWatch.Loop && e.Change is null)];
        }

        public async Task<LoopEntry> AdvisedAsync()
        {
            await HeatAsync(70);
            Assert.Empty(await LookAsync());   // it sees the limit passed; a spike moves nothing
            await HeatAsync(71, 72);
            return Assert.Single(await LookAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await node.DisposeAsync();
            await machine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_limit_passed_becomes_advice_yes_one_write_its_receipt_and_a_measured_effect_and_can_be_taken_back()
    {
        await using var s = await Stage.OpenAsync();
        var advice = await s.AdvisedAsync();
        Assert.Equal((AutonomyLevel.Ask, "cooling", new MachineId("M1")), (advice.Level, advice.Subject, advice.Machine));
        Assert.Empty(s.Machine.Written);   // advised is not done, and trying is not writing
        Assert.Single(await s.LookAsync());

        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync("/api/v1/loops/levels/correction/allow", new { most = "actInsideLimits" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/decision", new { accepted = true })).StatusCode);
        var done = Assert.Single(await s.LookAsync());
        Assert.Equal(("owner", true, true), (done.Decision!.By, done.Receipt!.Done, done.Acting is not null));
        Assert.StartsWith(LoopTexts.ReceiptConfirmed, done.Receipt.What, StringComparison.Ordinal);
        Assert.Equal([(1, (ushort)14)], s.Machine.Written);
        var write = Assert.Single(s.Writes.Recent(10), w => w.Request.Entry == done.Number);
        Assert.Equal(("owner", "loop", "10"), (write.Request.By, write.Request.Through, write.Old!.Value.ToString()));
        Assert.DoesNotContain(await s.Desk.ListAsync(100, Cancel), e => e.Loop == "write");   // one turn, one entry

        s.Clock.Advance(10.Minutes);
        await s.HeatAsync(46, 45, 44, 46);
        Assert.Null(Assert.Single(await s.LookAsync()).Effect);   // it takes ten minutes to show and is measured for ten
        s.Clock.Advance(10.Minutes);
        var effect = Assert.Single(await s.LookAsync()).Effect!;
        // Before 45, 70, 71 and 72 stood in the ten minutes: 0, 25, 26 and 27 from 45. After: 1, 0, 1 and 1.
        Assert.Equal((CorrectionWatch.Measure, 19.5, 0.75, 4), (effect.Measure, effect.Before, effect.After, effect.Samples));
        Assert.Equal(AutonomyLevel.ActInsideLimits, (await s.Ledger.StandingAsync(CorrectionWatch.Loop, Cancel)).Level);

        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/undo", new { })).StatusCode);
        Assert.Equal([(1, 14), (1, (ushort)10)], s.Machine.Written);
        Assert.Equal((true, "owner"), ((await s.Ledger.FindAsync(advice.Number, Cancel))!.Undo!.Done, (await s.Ledger.FindAsync(advice.Number, Cancel))!.Undo!.By));
        Assert.Equal(HttpStatusCode.Conflict, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/undo", new { })).StatusCode);
        Assert.Equal(AutonomyLevel.Ask, (await s.Ledger.StandingAsync(CorrectionWatch.Loop, Cancel)).Level);   // taken back is a breach
        Assert.Null((await s.Ledger.VerifyAsync(Cancel)).BrokenAt);
        Assert.Null((await s.Writes.VerifyAsync(Cancel)).BrokenAt);
    }

    [Fact]
    public async Task The_stop_switch_the_guard_and_a_signal_that_is_back_each_say_no_and_nothing_is_written()
    {
        await using var s = await Stage.OpenAsync();
        var advice = await s.AdvisedAsync();
        Assert.True((await s.Writes.StopAllAsync("drill", "owner", Cancel)).Ok);
        Assert.Equal(LoopRules.Stopped, (await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(advice.Number, true, "owner", null, Cancel))).Rule);
        Assert.True((await s.Writes.ReleaseAsync("drill over", "owner", Cancel)).Ok);

        // Somebody turned the valve by hand: from 3 to 14 is a longer step than may be written at once.
        s.Machine[1] = 3;
        var refused = await s.Desk.DecideAsync(advice.Number, true, "owner", null, Cancel);
        Assert.Equal((false, $"{LoopTexts.ReceiptNotWritten}|?|{WriteBackRules.Step}"), (refused.Receipt!.Done, refused.Receipt.What));

        s.Clock.Advance(16.Minutes);   // AdviceInterval: the machine is still hot, and what stands against it is told, not asked
        var told = (await s.LookAsync())[0];
        Assert.Equal((false, LoopDecision.NewFacts, $"{LoopTexts.NoteNotWritable}|{WriteBackRules.Step}"), (told.Decision!.Accepted, told.Decision.By, told.Decision.Note));

        s.Machine[1] = 10;
        s.Clock.Advance(16.Minutes);
        var open = (await s.LookAsync())[0];
        Assert.Null(open.Decision);
        await s.HeatAsync(50);
        Assert.Equal(LoopRules.Overtaken, (await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(open.Number, true, "owner", null, Cancel))).Rule);
        Assert.Empty(s.Machine.Written);
    }

    [Fact]
    public async Task At_level_three_it_writes_by_itself_only_where_the_list_says_so_and_a_second_person_is_still_asked()
    {
        await using (var s = await Stage.OpenAsync(act: """, "CorrectionLevel": "ActInsideLimits" """))
        {
            var advice = await s.AdvisedAsync();
            Assert.NotNull(advice.ActsAt);
            s.Clock.Advance(11.Minutes);
            var acted = (await s.LookAsync())[^1];
            Assert.Equal(("level 3", true), (acted.Decision!.By, acted.Receipt!.Done));
            Assert.Equal(14, s.Machine[1]);
        }
        await using (var s = await Stage.OpenAsync(""" "automatic": true, "secondPerson": true, "approveWithin": "1 h" """, """, "CorrectionLevel": "ActAndReport" """))
        {
            var waits = await s.AdvisedAsync();
            Assert.Equal((true, null), (waits.Decision!.Accepted, waits.Receipt));
            Assert.Empty(s.Machine.Written);
            Assert.Equal(WriteState.Confirmed, (await s.Writes.ApproveAsync(Assert.Single(s.Writes.Waiting).Number, "owner", Cancel)).State);
            Assert.True((await s.LookAsync())[^1].Receipt!.Done);
        }
        await using (var s = await Stage.OpenAsync(""" "automatic": false, "secondPerson": false """, """, "CorrectionLevel": "ActAndReport" """))
            Assert.Equal((AutonomyLevel.Ask, null), ((await s.AdvisedAsync()) is var asked ? (asked.Level, asked.Decision) : default));
    }

    [Fact]
    public async Task An_anomaly_of_the_watched_signal_becomes_advice_with_its_window_and_is_written_after_a_yes()
    {
        await using var s = await Stage.OpenAsync();
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(s, "cooling", new { machine = "M1", watch = "temp", set = "flow", when = "anomaly", to = 14, target = 45, settleSeconds = 600 })).StatusCode);
        await s.HeatAsync(61, 61, 61);               // past the old limit, which holds no more
        Assert.Empty(await s.LookAsync());

        // Hours of steady minutes and one peak, as they come from the machine.
        var recorder = s.Node.Services.GetRequiredService<IRecorder>();
        var (number, at) = (recorder.Find(Temperature)!.Value, Eight.AddMinutes(10));
        var peak = at.AddMinutes(900);
        await s.Node.Services.GetRequiredService<AnomalyWatch>().JudgeAsync(new(new("src"), new("M1"), Enumerable.Range(0, 1000).Select(m =>
            new Sample(number, at.AddMinutes(m).UtcTicks, at.AddMinutes(m).UtcTicks, SampleValue.Of(45 + Math.Sin(m * 0.7) + (m == 900 ? 100 : 0)), Quality.Good)).ToArray()), Cancel);
        var found = Assert.Single(await s.Node.Services.GetRequiredService<IAnomalyDesk>().ListAsync(10, Cancel), f => f.SignalName == "temp");

        s.Clock.Advance(17.Hours);
        var advice = Assert.Single(await s.LookAsync());
        Assert.StartsWith(LoopTexts.FindingAnomaly + "|temp|M1", advice.Finding, StringComparison.Ordinal);
        Assert.Equal((found.From, found.Confidence, (int)found.Samples), (advice.Window!.Value.From, advice.Confidence, advice.Samples));
        Assert.True(found.From <= peak && peak < found.To);
        Assert.Equal(("cooling", AutonomyLevel.Ask), (advice.Subject, advice.Level));
        Assert.Single(await s.LookAsync());          // told once
        Assert.Empty(s.Machine.Written);
        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/decision", new { accepted = true })).StatusCode);
        Assert.Equal([(1, (ushort)14)], s.Machine.Written);
        Assert.True(Assert.Single(await s.LookAsync()).Receipt!.Done);
    }

    [Fact]
    public async Task A_correction_is_changed_at_once_by_an_owner_audited_and_closes_what_the_old_one_advised()
    {
        await using var s = await Stage.OpenAsync();
        var advice = await s.AdvisedAsync();
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(s, "cooling", new { machine = "M1", watch = "temp", set = "flow", when = "above", limit = 80, to = 12, target = 45 })).StatusCode);
        var documents = s.Node.Services.GetRequiredService<DocumentStore>();
        Assert.Equal([new Correction("cooling", Temperature, Flow, 12, 45) { When = CorrectionTrigger.Above, Limit = 80 }], (await documents.FindAsync<Correction[]>(DocumentStore.Corrections, Cancel))!);
        // What was shown is not done any more: a yes to 14 must not write 12.
        var closed = Assert.Single(await s.LookAsync());
        Assert.Equal((advice.Number, false, LoopDecision.NewFacts, $"{LoopTexts.NoteChanged}|cooling"), (closed.Number, closed.Decision!.Accepted, closed.Decision.By, closed.Decision.Note));
        Assert.Equal(HttpStatusCode.Conflict, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/decision", new { accepted = true })).StatusCode);

        foreach (var (wrong, rule) in new (object, string)[]
        {
            (new { machine = "M9", watch = "temp", set = "flow", to = 14, target = 45 }, CorrectionRules.Machine),
            (new { machine = "M1", watch = "temp", set = "temp", to = 14, target = 45 }, CorrectionRules.Itself),
            (new { machine = "M1", watch = "temp", set = "flow", target = 45 }, CorrectionRules.Number),
            (new { machine = "M1", watch = "temp", set = "flow", when = "above", to = 14, target = 45 }, CorrectionRules.Limit),
            (new { machine = "M1", watch = "temp", set = "flow", when = "above", limit = 40, to = 14, target = 45 }, CorrectionRules.Target),
            (new { machine = "M1", watch = "temp", set = "flow", to = 14, target = 45, settleSeconds = 1 }, CorrectionRules.Settle),
        })
        {
            var answer = await PutAsync(s, "cooling", wrong);
            Assert.Equal((HttpStatusCode.BadRequest, rule), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancel)).GetProperty("rule").GetString()));
        }
        Assert.Equal(HttpStatusCode.NoContent, (await s.Node.DeleteAsync("/api/v1/corrections/cooling")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await s.Node.DeleteAsync("/api/v1/corrections/cooling")).StatusCode);

        var desk = s.Node.Services.GetRequiredService<ICorrectionDesk>();
        Assert.Equal((true, false), (desk.All.IsEmpty, desk.FromFile));
        var changes = await desk.ChangesAsync(10, Cancel);
        Assert.Equal([("owner", "cooling", ""), ("owner", "cooling", "M1/temp > 80 (00:01:00) → flow = 12; temp → 45 (00:15:00)")], changes.Select(c => (c.By, c.What[0].Key, c.What[0].After)));
        Assert.Null((await s.Writes.VerifyAsync(Cancel)).BrokenAt);
        // Only an owner may: the audit asks for the role itself.
        Assert.Equal(WriteBackRules.OwnerOnly, Assert.Single(await desk.SaveAsync(new("x", Temperature, Flow, 14, 45), false, "nobody", Cancel)).Rule);
        // The node of tomorrow begins with what holds today, not with the file.
        Assert.Empty((await documents.FindAsync<Correction[]>(DocumentStore.Corrections, Cancel))!);
    }

    private static Task<HttpResponseMessage> PutAsync(Stage s, string id, object body) => s.Node.PutAsync($"/api/v1/corrections/{id}", body);
}
