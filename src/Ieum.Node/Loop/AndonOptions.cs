using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Settings of calls for help; section <c>Andon</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class AndonOptions
{
    public const string Section = "Andon";

    /// <summary>How long a call may wait for somebody to come before the planner is told, 30 s to 8 h of factory time. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "08:00:00")]
    public TimeSpan PlannerAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long until the owner is told too, 30 s to 24 h. Default 15 min; not before the planner.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan OwnerAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a machine may stand with a fault before it calls by itself, up to 8 h of factory time; 0 never. Default 2 min, so that a fault that an operator clears at once disturbs nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "08:00:00")]
    public TimeSpan FaultAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether calls are published on the node's MQTT broker, retained, under <c>ieum/andon/MACHINE/KIND</c>. Default false: it opens the broker's port even where no machine needs it.</summary>
    public bool Mqtt { get; set; }

    /// <summary>Whether a call may be answered over MQTT, by a message to <c>ieum/andon/MACHINE/KIND/ack</c>. Default true; read only where <c>Andon.Mqtt</c> is set. The name in it is not proved, so it is kept with the mark <c>(MQTT)</c>.</summary>
    public bool MqttAnswer { get; set; } = true;
}

[OptionsValidator]
internal sealed partial class AndonOptionsCheck : IValidateOptions<AndonOptions>;
