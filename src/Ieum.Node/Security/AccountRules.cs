namespace Ieum.Node.Security;

/// <summary>Rules of sign-in and accounts.</summary>
public static class AccountRules
{
    public const string WrongPassword = "account-wrong-password";
    public const string LockedOut = "account-locked-out";
    public const string TooManyTries = "account-too-many-tries";
    public const string OwnerLinkSpent = "account-owner-link-spent";
    public const string WeakPassword = "account-weak-password";
    public const string WrongName = "account-wrong-name";
    public const string UnknownRole = "account-unknown-role";
    public const string UnknownUser = "account-unknown-user";
    public const string LastOwner = "account-last-owner";
    public const string NeedsPassword = "account-needs-password";
    public const string MissingHeader = "account-missing-header";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [WrongPassword] = "Name or password is wrong.",
        [LockedOut] = "Too many wrong passwords; the account is closed for five minutes.",
        [TooManyTries] = "Too many sign-ins from this address; wait a minute.",
        [OwnerLinkSpent] = "This link was used or is too old; start the node again for a new one.",
        [WeakPassword] = "The password is too weak: at least 10 characters.",
        [WrongName] = "This name cannot be used or is taken.",
        [UnknownRole] = "There is no such role.",
        [UnknownUser] = "There is no such person.",
        [LastOwner] = "The last owner cannot be removed or demoted.",
        [NeedsPassword] = "A new person needs a password.",
        [MissingHeader] = "Changes over the API need the header X-Ieum-Request: 1.",
    };
}
