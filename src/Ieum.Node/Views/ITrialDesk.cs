using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>A desk that tries plans out beside the one in force.</summary>
public interface ITrialDesk
{
    /// <summary>Raised after something was tried, chosen or is over; on any thread.</summary>
    event Action? Changed;

    /// <summary>The factory clock.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Number of the plan in force; null before the first.</summary>
    int? Plan { get; }

    /// <summary>People, tools and fixtures that may be away.</summary>
    ImmutableArray<SecondResource> Resources { get; }
}
