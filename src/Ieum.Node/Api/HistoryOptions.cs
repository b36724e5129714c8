using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Api;

/// <summary>Who may read the recorded past without signing in; section <c>History</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class HistoryOptions
{
    public const string Section = "History";

    /// <summary>Bearer token with which a dashboard (Grafana) reads the past at /prometheus, at least 16 characters. Default none: only signed-in people may.</summary>
    [MinLength(16)]
    public string? ReadToken { get; set; }
}

/// <summary>Checks the attributes above without reflection; runs at start.</summary>
[OptionsValidator]
internal sealed partial class HistoryOptionsCheck : IValidateOptions<HistoryOptions>;
