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
    Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel);
}
