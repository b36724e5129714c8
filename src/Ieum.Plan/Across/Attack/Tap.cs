namespace Ieum.Plan.Across;

/// <summary>One exchange as somebody in the middle sees it.</summary>
internal readonly record struct Overheard(int Company, Request Request, Reply Reply);

/// <summary>Writes down what a negotiation says and hears, decoded from the bytes: the material of every attacker.</summary>
internal sealed class Tap
{
    private readonly List<(int Company, byte[] Request, byte[] Reply)> _heard = [];
    private readonly List<Overheard> _log = [];

    /// <summary>Decoded when first asked for: listening must not slow down what is listened to.</summary>
    public IReadOnlyList<Overheard> Log
    {
        get
        {
            foreach (var (company, request, reply) in _heard)
                if (MessageCodec.TryDecode(request, out Request? q) && MessageCodec.TryDecode(reply, out Reply? a)) _log.Add(new(company, q, a));
            _heard.Clear();
            return _log;
        }
    }

    public void Hear(int company, byte[] request, byte[] reply) => _heard.Add((company, request, reply));
}
