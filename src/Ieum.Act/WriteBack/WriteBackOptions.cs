using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Act;

/// <summary>Settings of the guarded write-back; section <c>WriteBack</c> of <c>ieum.json</c>. Safe to leave out. What may be written stands in <c>writes</c>.</summary>
public sealed class WriteBackOptions
{
    public const string Section = "WriteBack";

    /// <summary>How long a machine may take to answer a write or a question, 0.1 s to 2 min of real time. Default 10 s, more than a slow gateway needs.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00")]
    public TimeSpan AnswerLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the machine may take until it holds what was sent, 0.01 s to 5 min of real time. Default 15 s: some controllers take a value over at the end of a cycle only.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:05:00")]
    public TimeSpan ReadBackLimit { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests that may wait for a second person at once, 1 to 1,000. Default 50: more than that nobody looks at with care.</summary>
    [Range(1, 1000)]
    public int MostWaiting { get; set; } = 50;
}

[OptionsValidator]
internal sealed partial class WriteBackOptionsCheck : IValidateOptions<WriteBackOptions>;
