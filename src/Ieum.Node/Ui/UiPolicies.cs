namespace Ieum.Node.Ui;

/// <summary>Names of the authorisation policies that pages ask for; the host defines what each role may.</summary>
public static class UiPolicies
{
    /// <summary>Reading: every signed-in person.</summary>
    public const string View = "CanView";
    /// <summary>Reporting from the shop floor: operator and above.</summary>
    public const string Operate = "CanOperate";
    /// <summary>Planning and deciding advice: planner and above.</summary>
    public const string Plan = "CanPlan";
    /// <summary>Connections, machines and users: the owner.</summary>
    public const string Own = "CanOwn";
}
