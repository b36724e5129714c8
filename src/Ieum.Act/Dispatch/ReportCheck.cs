using System.Globalization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>Whether a report fits what is known; pure.</summary>
internal static class ReportCheck
{
    /// <summary>The broken rule with a text that says what to do; null when the report fits.</summary>
    /// <param name="latest">Reports after this instant lie in the future.</param>
    public static (string Rule, string Message)? Check(ShopState state, ShopEvent e, DateTimeOffset latest)
    {
        if (string.IsNullOrWhiteSpace(e.By)) return (ShopRules.NoName, $"The report on '{e.Operation}' does not say who made it; sign in again.");
        if (e.At > latest)
            return (ShopRules.TimeAhead, $"The report on '{e.Operation}' is dated {Show(e.At)}, which is still to come; set the clock of the device.");
        if (state.FactsOf(e.Operation) is not { } facts)
            return (ShopRules.UnknownOperation, $"No order has an operation '{e.Operation}'; look at the list of the machine again.");
        return Lasting(state, e) ?? Lot(state, e, facts) ?? (e is ShopEvent.Started ? Start(state, e, facts) : Pieces(state, e, facts));
    }

    private static (string, string)? Lot(ShopState state, ShopEvent e, OperationFacts facts) => e.Lot is { } lot && LotBook.IsOfAnother(state.Orders, facts.Order, lot)
        ? (ShopRules.LotOfAnother, $"Lot '{lot}' belongs to another order than '{e.Operation}'; look at the label again.") : null;

    /// <summary>A few pieces too many happen every day; twice the order is a slip of the finger.</summary>
    private static (string, string)? Pieces(ShopState state, ShopEvent e, OperationFacts facts)
    {
        if (Counted(e) is not var (good, scrap)) return null;
        var actual = state.ActualOf(e.Operation);
        var all = (long)good + scrap + actual.Good + actual.Scrap;
        return all <= 2L * facts.Quantity ? null : (ShopRules.TooManyPieces,
            $"{all} pieces are reported for '{e.Operation}', that is more than twice the {facts.Quantity} of the order; count again.");
    }

    private static (int Good, int Scrap)? Counted(ShopEvent e) => e switch
    {
        ShopEvent.LotFinished l => (l.Good, l.Scrap),
        ShopEvent.Finished f => (f.Good, f.Scrap),
        _ => null,
    };

    /// <summary>The rules that hold for a stored report as well, whatever happened to the order book since.</summary>
    public static (string Rule, string Message)? Lasting(ShopState state, ShopEvent e)
    {
        var actual = state.ActualOf(e.Operation);
        if (actual.Status == OperationStatus.Finished)
            return (ShopRules.AlreadyFinished, $"'{e.Operation}' was finished at {Show(actual.Finished)}; nothing more can be reported.");
        if (state.Newest.TryGetValue(e.Operation, out var newest) && e.At < newest)
            return (ShopRules.TimeBackwards, $"The report on '{e.Operation}' is dated {Show(e.At)}, before the last one at {Show(newest)}; check the clock of the device.");
        if (e is not ShopEvent.Started && actual.Status == OperationStatus.Waiting)
            return (ShopRules.NotStarted, $"'{e.Operation}' was not started; report the start first.");
        if (e is not ShopEvent.Started && actual.Machine != e.Machine)
            return (ShopRules.OtherMachine, $"'{e.Operation}' was started on '{actual.Machine}', not on '{e.Machine}'; report it there.");
        return e switch
        {
            ShopEvent.Started when actual.Status != OperationStatus.Waiting =>
                (ShopRules.AlreadyStarted, $"'{e.Operation}' was started at {Show(actual.Started)} on '{actual.Machine}'."),
            ShopEvent.Paused when actual.Status == OperationStatus.Paused =>
                (ShopRules.NotRunning, $"'{e.Operation}' is paused since {Show(actual.PausedSince)}."),
            ShopEvent.Paused p when !ShopRules.PauseReasons.Contains(p.Reason) =>
                (ShopRules.UnknownReason, $"'{p.Reason}' is no reason to pause '{e.Operation}' that the list has; choose one of {string.Join(", ", ShopRules.PauseReasons)}."),
            ShopEvent.Resumed when actual.Status != OperationStatus.Paused =>
                (ShopRules.NotPaused, $"'{e.Operation}' is running since {Show(actual.Started)}; there is nothing to go on with."),
            ShopEvent.LotFinished or ShopEvent.Finished when Counted(e) is var (good, scrap) && (good < 0 || scrap < 0) =>
                (ShopRules.NegativePieces, $"{good} good and {scrap} scrapped pieces are reported for '{e.Operation}'; both must be zero or more."),
            ShopEvent.LotFinished { Good: 0, Scrap: 0 } =>
                (ShopRules.EmptyLot, $"A lot of '{e.Operation}' is reported without a piece; count it, or pause the work."),
            ShopEvent.Started or ShopEvent.Resumed when state.Running.TryGetValue(e.Machine, out var busy) && busy != e.Operation =>
                (ShopRules.MachineBusy, $"'{e.Operation}' cannot run on '{e.Machine}' while '{busy}' does; finish or pause that first."),
            _ => null,
        };
    }

    private static (string, string)? Start(ShopState state, ShopEvent e, OperationFacts facts)
    {
        if (!facts.Machines.Contains(e.Machine))
            return (ShopRules.MachineNotAllowed, $"'{e.Operation}' cannot be done on '{e.Machine}'; its routing allows {string.Join(", ", facts.Machines)}.");
        foreach (var before in facts.Before)
            if (state.ActualOf(before).Status != OperationStatus.Finished)
                return (ShopRules.PredecessorOpen, $"'{before}' is not finished; '{e.Operation}' comes after it.");
        return null;
    }

    private static string Show(DateTimeOffset? t) => t?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "?";
}
