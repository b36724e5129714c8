using Microsoft.Extensions.Options;

namespace Ieum.Analyze;

/// <summary>What a lamp of a stack says about its machine.</summary>
public enum LampMeaning : byte
{
    /// <summary>Nothing; the colour is for people only.</summary>
    Nothing = 0,
    Running = 1,
    Idle = 2,
    Stopped = 3,
    Offline = 4,
    /// <summary>Stopped, and a fault lies over it.</summary>
    Fault = 5,
    /// <summary>A warning lies over whatever the machine does.</summary>
    Warning = 6,
    /// <summary>A person sets up; idle where no other lamp says more.</summary>
    SetUp = 7,
}

/// <summary>What the colours of stack lamps mean in this company; section <c>StackLamp</c> of <c>ieum.json</c>. Safe to leave out.</summary>
/// <remarks>Defaults follow IEC 60204-1 (10.3.2): red an emergency, yellow something abnormal, green normal, blue something a person has to do.</remarks>
public sealed class StackLampOptions
{
    public const string Section = "StackLamp";

    /// <summary>Red, steady. Default Fault.</summary>
    public LampMeaning Red { get; set; } = LampMeaning.Fault;
    /// <summary>Red, blinking. Default Fault.</summary>
    public LampMeaning RedBlinking { get; set; } = LampMeaning.Fault;
    /// <summary>Amber or yellow, steady. Default Stopped: it waits for somebody in the middle of work.</summary>
    public LampMeaning Amber { get; set; } = LampMeaning.Stopped;
    /// <summary>Amber, blinking. Default Warning: tool life, low coolant; it goes on working.</summary>
    public LampMeaning AmberBlinking { get; set; } = LampMeaning.Warning;
    /// <summary>Green, steady. Default Running.</summary>
    public LampMeaning Green { get; set; } = LampMeaning.Running;
    /// <summary>Green, blinking. Default Idle: the program has ended, the part waits to be taken out.</summary>
    public LampMeaning GreenBlinking { get; set; } = LampMeaning.Idle;
    /// <summary>Blue, steady. Default SetUp.</summary>
    public LampMeaning Blue { get; set; } = LampMeaning.SetUp;
    /// <summary>Blue, blinking. Default Warning: somebody is called.</summary>
    public LampMeaning BlueBlinking { get; set; } = LampMeaning.Warning;
    /// <summary>The buzzer sounds. Default Warning.</summary>
    public LampMeaning Buzzer { get; set; } = LampMeaning.Warning;
    /// <summary>All lamps are dark. Default Idle; Offline where the lamp never goes dark while the machine is on.</summary>
    public LampMeaning Dark { get; set; } = LampMeaning.Idle;

    /// <summary>Longest half of a blink, 100 ms to 10 s. Default 2 s. A lamp counts as dark only after it was off this long.</summary>
    public TimeSpan Blink { get; set; } = TimeSpan.FromSeconds(2);
}

internal sealed class StackLampOptionsCheck : IValidateOptions<StackLampOptions>
{
    public ValidateOptionsResult Validate(string? name, StackLampOptions options) =>
        options.Blink >= TimeSpan.FromMilliseconds(100) && options.Blink <= TimeSpan.FromSeconds(10)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"StackLamp.Blink is {options.Blink}; it must lie between 100 ms and 10 s.");
}
