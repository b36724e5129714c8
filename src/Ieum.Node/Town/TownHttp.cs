using System.Text.Json.Nodes;

namespace Ieum.Node.Town;

/// <summary>Speaks JSON with one child of the town over loopback.</summary>
internal sealed class TownHttp : IDisposable
{
    private readonly HttpClient _http;

    public TownHttp(string address)
    {
        var handler = new SocketsHttpHandler { UseCookies = true, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
#pragma warning disable RS0030 // the town's only door to HTTP: it lives as long as the child it speaks with
        _http = new HttpClient(handler) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
#pragma warning restore RS0030
        // The node asks for this header on every change over the API.
        _http.DefaultRequestHeaders.Add("X-Ieum-Request", "1");
    }

    /// <returns>Null when the answer is not a success.</returns>
    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancel)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>(cancel) : null;
    }

    /// <returns>Whether it was accepted, and what was answered.</returns>
    public async Task<(bool Ok, string Answer)> PostAsync(string path, JsonObject body, CancellationToken cancel)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancel);
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancel));
    }

    /// <summary>Asks until the answer is a success.</summary>
    public async Task UntilReadyAsync(string path, ChildProcess child, TimeProvider wire, CancellationToken cancel)
    {
        while (true)
        {
            if (child.HasExited) throw new InvalidOperationException($"{child.Name} ended with code {child.ExitCode}; its log: {child.LogFile}");
            try
            {
                using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet; the next question will tell.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), wire, cancel);
        }
    }

    public void Dispose() => _http.Dispose();
}
