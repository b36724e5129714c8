namespace Ieum.Node.Security;

internal static partial class Log
{
    [LoggerMessage(9200, LogLevel.Warning, "Sign-in from {Address} refused: {Rule}.")]
    public static partial void SignInRefused(ILogger log, string address, string rule);

    [LoggerMessage(9201, LogLevel.Information, "{User} is {Role} now; saved by {By}.")]
    public static partial void AccountSaved(ILogger log, string user, string role, string by);

    [LoggerMessage(9202, LogLevel.Information, "{User} was removed by {By}.")]
    public static partial void AccountRemoved(ILogger log, string user, string by);
}
