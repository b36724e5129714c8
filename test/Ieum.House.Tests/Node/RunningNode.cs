using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node;
using Ieum.Node.Store.Config;
using Ieum.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>A whole node in this process, on a free port and a folder of its own.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly SocketsHttpHandler _handler = new() { CookieContainer = new(), AllowAutoRedirect = false };

    private RunningNode(WebApplication app, string folder, NodeAddress address)
    {
        (App, Folder, Address) = (app, folder, address);
#pragma warning disable RS0030 // a test's client has no factory to come from
        Http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new(address.Url) };
#pragma warning restore RS0030
        Http.DefaultRequestHeaders.Add("X-Ieum-Request", "1");
    }

    public WebApplication App { get; }
    public string Folder { get; }
    public NodeAddress Address { get; }
    public HttpClient Http { get; }
    public IServiceProvider Services => App.Services;

    public static async Task<RunningNode> StartAsync(string config = "{}", string? folder = null, Clocks? clocks = null)
    {
        folder ??= Path.Combine(Needs.Scratch, $"node-{Guid.NewGuid():N}");
        NodeAddress? address = null;
        var app = NodeHost.Build(new(ConfigFile.Parse("ieum.json", config), folder, "127.0.0.1", 0, clocks ?? Clocks.Real, a => address = a));
        await NodeHost.StartAsync(app, TestContext.Current.CancellationToken);
        return new(app, folder, address!);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(path, TestContext.Current.CancellationToken);
    public Task<HttpResponseMessage> DeleteAsync(string path) => Http.DeleteAsync(path, TestContext.Current.CancellationToken);
    public Task<HttpResponseMessage> PostAsync<T>(string path, T body) => Http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
    public Task<HttpResponseMessage> PutAsync<T>(string path, T body) => Http.PutAsJsonAsync(path, body, TestContext.Current.CancellationToken);
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Http.SendAsync(request, TestContext.Current.CancellationToken);
    public Task<JsonElement> JsonAsync(string path) => Http.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    /// <summary>Makes the owner through the one-time link's token and signs in as that person.</summary>
    public async Task SignInAsOwnerAsync()
    {
        var desk = (Ieum.Node.Views.IAccountDesk)Services.GetService(typeof(Ieum.Node.Views.IAccountDesk))!;
        var token = Address.OwnerLink![(Address.OwnerLink!.IndexOf("token=", StringComparison.Ordinal) + 6)..];
        Assert.True((await desk.CreateOwnerAsync(token, "owner", "a long password", TestContext.Current.CancellationToken)).Ok);
        var answer = await PostAsync("/api/v1/session", new { user = "owner", password = "a long password" });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>The node's own loops look no more; whoever tests them does.</summary>
    public Task StopLoopsAsync() => Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().Single(s => s is Ieum.Node.Loop.LoopService).StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
