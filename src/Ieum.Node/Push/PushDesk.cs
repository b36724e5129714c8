using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Store;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Push;

/// <summary>Keeps the browsers that subscribed and tells them of calls: sealed, signed, again after a failure, never twice the same.</summary>
internal sealed class PushDesk(
    DocumentStore documents, IAndonDesk andon, IAccountDesk accounts, FactoryState factory, IHttpClientFactory clients, IOptions<PushOptions> options, Clocks clocks, ILogger<PushDesk> log)
    : BackgroundService, IPushDesk
{
    public const string Client = "push";
    private const string Keys = "push/keys", Subscriptions = "push/subscriptions", Told = "push/sent";
    private const int MostPerUser = 10, MostTries = 5;
    // As long as a call waits for a phone that is off: after that another shift has it.
    private const int KeepSeconds = 4 * 3600;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromMinutes(10);
    private readonly SemaphoreSlim _turn = new(1, 1), _changing = new(1, 1);
    private readonly List<(PushDue Due, int Tries, DateTimeOffset At)> _again = [];
    private ImmutableArray<PushSubscription> _all = [];
    private ImmutableArray<PushSent> _sent = [];
    private PushKey _key = new("", "");

    public event Action? Changed;

    public bool Enabled => options.Value.Enabled;
    public string PublicKey => _key.Public;
    public ImmutableArray<PushSubscription> Of(string user) => [.. _all.Where(s => s.User == user)];

    public async Task LoadAsync(CancellationToken cancel)
    {
        if (await documents.FindAsync<PushKey>(Keys, cancel) is { } kept) _key = kept;
        else await documents.SaveAsync(Keys, _key = PushKey.Make(), "push", cancel);
        _all = [.. await documents.FindAsync<PushSubscription[]>(Subscriptions, cancel) ?? []];
        _sent = [.. await documents.FindAsync<PushSent[]>(Told, cancel) ?? []];
    }

    public async Task<bool> SubscribeAsync(PushSubscription s, CancellationToken cancel)
    {
        if (!Enabled || !Uri.TryCreate(s.Endpoint, UriKind.Absolute, out var address) || s.Endpoint.Length > 1000 || !options.Value.Allows(address) || s.From is < 0 or > 2 || !AreKeys(s.P256dh, s.Auth)) return false;
        await KeepAsync(all => [.. all.Where(o => o.Endpoint != s.Endpoint && o.User != s.User), .. all.Where(o => o.User == s.User && o.Endpoint != s.Endpoint).TakeLast(MostPerUser - 1), s with { Since = clocks.Factory.GetUtcNow() }], s.User, cancel);
        return true;
    }

    public async Task<bool> RemoveAsync(string user, string endpoint, CancellationToken cancel)
    {
        if (!_all.Any(s => s.User == user && s.Endpoint == endpoint)) return false;
        await KeepAsync(all => [.. all.Where(s => s.User != user || s.Endpoint != endpoint)], user, cancel);
        return true;
    }

    public async Task<int> TryAsync(string user, CancellationToken cancel)
    {
        var taken = 0;
        foreach (var s in Of(user))
        {
            var t = new Texts(CultureInfo.GetCultureInfo(s.Language));
            if (await SendAsync(s, new JsonObject { ["tag"] = "try", ["title"] = t["push.try.title"], ["body"] = t["push.try.body"], ["url"] = "/phone" }, "try", cancel) is { Taken: true }) taken++;
        }
        return taken;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Enabled) return;
        using var timer = new PeriodicTimer(Beat, clocks.Wire);
        try
        {
            do
            {
                try
                {
                    await TurnAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Loop.Log.TurnFailed(log, e, "push");
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    /// <summary>Sends what is due now. What was decided is kept before it is sent: a crash may lose a message, and never tells the same call every second.</summary>
    internal async Task TurnAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var (open, now) = (andon.Open, clocks.Wire.GetUtcNow());
            List<(PushDue Due, int Tries)> jobs = [.. _again.Where(a => a.At <= now).Select(a => (a.Due, a.Tries))];
            _again.RemoveAll(a => a.At <= now);
            if (open.Length > 0 || _sent.Length > 0)
            {
                var roles = (await accounts.UsersAsync(cancel)).ToDictionary(u => u.Name, u => u.Role, StringComparer.Ordinal);
                var (due, sent) = PushPlan.Next(open, _sent, _all, roles);
                if (!sent.SequenceEqual(_sent))
                {
                    _sent = sent;
                    await documents.SaveAsync(Told, sent.ToArray(), "push", cancel);
                }
                jobs.AddRange(due.Select(d => (d, 0)));
            }
            // What became untrue meanwhile is not said any more.
            jobs.RemoveAll(j => j.Due.News == PushNews.Raised && open.All(c => c.Id != j.Due.Call.Id || c.Acknowledged is not null));
            foreach (var failed in await Task.WhenAll(jobs.Select(j => TellAsync(j.Due, j.Tries, cancel)))) if (failed is { } again) _again.Add(again);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<(PushDue, int, DateTimeOffset)?> TellAsync(PushDue due, int tries, CancellationToken cancel)
    {
        if (await SendAsync(due.To, MessageOf(due), due.Call.Id.ToString("N"), cancel) is not { Again: { } wait } || tries + 1 >= MostTries) return null;
        var pause = TimeSpan.FromSeconds(5 * Math.Pow(4, tries));   // 5 s, 20 s, 80 s, 320 s
        return (due, tries + 1, clocks.Wire.GetUtcNow() + (wait > pause ? wait < LongestWait ? wait : LongestWait : pause));
    }

    internal JsonObject MessageOf(PushDue due)
    {
        var (call, t) = (due.Call, new Texts(CultureInfo.GetCultureInfo(due.To.Language)));
        var machine = factory.Company.Machines.FirstOrDefault(m => m.Id == call.Machine) is { } m ? t.Name(m.Name) : call.Machine.Value;
        return new()
        {
            ["tag"] = call.Id.ToString(), ["title"] = $"{machine} · {t[$"andon.{call.Kind}"]}", ["url"] = $"/operator/{Uri.EscapeDataString(call.Machine.Value)}",
            ["body"] = due.News switch
            {
                PushNews.Comes => t["andon.comes", call.AcknowledgedBy],
                PushNews.Solved => t["push.solved"],
                _ => string.Join(" · ", new[] { t["push.raised", t.Clock(call.Raised)], call.Told switch { 1 => t["andon.planner"], 2 => t["andon.owner"], _ => "" } }.Where(w => w.Length > 0)),
            },
            ["quiet"] = due.News != PushNews.Raised,
            ["answer"] = due.MayAnswer ? $"/api/v1/andon/{call.Id}/acknowledge" : null, ["answerWord"] = due.MayAnswer ? t["andon.acknowledge"] : null, ["answered"] = t["push.answered"], ["unanswered"] = t["push.unanswered"],
        };
    }

    /// <param name="Again">How long to wait before trying again at least; null when that is no use.</param>
    private readonly record struct Handed(bool Taken, TimeSpan? Again);

    /// <summary>Hands one message to the browser's push service.</summary>
    private async Task<Handed> SendAsync(PushSubscription to, JsonObject message, string topic, CancellationToken cancel)
    {
        var address = new Uri(to.Endpoint);
        if (!Enabled || !options.Value.Allows(address)) return default;
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new ByteArrayContent(PushSeal.Seal(Encoding.UTF8.GetBytes(message.ToJsonString()), Base64Url.DecodeFromChars(to.P256dh), Base64Url.DecodeFromChars(to.Auth)));
        request.Content.Headers.Add("Content-Encoding", "aes128gcm");
        request.Content.Headers.Add("Content-Type", "application/octet-stream");
        request.Headers.TryAddWithoutValidation("Authorization", Vapid.HeaderFor(address, _key, options.Value.Contact, clocks.Wire.GetUtcNow()));
        request.Headers.Add("TTL", KeepSeconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Urgency", "high");
        request.Headers.Add("Topic", topic);   // a newer message about the same call takes the place of one that still waits (RFC 8030 section 5.4)
        try
        {
            using var client = clients.CreateClient(Client);
            using var answer = await client.SendAsync(request, cancel);
            if (answer.IsSuccessStatusCode) return new(true, null);
            Log.PushRefused(log, address.Host, (int)answer.StatusCode, to.User);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                await RemoveAsync(to.User, to.Endpoint, cancel);   // the browser or its user took it back (RFC 8030 section 7.3)
                return default;
            }
            return new(false, answer.StatusCode == HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500 ? WaitOf(answer.Headers.RetryAfter) : null);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            Log.PushUnreachable(log, address.Host, e.Message);
            return new(false, TimeSpan.Zero);
        }
    }

    /// <summary>A service names seconds or a time of day (RFC 9110 section 10.2.3); nothing where it names neither.</summary>
    private TimeSpan WaitOf(RetryConditionHeaderValue? after) =>
        after?.Delta ?? (after?.Date - clocks.Wire.GetUtcNow() is { } until && until > TimeSpan.Zero ? until : TimeSpan.Zero);

    private async Task KeepAsync(Func<ImmutableArray<PushSubscription>, ImmutableArray<PushSubscription>> change, string by, CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel);
        try
        {
            var next = change(_all);
            await documents.SaveAsync(Subscriptions, next.ToArray(), by, cancel);
            _all = next;
        }
        finally
        {
            _changing.Release();
        }
        Changed?.Invoke();
    }

    private static bool AreKeys(string point, string auth)
    {
        try
        {
            if (Base64Url.DecodeFromChars(auth).Length != PushSeal.AuthLength) return false;
            using var key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = PushSeal.PointOf(Base64Url.DecodeFromChars(point)) });
            return true;
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        _changing.Dispose();
        base.Dispose();
    }
}
