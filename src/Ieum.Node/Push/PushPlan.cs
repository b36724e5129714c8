using System.Collections.Immutable;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Push;

/// <summary>How far the phones know of a call.</summary>
/// <param name="Told">Highest level that was told.</param>
internal sealed record PushSent(AndonCall Call, int Told, bool Acknowledged);

/// <summary>What a message is about.</summary>
internal enum PushNews { Raised, Comes, Solved }

/// <summary>One message to one browser.</summary>
internal sealed record PushDue(AndonCall Call, PushNews News, PushSubscription To, bool MayAnswer);

/// <summary>Who is told what, without clock and network: the level of a call goes up until somebody comes, and whoever was told hears how it went on.</summary>
internal static class PushPlan
{
    /// <summary>When a person of a role is told unless they chose: operators at once, planners and owners when nobody came.</summary>
    public static int LevelOf(string role) => role switch { Roles.Operator => 0, Roles.Planner => 1, _ => 2 };

    /// <param name="roles">People who may sign in; browsers of others are told nothing.</param>
    public static (ImmutableArray<PushDue> Due, ImmutableArray<PushSent> Sent) Next(
        ImmutableArray<AndonCall> open, ImmutableArray<PushSent> sent, ImmutableArray<PushSubscription> subscriptions, IReadOnlyDictionary<string, string> roles)
    {
        var due = ImmutableArray.CreateBuilder<PushDue>();
        var next = ImmutableArray.CreateBuilder<PushSent>();
        foreach (var call in open)
        {
            var known = sent.FirstOrDefault(s => s.Call.Id == call.Id) ?? new(call, -1, false);
            if (call.Acknowledged is null) Tell(PushNews.Raised, call, level => level > known.Told && level <= call.Told, null);
            else if (!known.Acknowledged) Tell(PushNews.Comes, call, level => level <= known.Told, call.AcknowledgedBy);
            next.Add(new(call, call.Acknowledged is null ? Math.Max(known.Told, call.Told) : known.Told, call.Acknowledged is not null));
        }
        foreach (var over in sent.Where(s => open.All(c => c.Id != s.Call.Id))) Tell(PushNews.Solved, over.Call, level => level <= over.Told, null);
        return (due.ToImmutable(), next.ToImmutable());

        void Tell(PushNews news, AndonCall call, Func<int, bool> reached, string? but)
        {
            foreach (var s in subscriptions)
                if (s.User != but && roles.TryGetValue(s.User, out var role) && reached(s.From ?? LevelOf(role)))
                    due.Add(new(call, news, s, news == PushNews.Raised && role != Roles.Viewer));
        }
    }
}
