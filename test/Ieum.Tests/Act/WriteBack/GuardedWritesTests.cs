using CsCheck;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Tests.Act.WriteBack;

public sealed class GuardedWritesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listed_write_is_sent_once_read_back_and_audited_in_order()
    {
        using var bench = new WriteBench();
        var o = await bench.AskAsync(50);
        Assert.Equal((WriteState.Confirmed, SampleValue.Of(20.0), SampleValue.Of(50.0)), (o.State, o.Old, o.ReadBack));
        Assert.Equal(WriteGuard.Order, o.Checks.Select(c => c.Check));
        Assert.Equal(["sending", "receipt"], bench.Disk.Select(e => e.Kind));
        Assert.Single(bench.Sent);
    }

    [Theory]
    [InlineData("guest", 50, WriteBackRules.Role)]
    [InlineData("nobody", 50, WriteBackRules.UnknownPerson)]
    [InlineData("kim", -0.1, WriteBackRules.BelowMin)]
    [InlineData("kim", 200.1, WriteBackRules.AboveMax)]
    public async Task What_a_rule_stands_against_is_never_sent(string by, double value, string rule)
    {
        using var bench = new WriteBench();
        var o = await bench.AskAsync(value, by);
        Assert.Equal((WriteState.Refused, rule), (o.State, o.Rule));
        Assert.Empty(bench.Sent);
        Assert.Equal("refused", Assert.Single(bench.Disk).Kind);
    }

    [Fact]
    public async Task Step_state_hours_rate_and_list_refuse()
    {
        await RefusedAsync(WriteBench.Rule with { MaxStep = 29.9 }, WriteBackRules.Step);
        await RefusedAsync(WriteBench.Rule with { MaxStep = 30 }, WriteBackRules.OldUnknown, b => b.Readable = false);
        await RefusedAsync(WriteBench.Rule, WriteBackRules.MachineState, b => b.State = MachineState.Running);
        await RefusedAsync(WriteBench.Rule with { Hours = WriteHours.Working }, WriteBackRules.OutsideHours, b => b.Clock.Advance(7.Hours));
        await RefusedAsync(WriteBench.Rule with { Signal = new(new("M1"), "other") }, WriteBackRules.NotListed);
        await RefusedAsync(WriteBench.Rule with { Unit = "KEL" }, WriteBackRules.RuleUnit);
        await RefusedAsync(WriteBench.Rule, WriteBackRules.Command, b => b.SignalRole = SignalRole.Execution);
        await RefusedAsync(WriteBench.Rule, WriteBackRules.AuditClosed, b => b.DiskFull = true);
        using var bench = new WriteBench(WriteBench.Rule with { Writes = 1, Per = 1.Minutes });
        Assert.True((await bench.AskAsync(50)).Done);
        Assert.Equal(WriteBackRules.Rate, (await bench.AskAsync(51)).Rule);
        bench.Start();
        Assert.Equal(WriteBackRules.Rate, (await bench.AskAsync(51)).Rule);   // a restart gives no new allowance
        bench.Clock.Advance(1.Minutes);
        Assert.True((await bench.AskAsync(51)).Done);

        static async Task RefusedAsync(WriteRule rule, string broken, Action<WriteBench>? arrange = null)
        {
            using var b = new WriteBench(rule);
            arrange?.Invoke(b);
            var o = await b.AskAsync(50);
            Assert.Equal((WriteState.Refused, broken), (o.State, o.Rule));
            Assert.Empty(b.Sent);
        }
    }

    [Fact]
    public async Task Another_unit_is_refused_until_the_conversion_is_asked_for()
    {
        using var bench = new WriteBench();
        var request = new WriteRequest(WriteBench.Speed, SampleValue.Of(122.0), "kim", "api") { Unit = "FAH" };
        Assert.Equal(WriteBackRules.OtherUnit, (await bench.Desk.RequestAsync(request, Cancel)).Rule);
        Assert.Equal(WriteBackRules.OtherQuantity, (await bench.Desk.RequestAsync(request with { Unit = "MMT", Convert = true }, Cancel)).Rule);
        Assert.Equal(WriteBackRules.UnknownUnit, (await bench.Desk.RequestAsync(request with { Unit = "XYZ", Convert = true }, Cancel)).Rule);
        Assert.Empty(bench.Sent);
        Assert.True((await bench.Desk.RequestAsync(request with { Convert = true }, Cancel)).Done);
        Assert.Equal(50.0, Assert.Single(bench.Sent).Number, 9);   // (122 − 32) × 5/9
    }

    [Fact]
    public async Task A_second_person_in_time_is_needed_and_nobody_approves_their_own()
    {
        using var bench = new WriteBench(WriteBench.Rule with { SecondPerson = true, ApproveWithin = 15.Minutes });
        var asked = await bench.AskAsync(50);
        Assert.Equal(WriteState.Waiting, asked.State);
        bench.Start();   // it waits over a restart
        Assert.Equal(WriteBackRules.SamePerson, (await bench.Desk.ApproveAsync(asked.Number, "KIM", Cancel)).Rule);
        Assert.Equal(WriteBackRules.Role, (await bench.Desk.ApproveAsync(asked.Number, "guest", Cancel)).Rule);
        Assert.Empty(bench.Sent);
        Assert.Equal(WriteState.Confirmed, (await bench.Desk.ApproveAsync(asked.Number, "sato", Cancel)).State);
        Assert.Equal(WriteBackRules.NotWaiting, (await bench.Desk.ApproveAsync(asked.Number, "sato", Cancel)).Rule);
        var late = await bench.AskAsync(60);
        bench.Clock.Advance(15.Minutes + TimeSpan.FromTicks(1));
        Assert.Equal(WriteBackRules.NotWaiting, (await bench.Desk.ApproveAsync(late.Number, "sato", Cancel)).Rule);
        Assert.Equal(WriteState.Expired, bench.Desk.Find(late.Number)!.State);
        Assert.Single(bench.Sent);
    }

    [Fact]
    public async Task The_stop_switch_holds_over_a_restart_and_only_an_owner_releases_it()
    {
        using var bench = new WriteBench();
        var before = await bench.AskAsync(50);
        Assert.True((await bench.Desk.StopAllAsync("hand in the machine", "kim", Cancel)).Ok);
        bench.Start();
        Assert.Equal(WriteBackRules.Stopped, (await bench.AskAsync(51)).Rule);
        Assert.Equal(WriteBackRules.Stopped, (await bench.Desk.UndoAsync(before.Number, "loop", "loop", true, Cancel)).Rule);
        Assert.Equal(WriteBackRules.OwnerOnly, (await bench.Desk.ReleaseAsync("done", "kim", Cancel)).Rule);
        Assert.Single(bench.Sent);
        Assert.True((await bench.Desk.ReleaseAsync("done", "owner", Cancel)).Ok);
        bench.Start();
        Assert.True((await bench.AskAsync(51)).Done);
    }

    [Fact]
    public async Task A_write_is_taken_back_once_in_time_and_only_while_nobody_changed_it()
    {
        using var bench = new WriteBench(WriteBench.Rule with { UndoWithin = 10.Minutes });
        var first = await bench.AskAsync(50);
        Assert.Equal(WriteState.Confirmed, (await bench.Desk.UndoAsync(first.Number, "kim", "page", false, Cancel)).State);
        Assert.Equal(20.0, bench.Held.Number);
        Assert.Equal(WriteBackRules.UndoTwice, (await bench.Desk.UndoAsync(first.Number, "kim", "page", false, Cancel)).Rule);
        var second = await bench.AskAsync(60);
        bench.Held = SampleValue.Of(77.0);
        Assert.Equal(WriteBackRules.UndoOvertaken, (await bench.Desk.UndoAsync(second.Number, "kim", "page", false, Cancel)).Rule);
        bench.Held = SampleValue.Of(60.0);
        bench.Clock.Advance(10.Minutes + TimeSpan.FromTicks(1));
        Assert.Equal(WriteBackRules.UndoLate, (await bench.Desk.UndoAsync(second.Number, "kim", "page", false, Cancel)).Rule);
    }

    [Fact]
    public async Task The_writes_of_a_loop_entry_are_found_newest_first_over_a_restart_too()
    {
        using var bench = new WriteBench();
        await bench.AskAsync(50);   // nobody's entry
        var done = await bench.Desk.RequestAsync(new(WriteBench.Speed, SampleValue.Of(60.0), "kim", "loop") { Entry = 7 }, Cancel);
        var refused = await bench.Desk.RequestAsync(new(WriteBench.Speed, SampleValue.Of(1e6), "kim", "loop") { Entry = 7 }, Cancel);
        Assert.Equal([refused.Number, done.Number], bench.Desk.OfEntry(7).Select(r => r.Number));
        Assert.Equal([refused.Number, done.Number], bench.Start().OfEntry(7).Select(r => r.Number));
        Assert.Empty(bench.Desk.OfEntry(8));
    }

    [Fact]
    public async Task Receipts_tell_unconfirmed_failed_and_interrupted_apart()
    {
        using var bench = new WriteBench();
        bench.Readable = false;
        Assert.Equal(WriteState.Unconfirmed, (await bench.AskAsync(50)).State);
        (bench.Readable, bench.Takes) = (true, false);
        Assert.Equal((WriteState.Failed, "machine-says-no"), ((await bench.AskAsync(60)) is var o ? (o.State, o.Rule!) : default));
        (bench.Takes, bench.OnWrite) = (true, () => bench.DiskFull = true);
        var cut = await bench.AskAsync(70);
        (bench.DiskFull, bench.OnWrite) = (false, null);
        bench.Start();
        Assert.Equal(WriteState.Interrupted, bench.Desk.Find(cut.Number)!.State);
    }

    [Fact]
    public async Task Changed_missing_and_cut_off_entries_are_found_and_stop_writing()
    {
        using var bench = new WriteBench();
        for (var i = 0; i < 3; i++) await bench.AskAsync(50 + i);
        Assert.Null((await bench.Desk.VerifyAsync(Cancel)).BrokenAt);
        var good = bench.Disk.ToArray();
        foreach (var (tamper, at) in new (Action, long)[]
        {
            (() => bench.Disk[2] = good[2] with { By = "sato" }, 3), (() => bench.Disk[2] = good[2] with { Body = good[2].Body + " " }, 3), (() => bench.Disk.RemoveAt(1), 3),
            (() => bench.Disk[1] = AuditChain.Next((1, good[0].Hash), good[1].At, 1, "receipt", "node", "{}"), 3), (() => bench.Disk.RemoveAt(5), 6),
        })
        {
            bench.Disk.Clear();
            bench.Disk.AddRange(good);
            tamper();
            Assert.Equal(at, (await bench.Desk.VerifyAsync(Cancel)).BrokenAt);
        }
        bench.Disk.Clear();
        bench.Disk.AddRange(good);
        bench.Disk[2] = good[2] with { By = "sato" };
        Assert.Equal(WriteBackRules.AuditBroken, bench.Start().Stop?.Reason);
    }

    [Fact]
    public void Nothing_is_sent_that_did_not_pass_every_check_whatever_happens_in_which_order() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[-50, 250], Gen.Int[0, 3]).Array[1, 25].Sample(steps =>
        {
            using var bench = new WriteBench(WriteBench.Rule with { MaxStep = 60, Writes = 3, Per = 1.Minutes, SecondPerson = steps.Length % 2 == 0, ApproveWithin = 1.Minutes });
            string[] people = ["kim", "sato", "owner", "guest"];
            foreach (var (what, value, who) in steps)
            {
                var (sent, stopped, idle, held) = (bench.Sent.Count, bench.Desk.Stop is not null, bench.State == MachineState.Idle, bench.Held.Number);
                var recent = bench.Desk.Recent(1000).Count(r => r.SentAt > bench.Clock.GetUtcNow() - 1.Minutes);
                switch (what)
                {
                    case 0 or 1 or 2: bench.AskAsync(value, people[who], dryRun: what == 2).GetAwaiter().GetResult(); break;
                    case 3: foreach (var w in bench.Desk.Waiting.Take(1)) bench.Desk.ApproveAsync(w.Number, people[who], default).GetAwaiter().GetResult(); break;
                    case 4: foreach (var w in bench.Desk.Recent(1)) bench.Desk.UndoAsync(w.Number, people[who], "page", false, default).GetAwaiter().GetResult(); break;
                    case 5: bench.Desk.StopAllAsync("x", people[who], default).GetAwaiter().GetResult(); break;
                    case 6: bench.Desk.ReleaseAsync("x", people[who], default).GetAwaiter().GetResult(); break;
                    case 7: bench.State = value > 100 ? MachineState.Running : MachineState.Idle; break;
                    default: bench.Clock.Advance(TimeSpan.FromSeconds(value + 51)); bench.Start(); break;
                }
                if (bench.Sent.Count == sent) continue;
                Assert.True(bench.Sent.Count == sent + 1 && what is not 2 && !stopped && idle && people[who] != "guest" && recent < 3);
                Assert.InRange(bench.Sent[^1].Number, 0, 200);
                Assert.InRange(Math.Abs(bench.Sent[^1].Number - held), 0, 60);
                var record = bench.Desk.Recent(1000).First(r => r.SentAt is not null);
                Assert.All(record.Checks, c => Assert.Equal(CheckResult.Passed, c.Result));
                Assert.True(steps.Length % 2 != 0 || record.Second is not null && record.Second != record.Request.By);
            }
            Assert.Null(bench.Desk.VerifyAsync(default).GetAwaiter().GetResult().BrokenAt);
        }, iter: 300);

    [Theory]
    [InlineData("Node Control/Rebirth"), InlineData("Device Control/Reset"), InlineData("RemoteStop"), InlineData("cycle_start_1"), InlineData("PLC/Run"), InlineData("비상정지"), InlineData("起動")]
    public void Commands_of_a_controller_cannot_be_listed(string name) =>
        Assert.Equal(WriteBackRules.Command, WriteRuleCheck.Wrong(WriteBench.Rule with { Signal = new(new("M1"), name) }, null, "")?.Rule);

    [Theory]
    [InlineData("StopDelay"), InlineData("start temperature"), InlineData("D100"), InlineData("ovenTemperature")]
    public void Settings_whose_names_only_sound_like_commands_can(string name) =>
        Assert.Null(WriteRuleCheck.Wrong(WriteBench.Rule with { Signal = new(new("M1"), name) }, null, ""));
}
