namespace Ieum.Connect.Polling;

/// <summary>Small reads from many places put into one request, for protocols that can (SLMP 0403).</summary>
internal sealed partial class PollSession
{
    /// <summary>A block longer than this is worth a request of its own.</summary>
    private const int MostWordsOfAPart = 4;

    /// <summary>After so many refusals on one connection the device is taken not to know such requests.</summary>
    private const int MostGatherRefusals = 3;

    private int _gatherRefusals;

    /// <summary>Other reads that are due now and may go with <paramref name="first"/> in one request; empty when there are none.</summary>
    public List<PollBlock> Gather(PollBlock first, TimeSpan now)
    {
        var most = _gatherRefusals < MostGatherRefusals && !_options.OnePointPerRead ? _protocol.MostGathered : 0;
        if (most == 0 || !IsPart(first)) return [];
        var gathered = new List<PollBlock>();
        var words = first.Plan.Count;
        foreach (var b in _blocks)
        {
            if (b == first || b.Due > now || b.Plan.Area.Device != first.Plan.Area.Device || !IsPart(b) || words + b.Plan.Count > most) continue;
            gathered.Add(b);
            words += b.Plan.Count;
        }
        return gathered;
    }

    /// <summary>One request for all of them, answered in this order.</summary>
    public static RegisterRequest Together(PollBlock first, IReadOnlyList<PollBlock> others)
    {
        RegisterRequest[] parts = [first.Request, .. others.Select(b => b.Request)];
        return new(first.Plan.Area, first.Plan.Start, parts.Sum(p => p.Count)) { Parts = parts };
    }

    /// <summary>What came for the request that was put together. Refused, each part is asked alone until the plan changes.</summary>
    public void AnswerTogether(PollBlock first, IReadOnlyList<PollBlock> others, in RegisterAnswer answer, TimeSpan now, long receiveTicks)
    {
        if (answer.Kind == AnswerKind.Refused && answer.Refusal is { Scope: RefusalScope.Cell or RefusalScope.Area })
        {
            _gatherRefusals++;
            first.IsAlone = true;
            foreach (var b in others) b.IsAlone = true;
            return;
        }
        if (answer.Kind != AnswerKind.Done)
        {
            Answer(first, answer, now, receiveTicks);
            return;
        }
        var at = 0;
        foreach (var b in others.Prepend(first))
        {
            var bytes = b.Plan.Count * b.Plan.Area.CellBytes;
            Answer(b, RegisterAnswer.Done(answer.Data.Slice(at, bytes)), now, receiveTicks);
            at += bytes;
        }
    }

    private static bool IsPart(PollBlock b) => b is { Of: null, Confirms: null, IsRetry: false, IsAlone: false }
        && b.Plan.Area.Cell == CellSize.Word && b.Plan.Count <= MostWordsOfAPart;
}
