namespace Ieum.Plan.Across;

/// <summary>One exchange as somebody in the middle sees it.</summary>
internal readonly record struct Overheard(int Company, Request Request, Reply Reply);

/// <summary>Writes down what a negotiation says and hears, decoded from the bytes: the material of every attacker.</summary>
internal sealed class Tap
{
    private readonly List<(int Company, byte[] Request, byte[] Reply)> _heard = [];
    private List<Overheard>? _log;

    /// <summary>All exchanges, decoded when first asked for: listening must not slow down what is listened to. Hundreds of megabytes; <see cref="Replay"/> needs no more than one.</summary>
    public IReadOnlyList<Overheard> Log => _log ??= [.. Replay()];

    /// <summary>The exchanges in order, each decoded when it is its turn.</summary>
    public IEnumerable<Overheard> Replay()
    {
        foreach (var (company, request, reply) in _heard)
            if (MessageCodec.TryDecode(request, out Request? q) && MessageCodec.TryDecode(reply, out Reply? a)) yield return new(company, q, a);
    }

    public void Hear(int company, byte[] request, byte[] reply) => _heard.Add((company, request, reply));
}
