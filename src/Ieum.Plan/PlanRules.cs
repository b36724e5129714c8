using System.Collections.Frozen;

namespace Ieum.Plan;

/// <summary>Stable ids of every rule the Plan room tells about; the pages translate them by the key <c>rule.&lt;id&gt;</c>.</summary>
public static class PlanRules
{
    // Why a request cannot be planned.
    public const string OrderTwice = "plan-order-twice";
    public const string ActualTwice = "plan-actual-twice";
    public const string MachineNoCalendar = "plan-machine-no-calendar";
    public const string BeyondHorizon = "plan-beyond-horizon";
    public const string DateOutOfRange = "plan-date-out-of-range";
    public const string LockUnknown = "plan-lock-unknown";
    public const string LockBroken = "plan-lock-broken";
    public const string DeadlineBroken = "plan-deadline-broken";
    public const string WaitBroken = "plan-wait-broken";
    public const string NameUnknown = "plan-name-unknown";

    public const string IdTwice = "plan-id-twice";
    public const string CalendarNeverOpens = "plan-calendar-never-opens";
    public const string MatrixHole = "plan-matrix-hole";
    public const string NumberOutOfRange = "plan-number-out-of-range";
    public const string DueBeforeRelease = "plan-due-before-release";
    public const string NoMachine = "plan-no-machine";
    public const string ModeLost = "plan-machine-left-out";
    public const string NeedUnmet = "plan-need-unmet";
    public const string MaterialMissing = "plan-material-missing";
    public const string LinkUnknown = "plan-link-unknown";
    public const string LaneNeverLeaves = "plan-lane-never-leaves";
    public const string RoutingCircle = "plan-routing-circle";

    // What the checkers find wrong with a plan.
    public const string CheckerRefused = "plan-checker-refused";
    public const string OperationMissing = "plan-operation-missing";
    public const string OperationTwice = "plan-operation-twice";
    public const string OperationUnknown = "plan-operation-unknown";
    public const string OperationFinished = "plan-operation-finished";
    public const string OperationFields = "plan-operation-fields";
    public const string MachineNotAllowed = "plan-machine-not-allowed";
    public const string RunningMoved = "plan-running-moved";
    public const string StartTooEarly = "plan-start-too-early";
    public const string BeforeRelease = "plan-before-release";
    public const string StepsOutOfOrder = "plan-steps-out-of-order";
    public const string MachineOverlap = "plan-machine-overlap";
    public const string OutsideCalendar = "plan-outside-calendar";
    public const string WrongDuration = "plan-wrong-duration";
    public const string WrongEnd = "plan-wrong-end";
    public const string WrongPromise = "plan-wrong-promise";
    public const string WrongTimeUsed = "plan-wrong-time-used";

    // What is wrong with a job shop file.
    public const string FileUnreadable = "plan-file-unreadable";
    public const string FileEmpty = "plan-file-empty";
    public const string FileHeader = "plan-file-header";
    public const string FileNotANumber = "plan-file-not-a-number";
    public const string FileOutOfRange = "plan-file-out-of-range";
    public const string FileMachineUnknown = "plan-file-machine-unknown";
    public const string FileMachineTwice = "plan-file-machine-twice";
    public const string FileNoMachine = "plan-file-no-machine";
    public const string FileRowCount = "plan-file-row-count";
    public const string FileRowLength = "plan-file-row-length";
    public const string FileTooShort = "plan-file-too-short";
    public const string FileTooLong = "plan-file-too-long";
    public const string FileCircle = "plan-file-circle";
    public const string FileLog = "plan-file-log";

    /// <summary>One English line per rule.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [OrderTwice] = "An order stands twice in the request.",
        [ActualTwice] = "Two reports tell different things about one operation.",
        [MachineNoCalendar] = "A routing names a machine that has no calendar.",
        [BeyondHorizon] = "The work does not fit into two years of working time.",
        [DateOutOfRange] = "A date lies more than two years after now.",
        [LockUnknown] = "A lock names an operation or machine that it cannot hold.",
        [LockBroken] = "An operation cannot begin when it is locked to begin.",
        [DeadlineBroken] = "An order ends after its deadline.",
        [WaitBroken] = "A step begins later than its longest wait allows.",
        [NameUnknown] = "A row names a table, skill, material or transport that there is not.",
        [IdTwice] = "An id or step number stands twice.",
        [CalendarNeverOpens] = "The calendar of a machine never opens.",
        [MatrixHole] = "A set-up matrix has a hole.",
        [NumberOutOfRange] = "A number lies outside its range.",
        [DueBeforeRelease] = "A due date or deadline lies before the date it must follow.",
        [NoMachine] = "No machine that can do an operation is left.",
        [ModeLost] = "A machine of an operation cannot be used and was left out.",
        [NeedUnmet] = "Nobody and nothing is there for a need of an operation.",
        [MaterialMissing] = "An operation takes more of a material than will ever come in.",
        [LinkUnknown] = "A step waits for one that is not in the routing.",
        [LaneNeverLeaves] = "A transport has no departure before the horizon.",
        [RoutingCircle] = "The steps of a routing wait for each other in a circle.",
        [CheckerRefused] = "A plan breaks a rule of the factory and was discarded.",
        [OperationMissing] = "An unfinished operation is not in the plan.",
        [OperationTwice] = "An operation stands twice in the plan.",
        [OperationUnknown] = "The plan names an operation that no order has.",
        [OperationFinished] = "The plan names an operation that is finished already.",
        [OperationFields] = "Order, step or quantity of a planned operation differ from its order.",
        [MachineNotAllowed] = "An operation is planned on a machine that cannot do it.",
        [RunningMoved] = "A started operation was moved to another machine or time.",
        [StartTooEarly] = "An operation that is not running starts in the past.",
        [BeforeRelease] = "An operation starts before its order is released.",
        [StepsOutOfOrder] = "A step starts before the step before it, or the wait between them, has ended.",
        [MachineOverlap] = "Two operations use one machine at the same time.",
        [OutsideCalendar] = "An operation starts or ends while its machine does not work.",
        [WrongDuration] = "The working time of an operation is not set-up plus pieces.",
        [WrongEnd] = "The end of an operation is not where its working time runs out.",
        [WrongPromise] = "The promised finish of an order is not the end of its last step.",
        [WrongTimeUsed] = "A time per piece was used that is neither the nominal nor an accepted measured one.",
        [FileUnreadable] = "A job shop file is not there or cannot be read.",
        [FileEmpty] = "A job shop file holds no operation.",
        [FileHeader] = "The first line of a job shop file does not tell jobs and machines.",
        [FileNotANumber] = "Something that is no number stands among the numbers of a job shop file.",
        [FileOutOfRange] = "A number of a job shop file lies outside its range.",
        [FileMachineUnknown] = "A job shop file names a machine beyond its number of machines.",
        [FileMachineTwice] = "An operation of a job shop file names a machine twice.",
        [FileNoMachine] = "An operation of a job shop file names no machine.",
        [FileRowCount] = "A block of a job shop file has too few or too many rows or numbers.",
        [FileRowLength] = "A row of a job shop file has too few or too many numbers.",
        [FileTooShort] = "A job shop file ends too early.",
        [FileTooLong] = "A job shop file goes on after its last job.",
        [FileLog] = "A solve log does not fit the job shop file, or is none.",
        [FileCircle] = "The operations of a job wait for each other in a circle.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
