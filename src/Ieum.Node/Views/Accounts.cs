using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>One person who may sign in.</summary>
/// <param name="Role">One of <c>owner</c>, <c>planner</c>, <c>operator</c>, <c>viewer</c>.</param>
public sealed record UserLine(string Name, string Role);

/// <summary>Answer of an account question.</summary>
/// <param name="Rule">Broken rule when refused, for example <c>account-wrong-password</c>; also the key of the translated text.</param>
public sealed record AccountAnswer(bool Ok, string? Rule = null, string Message = "");

/// <summary>What sign-in, first set-up and the user settings ask for.</summary>
public interface IAccountDesk
{
    /// <summary>No owner exists yet: only the one-time link printed on the terminal leads on.</summary>
    Task<bool> NeedsOwnerAsync(CancellationToken cancel);

    /// <summary>Signs in and sets the cookie on the current response; to be called while a plain page is rendered, not from a circuit.</summary>
    Task<AccountAnswer> SignInAsync(string user, string password, bool remember, CancellationToken cancel);
    Task SignOutAsync(CancellationToken cancel);

    /// <summary>Keeps the language with the account of the current request and renews its sign-in; nothing happens for nobody, for the demo owner, and when another site asked.</summary>
    /// <param name="language"><c>ko</c>, <c>ja</c> or <c>en</c>.</param>
    Task KeepLanguageAsync(string language, CancellationToken cancel);

    /// <summary>Creates the owner and signs in; the token of the one-time link works once.</summary>
    Task<AccountAnswer> CreateOwnerAsync(string token, string user, string password, CancellationToken cancel);

    Task<IReadOnlyList<UserLine>> UsersAsync(CancellationToken cancel);

    /// <summary>Adds a person, or changes the role and, when a password is given, the password.</summary>
    Task<AccountAnswer> SaveAsync(UserLine user, string? password, string by, CancellationToken cancel);

    /// <summary>Removes a person; the last owner stays.</summary>
    Task<AccountAnswer> RemoveAsync(string user, string by, CancellationToken cancel);
}

/// <summary>What the loops page reads and decides.</summary>
public interface ILoopDesk
{
    /// <summary>Raised after an entry was added or grew; on any thread.</summary>
    event Action? Changed;

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel);

    /// <summary>Decides an open advice; an accepted one is carried out and its receipt written.</summary>
    /// <exception cref="InvalidOperationException">Unknown number, or already decided.</exception>
    /// <exception cref="Act.LoopRefusedException">The stop switch is set, or the facts are other ones now.</exception>
    Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel) => DecideAsync(number, accepted, by, note, null, cancel);

    /// <param name="way">Kind of the way that is taken; null: the first one. Refused when its time is over.</param>
    Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel);

    /// <summary>Stops what a loop is about to do by itself; an operator may. It costs the loop a level.</summary>
    /// <exception cref="Act.LoopRefusedException">It is not about to do anything.</exception>
    Task<LoopEntry> VetoAsync(long number, string by, string? note, CancellationToken cancel);

    /// <summary>Brings back the plan before an act of a loop, or the value before its write. It costs the loop a level.</summary>
    /// <exception cref="Act.LoopRefusedException">There is nothing to take back, it is too late, or another plan came since.</exception>
    Task<LoopEntry> UndoAsync(long number, string by, CancellationToken cancel);

    /// <summary>How far each loop may act, and how far it is on its way to more.</summary>
    Task<IReadOnlyList<Act.LoopStanding>> StandingsAsync(CancellationToken cancel);

    /// <exception cref="ArgumentException">The loop has no level of its own.</exception>
    /// <exception cref="InvalidOperationException">It only watches already.</exception>
    Task<Act.LoopStanding> LowerAsync(string loop, string by, CancellationToken cancel);

    /// <summary>An owner says how far a loop may rise by what it earns: Ask, ActInsideLimits or ActAndReport.</summary>
    /// <exception cref="ArgumentException">The loop has no level of its own, or that is no level to rise to.</exception>
    Task<Act.LoopStanding> AllowAsync(string loop, AutonomyLevel most, string by, CancellationToken cancel);

    /// <summary>Whether the ledger is what was written.</summary>
    Task<Act.AuditVerdict> VerifyAsync(CancellationToken cancel);
}
