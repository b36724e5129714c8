using Ieum.Model;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Formatter;

namespace Ieum.Connect.Broker;

/// <summary>Which MQTT an outside broker understands: 5, because only that says how long a session is kept and how much may be under way, else 3.1.1.</summary>
/// <remarks>One per connection to a broker; what was understood once is spoken from then on.</remarks>
internal sealed class MqttDialect(Clocks clocks)
{
    /// <summary>Return code 1 of MQTT 3.1.1 (3.2.2.3), unacceptable protocol level, read as a code of version 5, where it means nothing.</summary>
    private const MqttClientConnectResultCode OldRefusal = (MqttClientConnectResultCode)1;

    private MqttProtocolVersion? _understood;

    /// <summary>Connects within the usual limit.</summary>
    /// <param name="options">The options for a version; asked again for the older one when the newer was not understood.</param>
    public async Task<MqttClientConnectResultCode> ConnectAsync(IMqttClient client, Func<MqttProtocolVersion, MqttClientOptions> options, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        MqttClientConnectResultCode code;
        try
        {
            code = (await client.ConnectAsync(options(_understood ?? MqttProtocolVersion.V500), both.Token).ConfigureAwait(false)).ResultCode;
            if (code == OldRefusal) code = MqttClientConnectResultCode.UnsupportedProtocolVersion;
            if (code != MqttClientConnectResultCode.UnsupportedProtocolVersion) _understood ??= MqttProtocolVersion.V500;
        }
        // The way stands and the greeting failed: the other answer of an old broker is to close the connection.
        catch (MqttConnectingFailedException) when (_understood is null && !both.IsCancellationRequested)
        {
            code = MqttClientConnectResultCode.UnsupportedProtocolVersion;
        }
        if (code != MqttClientConnectResultCode.UnsupportedProtocolVersion || _understood is not null) return code;
        code = (await client.ConnectAsync(options(MqttProtocolVersion.V311), both.Token).ConfigureAwait(false)).ResultCode;
        if (code == MqttClientConnectResultCode.Success) _understood = MqttProtocolVersion.V311;
        return code;
    }
}
