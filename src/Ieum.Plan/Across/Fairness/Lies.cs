namespace Ieum.Plan.Across;

/// <summary>Ways in which a company can misstate itself to get more or better work.</summary>
internal enum Lie : byte
{
    Honest,
    /// <summary>Claims more capacity than it has: all times × 0.75.</summary>
    Boasts,
    /// <summary>Promises late to be safe: all times × 1.3.</summary>
    HoldsBack,
    /// <summary>Calls its own customers ten times as important as they are.</summary>
    Overprices,
    /// <summary>Hides how important its own customers are: all weights 0.</summary>
    Hides,
}

/// <summary>A book as a liar shows it. Execution knows the true one.</summary>
internal static class Lies
{
    public static CompanyBook Shown(CompanyBook book, Lie lie) => lie switch
    {
        Lie.Boasts => Times(book, 0.75),
        Lie.HoldsBack => Times(book, 1.3),
        Lie.Overprices => book with { Own = [.. book.Own.Select(o => o with { Weight = o.Weight * 10 })] },
        Lie.Hides => book with { Own = [.. book.Own.Select(o => o with { Weight = 0 })] },
        _ => book,
    };

    /// <summary>The weights of its own orders that a company tells.</summary>
    public static int[] Claimed(FedInstance instance, int company, Lie lie) => [.. Shown(CompanyBook.Of(instance, company), lie).Own.Select(o => o.Weight)];

    private static CompanyBook Times(CompanyBook book, double factor) => book with
    {
        Options = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(book.Options.Select(o => KeyValuePair.Create(o.Key,
            System.Collections.Immutable.ImmutableArray.CreateRange(o.Value.Select(x => (x.Machine, Math.Max(1, (int)Math.Round(x.Time * factor)))))))),
    };
}
