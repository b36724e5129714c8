namespace Ieum.Plan.Across;

/// <summary>What an owner allows the outside to learn.</summary>
/// <param name="Offers">Most offers per menu, 1 to 3 by the protocol (more only in measurements of what a menu costs).</param>
/// <param name="Budget">Most menus answered in one negotiation; 0 means as many as are asked.</param>
/// <param name="Grain">Prices are rounded up to multiples of this; 1 leaves them.</param>
/// <param name="Decoys">Share of menus, 0 to 1, from which the earliest offer is left out by a lasting lot.</param>
internal sealed record OwnerSettings(int Offers = 3, int Budget = 0, int Grain = 1, double Decoys = 0);

/// <summary>One company in a negotiation: answers requests about hypothetical plans from its (blurred) book.</summary>
internal sealed class CompanyDesk
{
    private sealed class Plan(Shop shop, long[] told)
    {
        public Shop Shop = shop;
        public long[] Told = told;
    }

    /// <summary>More plans than this at once are refused: a coordinator must drop what it does not need.</summary>
    private const int MostPlans = 4096;

    private readonly Workbench _bench;
    private readonly OwnerSettings _settings;
    private readonly ulong _secret;
    private readonly Dictionary<int, Plan> _plans = [];
    private readonly Stack<Plan> _pool = [];
    private readonly Annealer _annealer;
    private readonly long _emptyCost;
    private readonly Shop _empty;
    private Rng _rng;
    private byte[]? _last;
    private int _lastNumber, _asked;
    private int _prepared = -1;

    /// <param name="first">First operation of each order, see <see cref="SharedBook.First"/>.</param>
    public CompanyDesk(CompanyBook book, int[] first, OwnerSettings settings, ulong secret)
    {
        _bench = new(book);
        _bench.Chain(first);
        (_settings, _secret, _rng) = (settings, secret, new(secret ^ 77));
        _annealer = new(_bench.Layout);
        _empty = _bench.Empty();
        _annealer.Improve(_empty, ref _rng, 1 + _empty.Cost() * 0.02, 0.5, i => i / 2000.0);
        _emptyCost = _bench.OwnCost(_empty);
    }

    /// <summary>The committed plan's sequences per machine: option and wire number, own orders as −1 − index. Only the shop floor asks.</summary>
    internal int Committed { get; private set; } = -1;
    internal Workbench Bench => _bench;
    internal Shop? ShopOf(int plan) => _plans.TryGetValue(plan, out var p) ? p.Shop : null;
    /// <summary>Cost of own orders in a plan, as told.</summary>
    internal int MenusAsked => _asked;

    public byte[] Answer(byte[] bytes)
    {
        if (!MessageCodec.TryDecode(bytes, out Request? request)) return MessageCodec.Encode(new Reply { Error = "unreadable" });
        if (request.Number == _lastNumber && _last is not null) return _last;
        if (request.Number < _lastNumber) return MessageCodec.Encode(new Reply { Number = request.Number, Error = "old-number" });
        var reply = Refusal(request) is { } reason ? new Reply { Number = request.Number, Error = reason } : Do(request);
        (_lastNumber, _last) = (request.Number, MessageCodec.Encode(reply));
        return _last;
    }

    private string? Refusal(Request r)
    {
        if (r.Keep is { } k && k.Length % 2 != 0) return "keep-pairs";
        foreach (var t in r.Targets ?? [])
            if (t.List is null || t.List.Length % 5 != 0) return "targets-fives";
        foreach (var s in r.Steps ?? [])
        {
            if (s.Insert is { } i && i.Length % 3 != 0) return "insert-threes";
            if (s.Arrive is { } a && a.Length % 2 != 0) return "arrive-pairs";
            for (var x = 0; x < (s.Insert?.Length ?? 0); x += 3)
                if (_bench.Local(s.Insert![x]) < 0) return "unknown-operation";
        }
        foreach (var m in r.Menus ?? [])
            if (m.Arrivals is null || m.Arrivals.Length > 16 || _bench.Local(m.Operation) < 0) return "unknown-operation";
        return _plans.Count > MostPlans ? "too-many-plans" : null;
    }

    private Reply Do(Request r)
    {
        // Copies first: a plan may be kept under another number and dropped in the same request.
        for (var i = 0; i + 1 < (r.Keep?.Length ?? 0); i += 2)
        {
            var from = Get(r.Keep![i], -1);
            if (!_plans.TryGetValue(r.Keep[i + 1], out var to)) _plans[r.Keep[i + 1]] = to = Fresh();
            Copy(from, to);
        }
        foreach (var d in r.Drop ?? [])
            {
            if (_plans.Remove(d, out var p)) _pool.Push(p);
        }
        List<long[]> slack = [];
        foreach (var t in r.Targets ?? [])
        {
            var shop = Get(t.Plan, -1).Shop;
            for (var i = 0; i < t.List.Length; i += 5)
            {
                var o = _bench.Local(t.List[i]);
                if (o < 0) continue;
                (shop.Limit1[o], shop.Weight1[o], shop.Limit2[o], shop.Weight2[o]) = (t.List[i + 1], t.List[i + 2], t.List[i + 3], t.List[i + 4]);
            }
            slack.Add(SlackOf(shop));
        }
        return new()
        {
            Number = r.Number,
            Slack = slack.Count > 0 ? [.. slack] : null,
            Menus = r.Menus?.Select(MenusOf).ToArray(),
            Steps = r.Steps?.Select(Apply).ToArray(),
            Phase = r.Phase is null ? null : PhaseOf(r.Phase, r.Plan),
        };
    }

    /// <summary>How late each part may arrive from another company before somebody passes a limit.</summary>
    private long[] SlackOf(Shop shop)
    {
        if (!shop.Retime()) return [];
        shop.Backward(_bench.Shared);
        List<long> all = [];
        for (var t = 0; t < _bench.Shared; t++)
        {
            if (shop.Option[t] < 0 || _bench.Begins(t) || (_bench.Layout.Before[t] is >= 0 and var b && shop.Option[b] >= 0)) continue;
            var time = shop.TimeOf(t);
            all.AddRange([_bench.Wire[t], shop.Late1[t] - time, (long)shop.Hurt1[t], shop.Late2[t] - time, (long)shop.Hurt2[t]]);
        }
        return [.. all];
    }

    private string PhaseOf(string phase, int plan)
    {
        switch (phase)
        {
            case "prepare" when _plans.ContainsKey(plan):
                _prepared = plan;
                return "ready";
            case "commit" when _prepared == plan && plan >= 0:
                Committed = plan;
                return "committed";
            case "abort":
                _prepared = -1;
                return "aborted";
            default:
                return "refused";
        }
    }

    private Plan Fresh() => _pool.Count > 0 ? _pool.Pop() : new(new(_bench.Layout), new long[_bench.Shared]);

    private static void Copy(Plan from, Plan to)
    {
        to.Shop.CopyFrom(from.Shop);
        Array.Copy(from.Told, to.Told, to.Told.Length);
    }

    /// <summary>A plan by number; an unknown one begins as copy of another, or with own orders only.</summary>
    private Plan Get(int number, int from)
    {
        if (_plans.TryGetValue(number, out var plan)) return plan;
        plan = _plans[number] = Fresh();
        if (_plans.TryGetValue(from, out var parent) && from != number) Copy(parent, plan);
        else
        {
            plan.Shop.CopyFrom(_empty);
            Array.Fill(plan.Told, -1);
        }
        return plan;
    }

    private Timing Apply(Step step)
    {
        var plan = Get(step.Plan, step.From);
        var shop = plan.Shop;
        foreach (var w in step.Remove ?? [])
        {
            var t = _bench.Local(w);
            if (t < 0 || shop.Option[t] < 0) continue;
            shop.Remove(t);
            plan.Told[t] = -1;
        }
        for (var i = 0; i + 1 < (step.Arrive?.Length ?? 0); i += 2)
            if (_bench.Local(step.Arrive![i]) is >= 0 and var t) shop.Release[t] = step.Arrive[i + 1];
        var good = shop.Retime();
        for (var i = 0; good && i + 2 < (step.Insert?.Length ?? 0); i += 3)
        {
            var t = _bench.Local(step.Insert![i]);
            if (shop.Option[t] >= 0) shop.Remove(t);
            shop.Release[t] = step.Insert[i + 1];
            _bench.Place(shop, t, step.Insert[i + 2]);
            good = shop.Retime();
        }
        if (good && (step.Insert is not null || step.Effort > 0)) good = Tidy(shop);
        if (good && step.Effort > 0)
        {
            var tries = Math.Min(step.Effort, 20_000);
            var hot = Math.Max(1, shop.Cost() * 0.02);
            _annealer.Improve(shop, ref _rng, hot, hot * 0.05, i => i / (double)tries);
            good = shop.Retime();
        }
        if (!good) return new(null, null);
        List<long> told = [];
        for (var t = 0; t < _bench.Shared; t++)
        {
            if (shop.Option[t] < 0) continue;
            // What arrives from inside the house is remembered as an arrival, in case the one before is given away.
            if (_bench.Layout.Before[t] is >= 0 and var b && shop.Option[b] >= 0) shop.Release[t] = shop.End[b];
            if (plan.Told[t] == shop.End[t]) continue;
            plan.Told[t] = shop.End[t];
            told.Add(_bench.Wire[t]);
            told.Add(shop.End[t]);
        }
        var price = Math.Max(0, _bench.OwnCost(shop) - _emptyCost);
        return new(told.Count > 0 ? [.. told] : null, Rounded(price));
    }

    /// <summary>Own orders that came to be late by what was put before them look for a better place, at most four of them.</summary>
    private bool Tidy(Shop shop)
    {
        var from = _bench.Wire.Length == _bench.Shared ? 0 : _rng.Below(_bench.Wire.Length - _bench.Shared);
        var left = 4;
        for (var i = _bench.Shared; i < _bench.Wire.Length && left > 0; i++)
        {
            var t = _bench.Shared + (i - _bench.Shared + from) % (_bench.Wire.Length - _bench.Shared);
            if (shop.CostOf(t, shop.End[t]) <= 0) continue;
            left--;
            shop.Remove(t);
            if (!shop.Retime()) return false;
            _bench.Place(shop, t, shop.Limit1[t]);
            if (!shop.Retime()) return false;
        }
        return true;
    }

    private long Rounded(long price) => _settings.Grain <= 1 ? price : (long)Math.Ceiling(price / (double)_settings.Grain) * _settings.Grain;

    private long[] MenusOf(MenuAsk ask)
    {
        List<long> flat = [];
        var t = _bench.Local(ask.Operation);
        var shop = _bench.Without(Get(ask.Plan, -1).Shop, ask.Without);
        foreach (var arrival in ask.Arrivals)
        {
            // The budget is counted in menus, whatever message they come in.
            if (_settings.Budget > 0 && ++_asked > _settings.Budget)
            {
                flat.Add(0);
                continue;
            }
            if (_settings.Budget == 0) _asked++;
            var menu = _bench.Menu(shop, t, arrival, _settings.Offers);
            var skip = _settings.Decoys > 0 && menu.Count > 1 && new Rng(_secret ^ ((ulong)ask.Operation << 32) ^ (ulong)(arrival / 64)).Unit() < _settings.Decoys ? 1 : 0;
            flat.Add(menu.Count - skip);
            foreach (var (finish, price) in menu.Skip(skip))
            {
                flat.Add(finish);
                flat.Add(Rounded(price));
            }
        }
        return [.. flat];
    }
}
