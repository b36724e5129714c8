using System.Collections.Immutable;
using System.Text;

namespace Ieum.Plan.Across;

/// <summary>What an exchange with a company is about.</summary>
public enum TalkKind : byte
{
    /// <summary>When would this step be done here, would the part arrive then? The answer is a menu.</summary>
    Menu,
    /// <summary>Put this step into a trial plan. The answer says whether it goes.</summary>
    Try,
    /// <summary>All accept the plan, in two phases.</summary>
    Accept,
}

/// <param name="Finish">When the step would be done.</param>
/// <param name="Price">What that costs the company's own customers, in weight × lateness; 0 for nothing.</param>
public readonly record struct TalkOffer(long Finish, long Price);

/// <summary>One question to a company and its answer, as the bytes on the wire say it.</summary>
/// <param name="Message">Number of the request, counted per company.</param>
/// <param name="Order">Shared order asked about; null for <see cref="TalkKind.Accept"/>.</param>
/// <param name="Step">1 is the order's first.</param>
/// <param name="Arrival">When the part would arrive.</param>
/// <param name="Offers">Answer to <see cref="TalkKind.Menu"/>; empty: not possible here.</param>
/// <param name="Word">Answer to <see cref="TalkKind.Accept"/>: <c>ready</c>, <c>committed</c>, …; of a trial: <c>fits</c> or <c>impossible</c>.</param>
public sealed record TalkLine(int Message, TalkKind Kind, string? Order, int Step, long Arrival, ImmutableArray<TalkOffer> Offers, string? Word);

/// <summary>Everything one company said, summed up, and its last exchanges.</summary>
/// <param name="Messages">Requests and replies.</param>
/// <param name="Menus">Menus answered.</param>
/// <param name="LastRequest">The last exchange, byte for byte, cut off where it is long.</param>
/// <param name="LastReply">Its answer.</param>
public sealed record CompanyTalk(int Messages, long Bytes, int Menus, ImmutableArray<TalkLine> Lines, string LastRequest, string LastReply)
{
    public static CompanyTalk None { get; } = new(0, 0, 0, [], "", "");
}

/// <summary>Listens to a run and tells what left each company: the same bytes that its owner would find on the wire. Any thread may read.</summary>
public sealed class AcrossTalk
{
    /// <summary>Exchanges kept per company and kind.</summary>
    private const int Kept = 6;
    private const int LongestShown = 700;
    private readonly Lock _gate = new();
    private readonly string[] _order;
    private readonly int[] _step;
    private readonly Heard[] _companies;

    private sealed class Heard
    {
        public int Messages, Menus;
        public long Bytes;
        public readonly Queue<TalkLine>[] Lines = [new(), new(), new()];
        public byte[] Request = [], Reply = [];
    }

    public AcrossTalk(AcrossTown town)
    {
        _order = [.. town.Orders.SelectMany(o => Enumerable.Repeat(o.Id, o.Steps))];
        _step = [.. town.Orders.SelectMany(o => Enumerable.Range(1, o.Steps))];
        _companies = [.. town.Companies.Select(_ => new Heard())];
    }

    /// <param name="company">Index into the town's companies.</param>
    public CompanyTalk Of(int company)
    {
        lock (_gate)
        {
            var h = _companies[company];
            return new(h.Messages, h.Bytes, h.Menus, [.. h.Lines.SelectMany(q => q).OrderBy(l => l.Message)], Shown(h.Request), Shown(h.Reply));
        }
    }

    internal void Hear(int company, byte[] request, byte[] reply)
    {
        lock (_gate)
        {
            var h = _companies[company];
            h.Messages += 2;
            h.Bytes += request.Length + reply.Length;
            (h.Request, h.Reply) = (request, reply);
            if (!MessageCodec.TryDecode(request, out Request? q) || !MessageCodec.TryDecode(reply, out Reply? a)) return;
            if (q.Menus is { } asks)
            {
                h.Menus += asks.Sum(m => m.Arrivals.Length);
                if (asks is [var ask, ..] && ask.Arrivals is [var arrival, ..] && Known(ask.Operation) && a.Menus is [var menu, ..])
                    Keep(h, new(q.Number, TalkKind.Menu, _order[ask.Operation], _step[ask.Operation], arrival, Offers(menu), null));
            }
            if (q.Steps is [var trial, ..] && trial.Insert is [var op, var at, ..] && Known((int)Math.Clamp(op, -1, int.MaxValue)) && a.Steps is [var became, ..])
                Keep(h, new(q.Number, TalkKind.Try, _order[op], _step[op], at, [], became.Own is null ? "impossible" : "fits"));
            if (q.Phase is { } phase) Keep(h, new(q.Number, TalkKind.Accept, null, 0, 0, [], a.Phase ?? phase));
        }
    }

    private bool Known(int op) => op >= 0 && op < _order.Length;

    private static void Keep(Heard h, TalkLine line)
    {
        var lines = h.Lines[(int)line.Kind];
        if (lines.Count == Kept) lines.Dequeue();
        lines.Enqueue(line);
    }

    /// <summary>The menu of the first arrival: count, then so many pairs. A company that answers nonsense is shown with what can be read.</summary>
    private static ImmutableArray<TalkOffer> Offers(long[] menu) => menu.Length == 0 ? []
        : [.. Enumerable.Range(0, (int)Math.Clamp(menu[0], 0, (menu.Length - 1) / 2)).Select(i => new TalkOffer(menu[1 + 2 * i], menu[2 + 2 * i]))];

    private static string Shown(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, LongestShown)));
        return bytes.Length > LongestShown ? text + " …" : text;
    }
}
