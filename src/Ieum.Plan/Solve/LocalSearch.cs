namespace Ieum.Plan;

/// <summary>Varies a schedule at random and keeps what is not worse than some steps ago.</summary>
/// <remarks>Late acceptance hill climbing (Burke and Bykov): one parameter, no temperature, same seed gives same answer.</remarks>
internal static class LocalSearch
{
    // Long enough to leave small valleys, short enough to settle within a few thousand trials.
    private const int Memory = 50;

    public static Layout Improve(Decoder decoder, Layout start, int trials, int seed, CancellationToken cancel)
    {
        var problem = decoder.Problem;
        var now = decoder.SequenceOf(start.Option, start.Start);
        if (now.Jobs.Length < 2 && problem.Tasks.All(t => t.Options.Length == 1)) return start;
        var random = new Luck(seed);
        var best = start;
        var bestSequence = now;
        // The scores of the last steps: a trial is taken when it is not worse than the present or than that many steps ago.
        var past = new Score[Memory];
        Array.Fill(past, start.Score);
        var score = start.Score;
        var flexible = Enumerable.Range(0, problem.Tasks.Length).Where(t => problem.Tasks[t].Options.Length > 1).ToArray();
        for (var i = 0; i < trials; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var trial = now.Copy();
            Vary(trial, problem, flexible, random);
            Layout layout;
            try { layout = decoder.Decode(trial); }
            catch (BeyondHorizonException) { continue; }
            if (layout.Score.CompareTo(score) <= 0 || layout.Score.CompareTo(past[i % Memory]) <= 0) (now, score) = (trial, layout.Score);
            past[i % Memory] = score;
            if (layout.Score.IsBetterThan(best.Score)) (best, bestSequence) = (layout, trial);
            // Lost far from the best for long: go back to it.
            if (i % 1000 == 999) (now, score) = (bestSequence, best.Score);
        }
        return best;
    }

    private static void Vary(Sequence s, PlanProblem problem, int[] flexible, Luck random)
    {
        if (flexible.Length > 0 && (s.Jobs.Length < 2 || random.Next(3) == 0))
        {
            var task = flexible[random.Next(flexible.Length)];
            s.Options[task] = random.Next(problem.Tasks[task].Options.Length);
            if (s.Jobs.Length < 2) return;
        }
        // Take one entry out and put it back elsewhere, mostly near.
        var from = random.Next(s.Jobs.Length);
        var span = random.Next(4) == 0 ? s.Jobs.Length : Math.Min(8, s.Jobs.Length);
        var to = Math.Clamp(from + random.Next(2 * span + 1) - span, 0, s.Jobs.Length - 1);
        var job = s.Jobs[from];
        if (from < to) Array.Copy(s.Jobs, from + 1, s.Jobs, from, to - from);
        else Array.Copy(s.Jobs, to, s.Jobs, to + 1, from - to);
        s.Jobs[to] = job;
    }
}
