using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Ieum.Ui.Tests;

/// <summary>Keeps what the pages logged as a warning of the renderer or worse, so that a page that broke behind its error text is found.</summary>
internal sealed class ErrorLog : ILoggerProvider
{
    public ConcurrentQueue<string> Errors { get; } = new();
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);
    public void Dispose() { }

    private sealed class Logger(ErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel level) => level >= LogLevel.Error || level == LogLevel.Warning && category.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal);

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> say)
        {
            if (IsEnabled(level)) log.Errors.Enqueue($"{category}: {say(state, error)} {error}");
        }
    }
}
