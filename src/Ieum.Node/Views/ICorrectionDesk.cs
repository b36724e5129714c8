using System.Collections.Immutable;
using Ieum.Act;

namespace Ieum.Node.Views;

/// <summary>What the page of corrections reads and changes.</summary>
public interface ICorrectionDesk
{
    /// <summary>Raised after other corrections hold; on any thread.</summary>
    event Action? Changed;

    ImmutableArray<Correction> All { get; }

    /// <summary>Nobody changed anything yet: what <c>ieum.json</c> says holds.</summary>
    bool FromFile { get; }

    /// <summary>Judges and keeps one; it holds at once. Nothing was changed when there are faults.</summary>
    /// <param name="replace">Whether one of that name may be there already.</param>
    /// <param name="by">An owner.</param>
    Task<IReadOnlyList<CorrectionFault>> SaveAsync(Correction correction, bool replace, string by, CancellationToken cancel);

    /// <summary>Takes one away. What it advised and nobody decided is closed; what it wrote stays, and can be taken back.</summary>
    /// <param name="by">An owner.</param>
    Task<IReadOnlyList<CorrectionFault>> RemoveAsync(string id, string by, CancellationToken cancel);

    /// <summary>Who changed which, newest first, out of the audit; at most <paramref name="most"/>.</summary>
    Task<ImmutableArray<SettingsChange>> ChangesAsync(int most, CancellationToken cancel);
}
