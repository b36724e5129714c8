namespace Ieum.Plan.Across;

/// <summary>All rehearsals of one company, and, where it is the referee, the totals of all.</summary>
/// <param name="blur">Width of the blur that the outside's times are known with.</param>
/// <param name="handOverBlur">Width of a lasting random shift of every hand-over the company tells of, by operation; 0 tells true ones.</param>
internal sealed class RehearsalDesk(Workbench floor, SharedBook orders, int blur, int handOverBlur, ulong secret) : IDisposable
{
    private const long HandOver = 0, Cost = 1;

    private sealed record Trialled(Rehearsal Rehearsal, int[] Parties, int Referee)
    {
        public bool Told { get; set; }
    }

    private sealed class Sum
    {
        public readonly HashSet<int> Heard = [];
        public ulong Cost;
        public long Last;
        public long Total => (long)Cost + Last;
    }

    private readonly Postbox _post = new(floor.Company);
    private readonly SortedDictionary<int, Trialled> _trials = [];
    private readonly Dictionary<int, List<(int Op, long Time)>> _early = [];
    private readonly Dictionary<int, Sum> _sums = [];
    private readonly List<(Judgement Asked, int Since)> _open = [];
    private readonly SortedDictionary<int, List<long>> _letters = [];
    private readonly Annealer _annealer = new(floor.Layout);
    private readonly SortedDictionary<int, (int Id, long Total)> _best = [];
    private Rng _rng = new(secret ^ 1234);

    /// <summary>Total of the best rehearsal, where this company is the referee; elsewhere the largest number.</summary>
    public long BestTotal => _best.Count == 0 ? long.MaxValue : _best.Values.Min(b => b.Total);

    public byte[] PublicKey => _post.PublicKey;

    /// <summary>Every hand-over this company tells of: rehearsal, company told, operation that waits, arrival. For attackers in measurements.</summary>
    public Action<int, int, int, long>? Noted { get; set; }

    /// <summary>Every negotiated plan as it begins to be rehearsed; likewise.</summary>
    public Action<int, Shop>? Agreed { get; set; }

    /// <summary>The floor as rehearsed; null when there was none of that number or it is not over.</summary>
    public Shop? FloorOf(int rehearsal) => _trials.TryGetValue(rehearsal, out var t) && t.Rehearsal.Over ? t.Rehearsal.Floor : null;

    /// <summary>Whether every key is one; companies are numbered in order.</summary>
    public bool Meet(byte[]?[] keys)
    {
        for (var c = 0; c < keys.Length; c++)
            if (keys[c] is { } key && !_post.Meet(c, key)) return false;
        return true;
    }

    /// <param name="planOf">The negotiated plan by number, in the blurred book's numbering, which is the true one's too; null for unknown.</param>
    public void Begin(Trial trial, Func<int, Shop?> planOf)
    {
        if (_trials.ContainsKey(trial.Number)) return;
        Rehearsal rehearsal;
        if (trial.Base != 0)
        {
            if (!_trials.TryGetValue(trial.Base, out var of) || !of.Rehearsal.Over) return;
            var shop = new Shop(floor.Layout);
            if (trial.Look is { } look && trial.Tries > 0) shop = of.Rehearsal.Improved(look, blur, trial.Bound, Math.Min(trial.Tries, 20_000), _annealer, ref _rng);
            else shop.CopyFrom(of.Rehearsal.Floor);
            rehearsal = new(floor, orders, shop, of.Rehearsal.To);
        }
        else
        {
            if (planOf(trial.Plan) is not { } agreed) return;
            var to = new int[floor.Shared];
            Array.Fill(to, -1);
            for (var i = 0; i + 1 < trial.To.Length; i += 2)
                if (floor.Local(trial.To[i]) is >= 0 and var t && trial.To[i + 1] >= 0 && trial.To[i + 1] < orders.Companies) to[t] = (int)trial.To[i + 1];
            var shop = new Shop(floor.Layout);
            shop.CopyFrom(agreed);
            Agreed?.Invoke(trial.Number, agreed);
            rehearsal = new(floor, orders, shop, to);
        }
        _trials[trial.Number] = new(rehearsal, trial.Parties, trial.Referee);
        if (!_early.Remove(trial.Number, out var early)) return;
        foreach (var (op, time) in early) rehearsal.Arrive(floor.Local(op), time);
    }

    public void Forget(int number)
    {
        if (_best.Values.Any(b => b.Id == number)) return;
        _trials.Remove(number);
        _early.Remove(number);
        _sums.Remove(number);
    }

    /// <summary>A letter of another company; one that cannot be opened or read is as if it had not come.</summary>
    public void Take(int from, byte[] sealed_)
    {
        if (_post.Open(from, sealed_) is not { } letter || Numbers.Read(letter) is not { } said || said.Count % 4 != 0) return;
        for (var i = 0; i < said.Count; i += 4)
        {
            var number = (int)said[i + 1];
            if (said[i] == HandOver)
            {
                if (_trials.TryGetValue(number, out var t)) t.Rehearsal.Arrive(floor.Local(said[i + 2]), said[i + 3]);
                else
                {
                    if (!_early.TryGetValue(number, out var early)) _early[number] = early = [];
                    early.Add(((int)said[i + 2], said[i + 3]));
                }
            }
            else if (said[i] == Cost) Add(number, from, unchecked((ulong)said[i + 2]), said[i + 3]);
        }
    }

    private void Add(int number, int from, ulong cost, long last)
    {
        if (!_sums.TryGetValue(number, out var sum)) _sums[number] = sum = new();
        if (!sum.Heard.Add(from)) return;
        sum.Cost = unchecked(sum.Cost + cost);
        sum.Last = Math.Max(sum.Last, last);
    }

    /// <summary>Goes on with all rehearsals; the letters that come of it, sealed.</summary>
    public Mail[] Work()
    {
        foreach (var (number, trial) in _trials)
        {
            if (trial.Told) continue;
            trial.Rehearsal.GoOn((company, op, time) =>
            {
                time += Shift(op);
                Noted?.Invoke(number, company, op, time);
                Write(company, [HandOver, number, op, time]);
            });
            if (!trial.Rehearsal.Over) continue;
            trial.Told = true;
            var (cost, last) = trial.Rehearsal.Result();
            var masked = unchecked(cost + _post.Mask(number, trial.Parties));
            if (trial.Referee == floor.Company) Add(number, floor.Company, masked, last);
            else Write(trial.Referee, [Cost, number, unchecked((long)masked), last]);
        }
        Mail[] mails = [.. _letters.Where(l => _post.Partners.Contains(l.Key)).Select(l => new Mail(l.Key, _post.Seal(l.Key, Numbers.Write(l.Value))))];
        _letters.Clear();
        return mails;
    }

    /// <summary>The same for an operation in every rehearsal, so that many do not average it out.</summary>
    private int Shift(int op) => handOverBlur == 0 ? 0 : new Rng(secret ^ 4321 ^ ((ulong)op << 24)).Below(handOverBlur + 1) - handOverBlur / 2;

    private void Write(int to, ReadOnlySpan<long> words)
    {
        if (!_letters.TryGetValue(to, out var letter)) _letters[to] = letter = [];
        letter.AddRange(words);
    }

    /// <summary>
    /// The referee's word, once all of a group are through or the group is called in: its number, which rehearsal is the best of its series so
    /// far if one of this group is (0 if none is better than what there was), and whether it is the best of all series. No total is told.
    /// </summary>
    public long[]? Judge(Judgement[] asked)
    {
        foreach (var a in asked)
        {
            _open.RemoveAll(o => o.Asked.Group == a.Group);
            _open.Add((a, 0));
        }
        List<long> word = [];
        for (var i = 0; i < _open.Count; i++)
        {
            var (a, _) = _open[i];
            var over = a.Rehearsals.Where(r => _sums.TryGetValue(r, out var s) && s.Heard.Count == a.Parties).ToList();
            if (over.Count < a.Rehearsals.Length && !a.Now) continue;
            var (better, best, ofAll) = (0, _best.TryGetValue(a.Series, out var b) ? b.Total : long.MaxValue, BestTotal);
            foreach (var r in over)
                if (_sums[r].Total < best) (better, best) = (r, _sums[r].Total);
            if (better != 0) _best[a.Series] = (better, best);
            word.AddRange([a.Group, better, over.Count, best < ofAll ? 1 : 0]);
            _open.RemoveAt(i--);
        }
        return word.Count > 0 ? [.. word] : null;
    }

    public void Dispose() => _post.Dispose();
}

/// <summary>Whole numbers as bytes, seven bits each, small ones short.</summary>
internal static class Numbers
{
    public static byte[] Write(List<long> numbers)
    {
        List<byte> bytes = new(numbers.Count * 2);
        foreach (var n in numbers)
        {
            var rest = unchecked((ulong)(n << 1) ^ (ulong)(n >> 63));
            for (; rest > 127; rest >>= 7) bytes.Add((byte)(rest | 128));
            bytes.Add((byte)rest);
        }
        return [.. bytes];
    }

    /// <summary>Null for bytes that are cut off or hold a number of more than 64 bits.</summary>
    public static List<long>? Read(ReadOnlySpan<byte> bytes)
    {
        List<long> numbers = [];
        var (number, shift) = (0UL, 0);
        foreach (var b in bytes)
        {
            if (shift > 63) return null;
            number |= (ulong)(b & 127) << shift;
            shift += 7;
            if (b > 127) continue;
            numbers.Add((long)(number >> 1) ^ -(long)(number & 1));
            (number, shift) = (0, 0);
        }
        return shift == 0 ? numbers : null;
    }
}
