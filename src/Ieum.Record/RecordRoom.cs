using Ieum.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Record;

/// <summary>Puts the Record room into a node.</summary>
public static class RecordRoom
{
    /// <summary>
    /// Adds <see cref="IRecorder"/> (also as writer, history, signal directory and health). The data folder is opened
    /// when the recorder is first asked for, and closed with the container.
    /// </summary>
    /// <param name="configure">Settings; the node binds section <see cref="RecordOptions.Section"/> here.</param>
    public static IServiceCollection AddRecord(this IServiceCollection services, Action<RecordOptions>? configure = null)
    {
        var options = services.AddOptions<RecordOptions>();
        if (configure is not null) options.Configure(configure);
        services.AddSingleton<IValidateOptions<RecordOptions>, RecordOptionsCheck>();
        services.TryAddSingleton(Clocks.Real);
        services.AddSingleton(provider => Recorder.Open(
            provider.GetRequiredService<IOptions<RecordOptions>>().Value,
            provider.GetRequiredService<Clocks>(),
            (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("Ieum.Record")));
        services.AddSingleton<IRecorder>(provider => provider.GetRequiredService<Recorder>());
        services.AddSingleton<IMeasurementWriter>(provider => provider.GetRequiredService<Recorder>());
        services.AddSingleton<IMeasurementHistory>(provider => provider.GetRequiredService<Recorder>());
        services.AddSingleton<ISignalDirectory>(provider => provider.GetRequiredService<Recorder>());
        services.AddSingleton<IRecordUpkeep>(provider => provider.GetRequiredService<Recorder>());
        services.AddSingleton<IRecordHealth>(provider => provider.GetRequiredService<Recorder>());
        return services;
    }
}
