using Ieum.Model;

namespace Ieum.Connect.Shdr;

/// <summary>What a key means, guessed from its name; a connection's options overrule it. Of kind text: stays text even when it looks like a number (a program may be called 100).</summary>
internal readonly record struct ShdrMeaning(SignalRole Role, Unit Unit, ValueKind Kind)
{
    public static ShdrMeaning Unknown { get; } = new(SignalRole.None, Unit.One, ValueKind.None);
}

/// <summary>The names that adapters of the field use: NIST test bed (Mazak, GF Agie, Hurco), Okuma THINC, Haas, Fanuc.</summary>
/// <remarks>SHDR carries no model, so the key is all there is; names were taken from recordings and device files.</remarks>
internal static class ShdrNames
{
    public static ShdrMeaning Guess(string key)
    {
        var name = key[(key.LastIndexOf(':') + 1)..];
        // "pexecution", "p1CurrentTool": Okuma puts the path in front.
        var bare = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        var known = Exact(bare);
        if (known == ShdrMeaning.Unknown && bare.StartsWith('P')) known = Exact(bare.TrimStart('P').TrimStart('1', '2', '3', '4'));
        return known == ShdrMeaning.Unknown ? ByForm(bare) : known;
    }

    private static ShdrMeaning Exact(string bare) => bare switch
    {
        "AVAIL" or "AVAILABILITY" => Word(SignalRole.Availability),
        "EXECUTION" or "EXEC" or "PROGRAMSTATUS" => Word(SignalRole.Execution),
        "MODE" or "CONTROLLERMODE" => Word(SignalRole.ControllerMode),
        "PROGRAM" or "PROG" or "PROGRAMNAMERUNNING" or "PROGRAMNAME" => Word(SignalRole.Program),
        "SUBPROGRAM" or "PROGRAMNAMEEDITING" or "PROGRAMCMT" or "SUBPROGRAMCMT" or "PROGRAMHEADER" or "PROGRAMCOMMENT"
            or "BLOCK" or "MESSAGE" or "COMMENT" or "TOOLASSETID" or "PALLETID" or "FIXTUREID" => Word(SignalRole.None),
        "PARTCOUNTACT" or "PARTCOUNT" or "PARTSCOUNT" or "PARTCOUNTGOOD" or "PARTCOUNTALL" => new(SignalRole.PartCount, Unit.Piece, ValueKind.Integer),
        "ESTOP" or "EMERGENCYSTOP" or "ESTOPSTATE" => Word(SignalRole.EmergencyStop),
        "POWER" or "POWERSTATE" => Word(SignalRole.PowerState),
        "TOOLNUMBER" or "TOOLID" or "CURRENTTOOL" or "TOOLNUM" or "TOOL" => new(SignalRole.ToolNumber, Unit.One, ValueKind.Integer),
        "LINE" or "LINENUMBER" or "BLOCKNUMBER" or "SEQUENCENUM" or "UNITNUM" => new(SignalRole.None, Unit.One, ValueKind.Integer),
        "FACT" or "PATHFEEDRATE" or "FEEDRATE" or "FRT" => Number(SignalRole.Feedrate, Unit.MillimetrePerSecond),
        "FOVR" or "SOVR" or "FRAPIDOVR" or "FEEDOVERRIDE" or "RAPIDOVERRIDE" or "SPINDLEOVERRIDE" => Number(SignalRole.None, Unit.Percent),
        "SPINDLESPEED" or "SRPM" or "SSPEED" or "RPM" => Number(SignalRole.SpindleSpeed, Unit.RevolutionPerMinute),
        "AUTOTIME" or "TOTALTIME" or "CUTTIME" or "CUTTINGTIME" or "SPINDLETIME" or "PROGRAMRUNTIMESECONDS" => Number(SignalRole.None, Unit.Second),
        _ => ShdrMeaning.Unknown,
    };

    /// <summary>Axis letter, perhaps a number, and a word: Xabs, Z2load, S1rpm, C3actm, Aposition.</summary>
    private static ShdrMeaning ByForm(string bare)
    {
        if (bare.Length < 4 || !char.IsAsciiLetterUpper(bare[0])) return ShdrMeaning.Unknown;
        var axis = bare[0];
        var word = bare.AsSpan(1).TrimStart("0123456789");
        var rotary = axis is 'A' or 'B' or 'C';
        var linear = axis is 'U' or 'V' or 'W' or 'X' or 'Y' or 'Z';
        return word switch
        {
            "LOAD" when rotary || linear || axis == 'S' => Number(SignalRole.Load, Unit.Percent),
            "TEMP" => Number(SignalRole.Temperature, Unit.Celsius),
            "RPM" or "SPEED" when axis is 'S' or 'C' => Number(SignalRole.SpindleSpeed, Unit.RevolutionPerMinute),
            "OVR" => Number(SignalRole.None, Unit.Percent),
            "ABS" or "ACT" or "POS" or "POSITION" or "ACTM" or "ACTW" when linear => Number(SignalRole.Position, Unit.Millimetre),
            "DEG" or "ABS" or "ACT" or "POS" or "POSITION" or "ACTM" or "ACTW" when rotary => Number(SignalRole.Position, Unit.Degree),
            "FRT" when linear => Number(SignalRole.Feedrate, Unit.MillimetrePerSecond),
            _ => ShdrMeaning.Unknown,
        };
    }

    private static ShdrMeaning Word(SignalRole role) => new(role, Unit.One, ValueKind.Text);
    private static ShdrMeaning Number(SignalRole role, Unit unit) => new(role, unit, ValueKind.Real);
}
