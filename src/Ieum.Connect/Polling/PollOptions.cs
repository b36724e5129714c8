using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>Options that every polled protocol has; read with the protocol's own by one <see cref="OptionReader"/>.</summary>
internal sealed record PollOptions
{
    public required string Host { get; init; }
    public required int Port { get; init; }

    /// <summary>Datagrams instead of a stream, where the protocol knows both.</summary>
    public bool IsDatagram { get; init; }

    /// <summary><c>timeout</c>: seconds an answer may take, 0.05 to 10. Default 1: serial slaves behind a gateway take some tenths.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>period</c>: seconds between two reads of a point that has no period of its own, 0.01 to 86,400. Default 1.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>max-block</c>: most registers in one read, 1 to 65,535; never above what the protocol allows. Default: that.</summary>
    public int MaxBlock { get; init; } = int.MaxValue;

    /// <summary><c>gap</c>: registers between two points that may be read in vain, 0 to 1,000. Default 8.</summary>
    public int Gap { get; init; } = 8;

    /// <summary><c>one-register</c>: every point in a read of its own, for devices that take nothing else. Default false.</summary>
    public bool OnePointPerRead { get; init; }

    /// <summary><c>heartbeat</c>: seconds after which an unchanged value is passed on again, 1 to 86,400. Default never.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary><c>word-order</c>: order of the bytes in values of 32 and 64 bits: abcd, cdab, badc, dcba.</summary>
    public RegisterOrder WordOrder { get; init; }

    /// <summary><c>byte-order</c>: order of the two bytes of one register, for 16 bit values, bits and texts: ab, ba.</summary>
    public RegisterOrder ByteOrder { get; init; }

    /// <summary>Texts have the other order of bytes than single registers: MELSEC keeps the first character in the low byte.</summary>
    public bool TextsAreSwapped { get; init; }

    /// <summary><c>encoding</c>: of texts: utf-8 (default), cp949, shift_jis.</summary>
    public Encoding Encoding { get; init; } = new UTF8Encoding(false, true);

    /// <summary>For a person who looks once and waits: one slow answer must not pass for a dead device, unless the connection says how long one may take.</summary>
    public PollOptions Patient(ConnectionSettings settings) => settings.Options.ContainsKey("timeout") ? this : this with { Timeout = TimeSpan.FromSeconds(3) };

    /// <param name="word">Order that most devices of the protocol have.</param>
    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong. The caller asks for its own options and then calls <see cref="OptionReader.Finish"/>.</exception>
    public static PollOptions Read(ConnectionSettings settings, OptionReader read, int defaultPort,
        RegisterOrder word = RegisterOrder.Abcd, RegisterOrder bytes = RegisterOrder.Abcd, bool isDatagram = false)
    {
        if (!TryEndpoint(settings.Endpoint, defaultPort, out var host, out var port))
            throw read.WrongEndpoint(FormattableString.Invariant($"host or host:port, for example 192.168.10.21:{defaultPort} or [fe80::1]:{defaultPort}"));
        return new()
        {
            Host = host,
            Port = port,
            IsDatagram = isDatagram,
            Timeout = read.Seconds("timeout", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.05), TimeSpan.FromSeconds(10)),
            Period = read.Seconds("period", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.01), TimeSpan.FromDays(1)),
            MaxBlock = read.Whole("max-block", int.MaxValue, 1, 65_535),
            Gap = read.Whole("gap", 8, 0, 1_000),
            OnePointPerRead = read.Flag("one-register", false),
            Heartbeat = read.Text("heartbeat") is null ? null : read.Seconds("heartbeat", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            WordOrder = Order(read, "word-order", word),
            ByteOrder = Order(read, "byte-order", bytes),
            Encoding = read.Text("encoding", "utf-8").ToUpperInvariant() switch
            {
                "UTF-8" => new UTF8Encoding(false, true),
                "CP949" or "EUC-KR" => CodePagesEncodingProvider.Instance.GetEncoding(949, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!,
                "SHIFT_JIS" or "CP932" => CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!,
                var other => throw read.Wrong("encoding", other, "utf-8, cp949, shift_jis"),
            },
        };
    }

    public RegisterOrder OrderOf(RegisterType type) => type.Order
        ?? (type.Kind == RegisterKind.Text && TextsAreSwapped ? ByteOrder ^ RegisterOrder.Badc : type.Bytes > 2 && type.Kind != RegisterKind.Text ? WordOrder : ByteOrder);

    private static RegisterOrder Order(OptionReader read, string key, RegisterOrder otherwise)
    {
        if (read.Text(key) is not { } text) return otherwise;
        var letters = key == "byte-order" ? 2 : 4;
        return text.Length == letters && RegisterType.TryOrder(text, out var order) ? order : throw read.Wrong(key, text, letters == 2 ? "ab, ba" : "abcd, cdab, badc, dcba");
    }

    private static bool TryEndpoint(string text, int defaultPort, out string host, out int port)
    {
        (host, port) = ("", 0);
        if (text.Contains("://", StringComparison.Ordinal) || !Uri.TryCreate($"poll://{text.Trim()}", UriKind.Absolute, out var uri)) return false;
        if (uri.Host.Length == 0 || uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.UserInfo.Length > 0) return false;
        (host, port) = (uri.IdnHost, uri.Port < 0 ? defaultPort : uri.Port);
        return port > 0;
    }
}
