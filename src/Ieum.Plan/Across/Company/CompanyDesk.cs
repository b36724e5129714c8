namespace Ieum.Plan.Across;

/// <summary>What an owner allows the outside to learn.</summary>
/// <param name="Offers">Most offers per menu, 1 to 3 by the protocol (more only in measurements of what a menu costs).</param>
/// <param name="Budget">Most menus answered in one negotiation; 0 means as many as are asked.</param>
/// <param name="Grain">Prices are rounded up to multiples of this; 1 leaves them.</param>
/// <param name="HandOver">Lasting random shift of hand-overs told to neighbours in rehearsals, as share of the width of the blur, 0 to 1. With 0 a neighbour recovers 14 % of all times where execution alone shows 2 % (edata/la01, K = 3); with 1 the plan that looks best is less often the best one.</param>
/// <param name="Decoys">Share of menus, 0 to 1, from which the earliest offer is left out by a lasting lot.</param>
internal sealed record OwnerSettings(int Offers = 3, int Budget = 0, int Grain = 1, double Decoys = 0, double HandOver = 0.5);

/// <summary>One company in a negotiation: answers requests about hypothetical plans from its (blurred) book.</summary>
internal sealed class CompanyDesk
{
    private sealed class Plan(Shop shop, int shared)
    {
        public readonly Shop Shop = shop;
        /// <summary>Per shared task the row told last, in this plan or the one it was copied from.</summary>
        public readonly long[]?[] Told = new long[]?[shared];
    }

    /// <summary>More plans than this at once are refused: a coordinator must drop what it does not need.</summary>
    private const int MostPlans = 4096;

    private readonly Workbench _bench;
    private readonly OwnerSettings _settings;
    private readonly ulong _secret;
    private readonly Dictionary<int, Plan> _plans = [];
    private readonly Stack<Plan> _pool = [];
    private readonly Annealer _annealer;
    private readonly long _margin;
    private readonly Shop _empty;
    private Rng _rng;
    private byte[]? _last;
    private int _lastNumber, _asked;
    private int _prepared = -1;

    /// <param name="book">What the company negotiates with, blurred.</param>
    /// <param name="truth">The same book with true times: for rehearsals, between companies alone.</param>
    public CompanyDesk(CompanyBook book, CompanyBook truth, SharedBook orders, int blur, OwnerSettings settings, ulong secret)
    {
        _bench = new(book, orders.First);
        Rehearsals = new(new(truth, orders.First), orders, blur, (int)Math.Round(blur * settings.HandOver), secret);
        (_settings, _secret, _rng) = (settings, secret, new(secret ^ 77));
        _annealer = new(_bench.Layout);
        _empty = _bench.Empty();
        _annealer.Improve(_empty, ref _rng, 1 + _empty.Cost() * 0.02, 0.5, i => i / 2000.0);
        _margin = 4 * (long)(1 + book.Options.Values.SelectMany(o => o).Select(o => (double)o.Time).DefaultIfEmpty(1).Average());
    }

    /// <summary>The committed plan's sequences per machine: option and wire number, own orders as −1 − index. Only the shop floor asks.</summary>
    internal int Committed { get; private set; } = -1;
    internal Workbench Bench => _bench;
    internal Shop? ShopOf(int plan) => _plans.TryGetValue(plan, out var p) ? p.Shop : null;
    internal int MenusAsked => _asked;
    internal RehearsalDesk Rehearsals { get; }
    /// <summary>The committed plan as rehearsed last, in true times; null when it was not rehearsed.</summary>
    internal Shop? Rehearsed => Rehearsals.FloorOf(Committed);

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
        foreach (var look in r.Looks ?? [])
            if (Strange(look)) return "look-unreadable";
        foreach (var s in r.Steps ?? [])
        {
            if (s.Insert is { } i && i.Length % 4 != 0) return "insert-fours";
            if (s.Look is { } look && Strange(look)) return "look-unreadable";
            for (var x = 0; x < (s.Insert?.Length ?? 0); x += 4)
                if (_bench.Local(s.Insert![x]) < 0) return "unknown-operation";
        }
        foreach (var trial in r.Trials ?? [])
            if (trial.Parties is null || trial.To is null || (trial.Look is { } look && Strange(look))) return "trial-unreadable";
        if ((r.Mail?.Any(m => m?.Letter is null) ?? false) || (r.Judge?.Any(j => j?.Rehearsals is null) ?? false)) return "mail-unreadable";
        foreach (var m in r.Menus ?? [])
            if (m.Arrivals is null || m.Arrivals.Length > 16 || _bench.Local(m.Operation) < 0) return "unknown-operation";
        return _plans.Count > MostPlans ? "too-many-plans" : null;
    }

    private Reply Do(Request r)
    {
        // Rehearsals of plans as they were; then copies: a plan may be kept under another number and dropped in the same request.
        foreach (var trial in r.Trials ?? []) Rehearsals.Begin(trial, n => _plans.TryGetValue(n, out var p) ? p.Shop : null);
        for (var i = 0; i + 1 < (r.Keep?.Length ?? 0); i += 2)
        {
            var from = Get(r.Keep![i], -1);
            if (!_plans.TryGetValue(r.Keep[i + 1], out var to)) _plans[r.Keep[i + 1]] = to = Fresh();
            Copy(from, to);
        }
        foreach (var d in r.Drop ?? [])
        {
            if (_plans.Remove(d, out var p)) _pool.Push(p);
            else Rehearsals.Forget(d);
        }
        if (r.Keys is { } keys) Rehearsals.Meet(keys);
        foreach (var m in r.Mail ?? []) Rehearsals.Take(m.Company, m.Letter);
        var mail = Rehearsals.Work();
        foreach (var look in r.Looks ?? []) See(Get(look.Plan, -1).Shop, look);
        return new()
        {
            Number = r.Number,
            Key = r.Number == 1 ? Rehearsals.PublicKey : null,
            Mail = mail.Length > 0 ? mail : null,
            Word = Rehearsals.Judge(r.Judge ?? []),
            Menus = r.Menus?.Select(MenusOf).ToArray(),
            Steps = r.Steps?.Select(Apply).ToArray(),
            Phase = r.Phase is null ? null : PhaseOf(r.Phase, r.Plan),
        };
    }

    private static bool Strange(Look look) => look.Arrivals is null || look.Orders is null || look.Others is null
        || !Outlooks.WellFormed(look.Arrivals, 3) || !Outlooks.WellFormed(look.Orders, 4) || !Outlooks.WellFormed(look.Others, 4);

    private void See(Shop shop, Look look)
    {
        shop.View = Outlooks.Of(look, _bench);
        for (var i = 0; i < look.Arrivals.Length; i += 3 + 2 * (int)look.Arrivals[i + 2])
            if (_bench.Local(look.Arrivals[i]) is >= 0 and var t) shop.Release[t] = look.Arrivals[i + 1];
    }

    private string PhaseOf(string phase, int plan)
    {
        switch (phase)
        {
            case "prepare" when _plans.ContainsKey(plan) || Rehearsals.FloorOf(plan) is not null:
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

    private Plan Fresh() => _pool.Count > 0 ? _pool.Pop() : new(new(_bench.Layout), _bench.Shared);

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
        else if (Rehearsals.FloorOf(from) is { } floor)
        {
            plan.Shop.CopyFrom(floor);
            Array.Clear(plan.Told);
        }
        else
        {
            plan.Shop.CopyFrom(_empty);
            Array.Clear(plan.Told);
        }
        return plan;
    }

    private Reaction Apply(Step step)
    {
        var plan = Get(step.Plan, step.From);
        var shop = plan.Shop;
        if (step.Look is { } look) See(shop, look);
        var good = shop.Retime();
        foreach (var w in step.Remove ?? [])
        {
            if (_bench.Local(w) is not (>= 0 and var t) || shop.Option[t] < 0) continue;
            Workbench.Leave(shop, t);
            plan.Told[t] = null;
        }
        if (step.Remove is not null) good = shop.Retime();
        for (var i = 0; good && i + 3 < (step.Insert?.Length ?? 0); i += 4)
        {
            var t = _bench.Local(step.Insert![i]);
            if (shop.Option[t] >= 0)
            {
                shop.Remove(t);
                if (!shop.Retime()) break;
            }
            shop.Release[t] = step.Insert[i + 1];
            _bench.Place(shop, t, step.Insert[i + 2], step.Insert[i + 3]);
            good = shop.Retime();
        }
        if (good && step.Insert is not null) good = Tidy(shop);
        if (good && step.Effort > 0)
        {
            var tries = Math.Min(step.Effort, 20_000);
            var hot = 1 + shop.Cost() * 0.003;
            _annealer.Improve(shop, ref _rng, hot, hot * 0.02, i => i / (double)tries);
            good = shop.Retime();
        }
        return good ? Told(plan) : new(null, null);
    }

    private Reaction Told(Plan plan)
    {
        var shop = plan.Shop;
        _bench.Reactions.Of(shop);
        List<long> told = [];
        for (var t = 0; t < _bench.Shared; t++)
        {
            if (shop.Option[t] < 0) continue;
            // What arrives from inside the house is remembered as an arrival, in case the one before is given away.
            if (_bench.Layout.Before[t] is >= 0 and var b && shop.Option[b] >= 0) shop.Release[t] = shop.End[b];
            var row = _bench.Reactions.Row(t);
            if (plan.Told[t] is { } old && old.AsSpan().SequenceEqual(row)) continue;
            plan.Told[t] = row;
            told.AddRange(row);
        }
        return new(told.Count > 0 ? [.. told] : null, _bench.Reactions.Own(shop, _margin));
    }

    /// <summary>Own orders that came to be late by what was put before them look for a better place, at most four of them.</summary>
    private bool Tidy(Shop shop)
    {
        var own = _bench.Wire.Length - _bench.Shared;
        var from = own == 0 ? 0 : _rng.Below(own);
        var left = 4;
        for (var i = 0; i < own && left > 0; i++)
        {
            var t = _bench.Shared + (i + from) % own;
            if (shop.CostOf(t, shop.End[t]) <= 0) continue;
            left--;
            shop.Remove(t);
            if (!shop.Retime()) return false;
            _bench.Place(shop, t, shop.Limit[t], 0);
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
