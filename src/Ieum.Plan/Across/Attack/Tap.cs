namespace Ieum.Plan.Across;

/// <summary>One exchange as somebody in the middle sees it.</summary>
internal readonly record struct Overheard(int Company, Request Request, Reply Reply);

/// <summary>Writes down what a negotiation says and hears, decoded from the bytes: the material of every attacker.</summary>
internal sealed class Tap
{
    public List<Overheard> Log { get; } = [];

    public void Hear(int company, byte[] request, byte[] reply)
    {
        if (MessageCodec.TryDecode(request, out Request? q) && MessageCodec.TryDecode(reply, out Reply? a)) Log.Add(new(company, q, a));
    }
}
