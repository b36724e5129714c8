using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.Files;

/// <summary>Files dropped into a folder, protocol key <c>files</c>.</summary>
internal sealed class FilesFactory(IOptions<ConnectOptions> connect, Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    public string Protocol => "files";
    public bool TakesPoints => true;

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals) =>
        new FilesSource(settings, FilesOptions.Read(settings), connect.Value.Folder, signals, clocks, logs.CreateLogger<FilesSource>());

    public IMachineSource CreateToLook(ConnectionSettings settings, ISignalDirectory signals) =>
        new FilesSource(settings, FilesOptions.Read(settings), null, signals, clocks, logs.CreateLogger<FilesSource>());

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = FilesOptions.Read(settings);
        if (!Directory.Exists(options.Folder))
            return Task.FromResult(new ConnectionTest(false, FilesRules.FolderMissing, $"Folder '{options.Folder}' is not there. Make it, or correct the address.", []));
        try
        {
            var waiting = options.Found().Count;
            return Task.FromResult(new ConnectionTest(true, null, $"Folder '{options.Folder}' is there; {waiting} files fit '{string.Join(';', options.Patterns)}'.",
                [.. settings.Points.Select(p => new Signal(new(settings.Machine, p.Name), Unit.TryFind(p.Unit, out var unit) ? unit : Unit.One, ValueKind.Real, p.Role, p.Description)).Take(500)]));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult(new ConnectionTest(false, FilesRules.FolderMissing, $"Folder '{options.Folder}': {fault.Message}", []));
        }
    }
}
