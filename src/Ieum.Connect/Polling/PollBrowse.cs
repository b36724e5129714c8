using System.Globalization;
using System.Net.Sockets;
using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>Where browsing a device begins.</summary>
/// <param name="Last">Last cell worth offering.</param>
internal readonly record struct BrowseTop(RegisterArea Area, int Start, int Last);

/// <summary>Browsing by pages of an area, for protocols whose devices cannot list what they hold.</summary>
internal static class PollBrowse
{
    /// <summary>Cells shown on one level.</summary>
    private const int PageCells = 100;

    public static async Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, PollOptions options, IRegisterProtocol protocol,
        IReadOnlyList<BrowseTop> tops, string? address, Clocks clocks, CancellationToken cancel)
    {
        if (address is null) return new(true, null, $"Areas of '{settings.Endpoint}'; open one to see what it holds now.", [.. tops.Select(t => Page(protocol, t.Area, t.Start, t.Last))]);
        if (!protocol.TryPlace(address, out var place, out var why)) return new(false, ConnectRules.PointWrong, $"'{address}': {why}.", []);
        var last = tops.FirstOrDefault(t => t.Area == place.Area && t.Start <= place.Start && place.Start <= t.Last) is { Last: > 0 } top ? top.Last : place.Start + PageCells - 1;
        try
        {
            using var link = await RegisterLink.OpenAsync(options.Patient(settings), protocol, clocks.Wire, cancel).ConfigureAwait(false);
            var count = Math.Min(PageCells, last - place.Start + 1);
            var answer = await PollProbe.ReadAroundAsync(link, protocol, place.Area, place.Start, count, settings.Endpoint, cancel).ConfigureAwait(false);
            return answer.Ok && place.Start + count <= last ? answer with { Items = answer.Items.Add(Page(protocol, place.Area, place.Start + count, last)) } : answer;
        }
        catch (OpeningRefused refused)
        {
            return new(false, refused.Rule, $"'{settings.Endpoint}': {refused.Message}", []);
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
        {
            var (broken, said) = Reach.Of(settings.Endpoint, fault);
            return new(false, broken, said, []);
        }
    }

    private static BrowseItem Page(IRegisterProtocol protocol, RegisterArea area, int start, int last)
    {
        var address = protocol.AddressOf(area, start);
        return new(address, string.Create(CultureInfo.InvariantCulture, $"{address} … {protocol.AddressOf(area, Math.Min(last, start + PageCells - 1))}"), true, null, null, null);
    }
}
