using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Node.Cluster;

/// <summary>An order on the shop floor; one grain per order id, so reports about one order are taken one after the other.</summary>
internal interface IOrderTwin : IGrainWithStringKey
{
    Task<ShopAnswer> ReportAsync([Immutable] ShopEvent e);

    /// <summary>What happened to the order's operations so far, by step.</summary>
    ValueTask<OrderView> ViewAsync();
}

/// <param name="Actuals">Touched operations only.</param>
internal sealed record OrderView(OrderId Order, ImmutableArray<OperationActual> Actuals);

internal sealed class OrderGrain(IDispatcher dispatcher) : Grain, IOrderTwin
{
    private readonly SortedDictionary<string, OperationActual> _actuals = new(StringComparer.Ordinal);
    private OrderId _order;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _order = new(this.GetPrimaryKeyString());
        foreach (var a in dispatcher.Actuals.Where(a => OrderOf(a.Operation) == _order)) _actuals[a.Operation.Value] = a;
        return Task.CompletedTask;
    }

    public async Task<ShopAnswer> ReportAsync(ShopEvent e)
    {
        var answer = await dispatcher.ReportAsync(e, CancellationToken.None);
        if (answer.Accepted) _actuals[e.Operation.Value] = answer.Actual;
        return answer;
    }

    public ValueTask<OrderView> ViewAsync() => ValueTask.FromResult(new OrderView(_order, [.. _actuals.Values]));

    /// <summary>The order an operation belongs to: its name up to the last point (<see cref="OperationId.Of"/>).</summary>
    internal static OrderId OrderOf(OperationId operation)
    {
        var at = operation.Value.LastIndexOf('.');
        return new(at > 0 ? operation.Value[..at] : operation.Value);
    }
}
