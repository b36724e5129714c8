using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ieum.Node.Push;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ieum.House.Tests.Node;

/// <summary>A push service over HTTP with browsers behind it: checks who sends (RFC 8292) and opens what was sealed (RFC 8291) with the browser's own key.</summary>
internal sealed class FakePushService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Phone> _phones = [];

    internal sealed record Message(string Phone, string Title, string Body, string? Answer, string Topic);

    private sealed record Phone(ECDiffieHellman Key, byte[] Auth);

    private FakePushService(WebApplication app) => _app = app;

    public ConcurrentQueue<Message> Messages { get; } = [];

    /// <summary>What the service answers from now on; 201 takes the message.</summary>
    public int Status { get; set; } = 201;

    /// <summary>What it says beside a refusal about the next try.</summary>
    public string RetryAfter { get; set; } = "";

    /// <summary>Public key that the sender must sign with.</summary>
    public string Sender { get; set; } = "";

    public static async Task<FakePushService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var service = new FakePushService(app);
        app.MapPost("/p/{phone}", service.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    /// <summary>A browser of a person, with keys of its own.</summary>
    public PushSubscription PhoneOf(string user, string language = "en", int? from = null)
    {
        var phone = _phones[user] = new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), RandomNumberGenerator.GetBytes(16));
        return new($"{_app.Urls.First()}/p/{Uri.EscapeDataString(user)}", Base64Url.EncodeToString(PushSeal.PointOf(phone.Key.ExportParameters(false).Q)), Base64Url.EncodeToString(phone.Auth), user, language, from, "test", default);
    }

    public Message[] Taken()
    {
        var all = Messages.OrderBy(m => m.Phone, StringComparer.Ordinal).ToArray();
        Messages.Clear();
        return all;
    }

    private async Task<IResult> TakeAsync(string phone, HttpRequest request)
    {
        if (RetryAfter.Length > 0) request.HttpContext.Response.Headers.RetryAfter = RetryAfter;
        if (Status != 201) return Results.StatusCode(Status);
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        if (request.Headers.ContentEncoding != "aes128gcm" || request.Headers["Urgency"] != "high" || !int.TryParse(request.Headers["TTL"], out var ttl) || ttl <= 0) return Results.BadRequest();
        if (!IsSigned(request.Headers.Authorization.ToString(), Sender, _app.Urls.First())) return Results.StatusCode(403);
        var json = JsonDocument.Parse(Open(memory.ToArray(), _phones[phone])).RootElement;
        Messages.Enqueue(new(phone, json.GetProperty("title").GetString()!, json.GetProperty("body").GetString()!, json.TryGetProperty("answer", out var a) ? a.GetString() : null, request.Headers["Topic"].ToString()));
        return Results.StatusCode(201);
    }

    /// <summary>RFC 8292: a JWT with ES256 over this service's origin, not older than a day, by the key that stands beside it.</summary>
    public static bool IsSigned(string header, string sender, string origin)
    {
        var parts = header["vapid t=".Length..].Split(", k=");
        var words = parts[0].Split('.');
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = PushSeal.PointOf(Base64Url.DecodeFromChars(parts[1])) });
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(words[1])).RootElement;
        return JsonDocument.Parse(Base64Url.DecodeFromChars(words[0])).RootElement.GetProperty("alg").GetString() == "ES256" && parts[1] == sender && claims.GetProperty("aud").GetString() == origin && claims.GetProperty("sub").GetString()!.StartsWith("mailto:", StringComparison.Ordinal)
            && key.VerifyData(Encoding.ASCII.GetBytes($"{words[0]}.{words[1]}"), Base64Url.DecodeFromChars(words[2]), HashAlgorithmName.SHA256);
    }

    private static string Open(byte[] body, Phone phone)
    {
        var (salt, size, sender) = (body[..16], BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)), body[21..86]);
        if (size != 4096 || body[20] != 65) throw new InvalidDataException("not one record with a key of 65 bytes");
        using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = PushSeal.PointOf(sender) });
        var (key, nonce) = PushSeal.KeysOf(phone.Key.DeriveRawSecretAgreement(other.PublicKey), PushSeal.PointOf(phone.Key.ExportParameters(false).Q), sender, phone.Auth, salt);
        var plain = new byte[body.Length - 86 - 16];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(nonce, body.AsSpan(86, plain.Length), body.AsSpan(86 + plain.Length), plain);
        if (plain[^1] != 2) throw new InvalidDataException("the last record is marked by 2");
        return Encoding.UTF8.GetString(plain.AsSpan(0, plain.Length - 1));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
