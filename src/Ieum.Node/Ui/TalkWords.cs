using Ieum.Plan.Across;

namespace Ieum.Node.Ui;

/// <summary>Messages between coordinator and company as sentences.</summary>
internal static class TalkWords
{
    public static string Asked(TalkLine line, Texts t) => line.Kind switch
    {
        TalkKind.Menu => t["one.ask.menu", line.Step, line.Order, Time(line.Arrival, t)],
        TalkKind.Try => t["one.ask.try", line.Step, line.Order, Time(line.Arrival, t)],
        _ => t["one.ask.accept"],
    };

    public static string Said(TalkLine line, Texts t) => line.Kind switch
    {
        TalkKind.Menu when line.Offers.IsEmpty => t["one.say.impossible"],
        TalkKind.Menu => string.Join(" / ", line.Offers.Select(o => o.Price == 0 ? t["one.say.free", Time(o.Finish, t)] : t["one.say.price", Time(o.Finish, t), t.Number(o.Price)])),
        TalkKind.Try => t[line.Word == "fits" ? "one.say.fits" : "one.say.impossible"],
        _ => t[line.Word switch { "ready" => "one.say.ready", "committed" => "one.say.committed", _ => "one.say.refused" }],
    };

    private static string Time(long minutes, Texts t) => t.Span(TimeSpan.FromMinutes(minutes));
}
