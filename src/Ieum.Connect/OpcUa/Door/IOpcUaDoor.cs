using Ieum.Model;

namespace Ieum.Connect;

/// <summary>The node as an OPC UA server: its machines, their values, states and histories, for SCADA and MES.</summary>
/// <remarks>Nothing here waits for a client: a value that nobody watches replaces the one before.</remarks>
public interface IOpcUaDoor : IAsyncDisposable
{
    /// <summary>What a client connects to; empty while closed.</summary>
    string Endpoint { get; }

    /// <summary>Opens the server; does nothing when the options say it stays closed.</summary>
    /// <exception cref="IOException">The port is taken; the message names it.</exception>
    Task OpenAsync(DoorHouse house, CancellationToken cancel);

    /// <summary>Puts machines on show, or brings what is shown of them up to date; machines that are not named any more go.</summary>
    void Show(IReadOnlyList<DoorMachine> machines);

    /// <summary>Passes values on. Values of signals that are not on show yet appear with the next <see cref="Show"/>.</summary>
    void Tell(ReadOnlySpan<Sample> samples);
}

/// <summary>The house behind the door.</summary>
/// <param name="Admit">Judges an account; null refuses. Told the user name and the password.</param>
public sealed record DoorHouse(
    CompanyId Company, ISignalDirectory Signals, IMeasurementHistory History, IWriteDoor? Writes,
    Func<string, string, CancellationToken, ValueTask<DoorUser?>> Admit);

/// <param name="MayWrite">May ask for writes; each is judged besides.</param>
public sealed record DoorUser(string Name, bool MayWrite);

/// <summary>What is shown of a machine beside its signals.</summary>
/// <param name="Path">Where it stands, from the company down (ISA-95), the machine itself not included.</param>
/// <param name="Since">When the present state began.</param>
/// <param name="Oee">Today's OEE so far, 0 to 1; null while it cannot be measured.</param>
/// <param name="Order">Order it is busy with; null when none.</param>
public sealed record DoorMachine(
    Machine Machine, IReadOnlyList<string> Path, MachineState State, MachineOverlay Overlay, DateTimeOffset Since, LinkState Link,
    double? Oee, string? Program, long? PartCount, string? Order, string? Operation);
