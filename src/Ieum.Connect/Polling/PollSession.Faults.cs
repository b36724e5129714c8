using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>Refused registers and silent devices.</summary>
internal sealed partial class PollSession
{
    private void Refused(PollBlock block, Refusal refusal, TimeSpan now, long receiveTicks)
    {
        block.Due = NextDue(block, now);
        if (refusal.Scope == RefusalScope.Busy)
        {
            _effects.Problem(refusal.Rule, $"{Name(block.Plan)}: {refusal.Message} It is asked again in the next round.");
            Postpone(block);
        }
        else if (block.Confirms is { } doubt) Learn(doubt);
        else if (refusal.Scope == RefusalScope.Area || block.IsIndivisible)
        {
            foreach (var p in block.Points) Accuse(p, refusal, now, receiveTicks);
            if (block.Of is { } search) Finished(search, fine: false, now);
        }
        else Search(block, now);
    }

    /// <summary>The block and what it is a part of wait for the next round.</summary>
    private void Postpone(PollBlock block)
    {
        foreach (var p in block.Points) p.Due = block.Due;
        if (block.Of is not null || block.Confirms is not null) _mustPlan = true;
    }

    private void Search(PollBlock block, TimeSpan now)
    {
        if (block.Of is { } outer) Finished(outer, fine: false, now);
        var (left, right) = BlockPlanner.Split(block.Plan);
        var search = new BlockSearch(block) { Left = left, Right = right };
        _search.Push(new(right, block.Period) { Of = search, Due = now });
        _search.Push(new(left, block.Period) { Of = search, Due = now });
        _mustPlan = true;
    }

    private void Finished(BlockSearch search, bool fine, TimeSpan now)
    {
        if (fine) search.Fine++;
        if (--search.Open == 0 && search.Fine == 2)
            _search.Push(new(search.Refused.Plan, search.Refused.Period) { Confirms = search, Due = now });
    }

    /// <summary>Two halves were fine and the whole was refused twice: either what lies between them cannot be read, or the whole is too long for this device.</summary>
    private void Learn(BlockSearch search)
    {
        var (whole, left, right) = (search.Refused.Plan, search.Left!, search.Right!);
        if (!_lessons.TryGetValue(whole.Area, out var lesson)) _lessons[whole.Area] = lesson = new();
        var end = left.Start + left.Count;
        _mustPlan = true;
        if (right.Start > end) lesson.Cuts.UnionWith(Enumerable.Range(end, right.Start - end));
        else if (Math.Max(left.Count, right.Count) is var most && most < whole.Count) lesson.Most = Math.Min(most, lesson.Most ?? most);
    }

    private void Accuse(PolledPoint p, Refusal refusal, TimeSpan now, long receiveTicks)
    {
        _mustPlan |= !p.IsGuilty;
        p.IsGuilty = true;
        p.RetryWait = p.RetryWait == default ? FirstRetry : p.RetryWait * 2 < LongestRetry ? p.RetryWait * 2 : LongestRetry;
        p.Due = now + p.RetryWait;
        _effects.Problem(refusal.Rule, FormattableString.Invariant(
            $"Point '{p.Point.Settings.Name}' at {p.Point.Settings.Address}: {refusal.Message} The other points go on; this one is asked again in {p.RetryWait.TotalSeconds:0} s."));
        if (p.IsMarked) return;
        _effects.Sample(p.Number, SampleValue.None, Quality.Unavailable, receiveTicks, isMark: true);
        p.Marked();
    }

    private void Missed(PollBlock block, PolledDevice device, TimeSpan now, long receiveTicks)
    {
        if (device.WasHeard && !device.IsSilent) _missesInARow++;
        // One answer may be lost on the way, on datagrams and behind serial gateways above all.
        if (device.WasHeard && !device.IsSilent && ++device.Misses < 2)
        {
            block.Due = now;
            if (block.Of is not null || block.Confirms is not null || block.IsRetry) _search.Push(block);
            return;
        }
        _nextProbe = now + 5 * _options.Timeout;
        Silent(device, now, receiveTicks, PollRules.DeviceSilent, FormattableString.Invariant($"no answer within {_options.Timeout.TotalSeconds:0.##} s."));
    }

    private void Silent(PolledDevice device, TimeSpan now, long receiveTicks, string rule, string message)
    {
        device.Wait = !device.IsSilent || device.Wait == default ? FirstProbe : device.Wait * 2 < LongestProbe ? device.Wait * 2 : LongestProbe;
        device.NextTry = now + device.Wait;
        var named = _devices.Count > 1;
        _effects.Problem(rule, FormattableString.Invariant(
            $"{(named ? $"Device {device.Id}" : "The device")}: {message} {(named ? "The other devices go on. " : "")}Check power, wiring, and the unit number."));
        if (device.IsSilent) return;
        (device.IsSilent, device.SilentAt) = (true, now);
        if (device.LastAnswerTicks == 0) device.LastAnswerTicks = receiveTicks;
        DropSearches(device.Id);
        // With one device alone the connection's own gap tells it all, unless a gateway keeps answering for it.
        if (!named && rule == PollRules.DeviceSilent) return;
        device.IsMarked = true;
        foreach (var p in device.Points.Where(p => !p.IsMarked))
        {
            _effects.Sample(p.Number, p.HasValue ? p.Last : SampleValue.None, p.HasValue ? Quality.Stale : Quality.Unavailable, receiveTicks, isMark: true);
            p.Marked();
        }
    }

    private void Heard(PolledDevice device, long receiveTicks)
    {
        if (device.IsSilent)
        {
            if (device.IsMarked)
                _effects.DeviceGap(device.LastAnswerTicks, receiveTicks, FormattableString.Invariant($"Device {device.Id} did not answer, although the connection stood."));
            foreach (var p in device.Points.Where(p => !p.IsGuilty)) p.Due = default;
            _mustPlan = true;
        }
        // One answer astray is no outage, but what it held may never be seen again.
        else if (device.Misses > 0)
            _effects.DeviceGap(device.LastAnswerTicks, receiveTicks, FormattableString.Invariant($"An answer of device {device.Id} did not come within {_options.Timeout.TotalSeconds:0.##} s; the next one did."));
        (device.IsSilent, device.IsMarked, device.WasHeard, device.Misses, device.Wait, device.LastAnswerTicks) = (false, false, true, 0, default, receiveTicks);
    }

    private void DropSearches(int device)
    {
        var kept = _search.Where(b => b.Plan.Area.Device != device).Reverse().ToList();
        if (kept.Count == _search.Count) return;
        _search.Clear();
        foreach (var b in kept) _search.Push(b);
        _mustPlan = true;
    }
}
