using Ieum.Node.Exchange;

namespace Ieum.Node.Views;

/// <summary>Tables in and out: orders, routings, stock, set-up times.</summary>
public interface IExchangeDesk
{
    /// <summary>Names of the tables that go in and out.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>Takes a file in: CSV or .xlsx, told by content. Good rows are taken, wrong ones are told; what is there already is updated, never doubled.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="check">Only says what would happen.</param>
    Task<ExchangeReport> AddAsync(string kind, ReadOnlyMemory<byte> bytes, bool check, string by, CancellationToken cancel);

    /// <summary>Lets orders go by the routing that their item has now; those on which work was begun meanwhile keep theirs.</summary>
    /// <param name="orders">As told in <see cref="ExchangeReport.Waiting"/>.</param>
    /// <returns>The orders that follow.</returns>
    Task<IReadOnlyList<string>> FollowAsync(IReadOnlyCollection<string> orders, string by, CancellationToken cancel);

    /// <summary>An empty table with its headings, and a sheet that explains them.</summary>
    /// <param name="format"><c>xlsx</c> or <c>csv</c>.</param>
    /// <param name="language"><c>ko</c>, <c>ja</c> or <c>en</c>.</param>
    OutFile Template(string kind, string format, string language);

    /// <param name="kind">One of <see cref="Kinds"/>, or <c>plan</c>.</param>
    /// <returns>Null when there is nothing of that kind: no plan in force.</returns>
    OutFile? Export(string kind, string format, string language);
}
