using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Host;

internal sealed partial class SparkplugHost
{
    private async ValueTask AnswerAsync(SparkplugAsk ask, CancellationToken cancel)
    {
        var place = _desks.GetValueOrDefault((ask.Lane.Settings.Group, ask.Lane.Settings.Node))?.Find(ask.Lane, ask.Signal);
        switch (ask)
        {
            case SparkplugAsk.Write write:
                write.Answer.TrySetResult(await WriteAsync(write, place, cancel).ConfigureAwait(false));
                break;
            case SparkplugAsk.Look look:
                look.Answer.TrySetResult(_isUp && place is var (scope, slot) && scope.IsBorn && slot is { IsAnnounced: true, HasLast: true, IsMarkedStale: false }
                    ? new(ask.Signal, slot.LastSourceTicks, Now, slot.LastValue, slot.LastQuality) : null);
                break;
            case SparkplugAsk.Births:
                AskRebirth(ask.Lane.Settings.Group, ask.Lane.Settings.Node, "a write is read back");
                break;
        }
    }

    private async ValueTask<WriteAnswer> WriteAsync(SparkplugAsk.Write write, (MetricScope Scope, MetricSlot Slot)? place, CancellationToken cancel)
    {
        var at = $"{write.Lane.Settings.Group}/{write.Lane.Settings.Node}";
        if (place is not var (scope, slot)) return new(false, SparkplugRules.WriteUnknown, $"'{at}' never announced this metric; nothing was written.");
        if (CommandValues.IsControl(slot.Name)) return new(false, SparkplugRules.WriteCommand, $"'{slot.Name}' is a command to the machine; nothing was written.");
        if (!_isUp || !scope.IsBorn || !slot.IsAnnounced)
            return new(false, SparkplugRules.WriteNotBorn, $"'{at}{(scope.Device is { } d ? "/" + d : "")}' is not online now; nothing was written.");
        if (!CommandValues.TryWire(slot.DataType, write.Value, out var value))
            return new(false, SparkplugRules.WriteDoesNotFit, $"'{write.Value}' does not fit {slot.DataType} of '{slot.Name}'; nothing was written.");
        var topic = scope.Device is { } device
            ? SparkplugTopic.Of(MessageKind.DCommand, write.Lane.Settings.Group, write.Lane.Settings.Node, device)
            : SparkplugTopic.OfNodeCommand(write.Lane.Settings.Group, write.Lane.Settings.Node);
        try
        {
            await _transport.PublishAsync(topic, CommandValues.Command(slot, value, write.Lane.Settings.CommandsByName, (ulong)_clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds()), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            return new(false, ConnectRules.Unreachable, $"{_transport.Name}: {e.Message} Whether the machine took the value is not known.");
        }
        // QoS 0, as the standard asks: that it left is all that is known until the machine tells its value.
        return new(true, null, $"'{slot.Name}' = {write.Value} was sent to {topic}.");
    }
}
